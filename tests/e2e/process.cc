#include "tests/e2e/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/check.h"

namespace attune {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(2);

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe MakePipe() {
  std::array<int, 2> fds;
  ATTUNE_CHECK(pipe2(fds.data(), O_CLOEXEC) == 0);
  return {fds[0], fds[1]};
}

// In the child, between fork and exec: only what is safe there.
void Limit(__rlimit_resource resource, int64_t most) {
  if (most == 0) return;
  const auto limit = static_cast<rlim_t>(most);
  const rlimit limits = {limit, limit};
  setrlimit(resource, &limits);
}

[[noreturn]] void Exec(const std::vector<char*>& argv,
                       const std::vector<char*>& env,
                       const ProcessOptions& options, int out, int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (options.file_size_limit > 0) signal(SIGXFSZ, SIG_IGN);
  Limit(RLIMIT_FSIZE, options.file_size_limit);
  Limit(RLIMIT_AS, options.memory_limit);
  Limit(RLIMIT_NOFILE, options.descriptor_limit);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (options.directory.empty() || chdir(options.directory.c_str()) == 0) {
    execve(argv[0], argv.data(), env.data());
  }
  _exit(127);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const ProcessOptions& options) {
  std::vector<std::string> env;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name =
        std::string(*entry).substr(0, std::string(*entry).find('='));
    if (options.env.count(name) == 0) env.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.env) {
    env.push_back(absl::StrCat(name, "=", value));
  }
  return env;
}

}  // namespace

Process::Process(std::vector<std::string> argv, const ProcessOptions& options) {
  if (!absl::StrContains(argv[0], '/')) {
    argv[0] = absl::StrCat(ATTUNE_BIN_DIR, "/", argv[0]);
  }
  std::vector<std::string> env = Environment(options);
  const std::vector<char*> argv_pointers = Pointers(argv);
  const std::vector<char*> env_pointers = Pointers(env);
  const Pipe out = MakePipe();
  const Pipe err = MakePipe();
  pid_ = fork();
  ATTUNE_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    Exec(argv_pointers, env_pointers, options, out.write, err.write);
  }
  close(out.write);
  close(err.write);
  output_thread_ = std::thread(
      [this, out] { Collect(out.read, &output_, &output_closed_); });
  log_thread_ =
      std::thread([this, err] { Collect(err.read, &log_, &log_closed_); });
  wait_thread_ = std::thread([this] {
    siginfo_t info = {};
    ATTUNE_CHECK(
        waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) == 0);
    const absl::MutexLock lock(&mutex_);  // so that Signal() finds no other
    int status = 0;
    ATTUNE_CHECK(waitpid(pid_, &status, 0) == pid_);
    exit_code_ =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  });
}

Process::~Process() {
  Signal(SIGKILL);
  wait_thread_.join();
  output_thread_.join();
  log_thread_.join();
}

void Process::Collect(int fd, std::string* text, bool* closed) {
  std::array<char, 4096> buffer;
  ssize_t n = 0;
  while ((n = read(fd, buffer.data(), buffer.size())) > 0) {
    const absl::MutexLock lock(&mutex_);
    text->append(buffer.data(), static_cast<size_t>(n));
  }
  close(fd);
  const absl::MutexLock lock(&mutex_);
  *closed = true;
}

bool Process::FindLine(absl::string_view text, int skip,
                       std::string* line) const {
  std::vector<std::string> lines = absl::StrSplit(log_, '\n');
  lines.pop_back();  // what follows the last newline is not whole yet
  for (std::string& candidate : lines) {
    if (absl::StrContains(candidate, text) && skip-- == 0) {
      *line = std::move(candidate);
      return true;
    }
  }
  return false;
}

std::optional<std::string> Process::WaitForLog(absl::string_view text) {
  return WaitForLog(text, 0);
}

std::optional<std::string> Process::WaitForLog(absl::string_view text,
                                               int skip) {
  std::string line;
  const auto found_or_closed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return FindLine(text, skip, &line) || log_closed_;
  };
  const absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&found_or_closed), kPatience);
  if (!FindLine(text, skip, &line)) return std::nullopt;
  return line;
}

void Process::Signal(int signal) {
  const absl::MutexLock lock(&mutex_);
  // Once it was waited for, its pid may be somebody else's.
  if (!exit_code_.has_value()) kill(pid_, signal);
}

int Process::Wait() {
  const absl::MutexLock lock(&mutex_);
  const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return exit_code_.has_value() && log_closed_ && output_closed_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&ended), kPatience);
  return exit_code_.value_or(-1);
}

std::string Process::Output() const {
  const absl::MutexLock lock(&mutex_);
  return output_;
}

std::string Process::Log() const {
  const absl::MutexLock lock(&mutex_);
  return log_;
}

Finish RunProgram(std::vector<std::string> argv,
                  const ProcessOptions& options) {
  Process process(std::move(argv), options);
  const int exit_code = process.Wait();
  return {exit_code, process.Output(), process.Log()};
}

TempDir::TempDir() {
  // mkdtemp wants six of them at the end.
  std::string pattern = "/tmp/attune-e2e-" + std::string(6, 'X');
  ATTUNE_CHECK(mkdtemp(pattern.data()) != nullptr);
  root_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string TempDir::path(absl::string_view name) const {
  return absl::StrCat(root_, "/", name);
}

std::string TempDir::Write(absl::string_view name,
                           absl::string_view text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

std::string LogValue(absl::string_view line, absl::string_view key) {
  for (const absl::string_view field : absl::StrSplit(line, ' ')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(field, absl::MaxSplits('=', 1));
    if (pair.first == key) return std::string(pair.second);
  }
  return "";
}

}  // namespace attune
