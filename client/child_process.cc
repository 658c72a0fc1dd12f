#include "client/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stop_token>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/check.h"
#include "core/clock.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// What the child still has to do before it is the other program. Only calls
// that are safe after fork() in a process with threads.
[[noreturn]] void BecomeProgram(char* const* arguments, int null_fd, int log_fd,
                                int stderr_fd, pid_t parent, int error_fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(null_fd, STDIN_FILENO);
  dup2(log_fd, STDOUT_FILENO);
  dup2(stderr_fd, STDERR_FILENO);
  execv(arguments[0], arguments);
  const int error = errno;
  // If this fails as well, the parent takes it for a start and sees the end.
  if (write(error_fd, &error, sizeof(error)) < 0) _exit(1);
  _exit(1);
}

bool IsProgram(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) &&
         access(path.c_str(), X_OK) == 0;
}

absl::Status SystemError(absl::string_view what, int error) {
  return absl::InternalError(absl::StrCat(what, ": ", std::strerror(error)));
}

// A file descriptor that is closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

absl::StatusOr<std::unique_ptr<Descriptor>> OpenLog(const std::string& path) {
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd >= 0) return std::make_unique<Descriptor>(fd);
  return SystemError(absl::StrCat("cannot write the log file ", path), errno);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::vector<std::string>& command, const std::string& log_path,
    const std::string& error_path) {
  ATTUNE_CHECK(!command.empty());
  const Descriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ATTUNE_ASSIGN_OR_RETURN(const auto log, OpenLog(log_path));
  ATTUNE_ASSIGN_OR_RETURN(const auto errors,
                          OpenLog(error_path.empty() ? log_path : error_path));
  // The child writes errno into the pipe if it cannot become the program;
  // becoming it closes the pipe.
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return SystemError("cannot make a pipe", errno);
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  std::vector<char*> arguments;
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return SystemError("cannot start a process", errno);
  if (pid == 0) {
    BecomeProgram(arguments.data(), null.get(), log->get(), errors->get(),
                  parent, write_end.get());
  }
  std::unique_ptr<ChildProcess> child(new ChildProcess(pid));
  write_end.Close();
  int error = 0;
  ssize_t size = 0;
  do {
    size = read(read_end.get(), &error, sizeof(error));
  } while (size < 0 && errno == EINTR);
  if (size == static_cast<ssize_t>(sizeof(error))) {
    return SystemError(absl::StrCat("cannot start ", command[0]), error);
  }
  return child;
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  if (!end_.has_value()) waitpid(pid_, nullptr, 0);
}

bool ChildProcess::HasEnded() {
  if (end_.has_value()) return true;
  int end = 0;
  const pid_t found = waitpid(pid_, &end, WNOHANG);
  if (found == pid_) end_ = end;
  // It is nobody's child any more: whoever waited for it knows how it ended.
  if (found < 0 && errno == ECHILD) end_ = 0;
  return end_.has_value();
}

bool ChildProcess::WaitFor(absl::Duration timeout) {
  SteadyClock clock;
  const absl::Time deadline = clock.Now() + timeout;
  constexpr absl::Duration kPause = absl::Milliseconds(5);
  while (!HasEnded() && clock.Now() < deadline) {
    clock.SleepUntil(std::min(deadline, clock.Now() + kPause),
                     std::stop_token());
  }
  return HasEnded();
}

void ChildProcess::Signal(int signal) {
  if (!HasEnded()) kill(pid_, signal);
}

std::string ChildProcess::HowItEnded() const {
  ATTUNE_CHECK(end_.has_value());
  if (WIFSIGNALED(*end_)) {
    return absl::StrCat("was killed by signal ", WTERMSIG(*end_), " (",
                        strsignal(WTERMSIG(*end_)), ")");
  }
  return absl::StrCat("ended with exit code ", WEXITSTATUS(*end_));
}

bool ChildProcess::WasKilled() const {
  return end_.has_value() && WIFSIGNALED(*end_);
}

bool ChildProcess::Succeeded() const {
  ATTUNE_CHECK(end_.has_value());
  return WIFEXITED(*end_) && WEXITSTATUS(*end_) == 0;
}

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string beside = self.parent_path() / name;
  if (!error && IsProgram(beside)) return beside;
  const char* path = std::getenv("PATH");
  for (const absl::string_view folder :
       absl::StrSplit(path == nullptr ? "" : path, ':')) {
    const std::string candidate =
        absl::StrCat(folder.empty() ? "." : folder, "/", name);
    if (IsProgram(candidate)) return candidate;
  }
  return absl::NotFoundError(absl::StrCat("cannot find the program `", name,
                                          "`, neither beside ", self.string(),
                                          " nor in PATH"));
}

std::string LastLines(const std::string& path, int count) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return "";
  constexpr std::streamoff kMostBytes = 16384;
  const std::streamoff size = in.tellg();
  const std::streamoff start = std::max<std::streamoff>(0, size - kMostBytes);
  std::string text(static_cast<size_t>(size - start), '\0');
  in.seekg(start);
  in.read(text.data(), size - start);
  text.resize(static_cast<size_t>(in.gcount()));
  std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  if (start > 0 && !lines.empty()) lines.erase(lines.begin());  // not whole
  const size_t kept =
      std::min(lines.size(), static_cast<size_t>(std::max(count, 0)));
  return absl::StrJoin(lines.end() - static_cast<std::ptrdiff_t>(kept),
                       lines.end(), "\n");
}

}  // namespace attune
