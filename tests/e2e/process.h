#ifndef ATTUNE_TESTS_E2E_PROCESS_H_
#define ATTUNE_TESTS_E2E_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace attune {

struct ProcessOptions {
  std::map<std::string, std::string> env;  // besides what the test has
  std::string directory;                   // to run in; empty: the test's own
  // The most bytes it may write into a file; 0: no limit. Writing more fails
  // as on a disk that is full.
  int64_t file_size_limit = 0;
  // The most bytes of addresses that it may have; 0: no limit. More memory is
  // refused to it.
  int64_t memory_limit = 0;
  // The most files and connections that it may have open; 0: no limit.
  int64_t descriptor_limit = 0;
};

// A real program, started as a child. Its end is awaited, and if it does not
// come the child is killed, so that no test leaves one behind. Thread-safe.
class Process {
 public:
  // `argv[0]` without a slash is one of Attune's programs from the build.
  explicit Process(std::vector<std::string> argv,
                   const ProcessOptions& options = {});
  ~Process();

  // Waits until a whole line of the log (stderr) contains `text`, and returns
  // the first such line. nullopt if the process ended or two minutes passed
  // without one.
  std::optional<std::string> WaitForLog(absl::string_view text);

  // As above, of lines after the first `skip` that match.
  std::optional<std::string> WaitForLog(absl::string_view text, int skip);

  void Signal(int signal);

  // Waits for its end, two minutes at most. The exit code, or 128 + the signal;
  // -1 if it goes on.
  int Wait();

  pid_t pid() const { return pid_; }
  std::string Output() const;  // stdout so far
  std::string Log() const;     // stderr so far

 private:
  void Collect(int fd, std::string* text, bool* closed);
  bool FindLine(absl::string_view text, int skip, std::string* line) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  pid_t pid_ = -1;
  mutable absl::Mutex mutex_;
  std::string output_ ABSL_GUARDED_BY(mutex_);
  std::string log_ ABSL_GUARDED_BY(mutex_);
  bool output_closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool log_closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<int> exit_code_ ABSL_GUARDED_BY(mutex_);
  std::thread output_thread_;
  std::thread log_thread_;
  std::thread wait_thread_;
};

struct Finish {
  int exit_code = 0;
  std::string output;
  std::string log;
};

// Runs a program to its end.
Finish RunProgram(std::vector<std::string> argv,
                  const ProcessOptions& options = {});

// A folder of its own for a test, removed with all that is in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::string path(absl::string_view name) const;
  // Writes a file of that name and returns its path.
  std::string Write(absl::string_view name, absl::string_view text) const;

 private:
  std::string root_;
};

// The value of `key` in a line of `key=value` pairs; empty if it is not there.
std::string LogValue(absl::string_view line, absl::string_view key);

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_PROCESS_H_
