#ifndef ATTUNE_CLIENT_CHILD_PROCESS_H_
#define ATTUNE_CLIENT_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace attune {

// A program that this process started. It has no terminal: it reads nothing,
// what it writes is appended to files, and it is in a process group of its own,
// so that Ctrl-C does not reach it. It never outlives this process: the kernel
// kills it when the thread that started it ends.
class ChildProcess {
 public:
  // `command` is the path of the program and its arguments. Both its outputs
  // go to `log_path`, or what is for stderr to `error_path`, unless that is
  // empty. Only the main thread may start children, as it is the one that lives
  // longest.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::vector<std::string>& command, const std::string& log_path,
      const std::string& error_path = "");

  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // Whether it has ended by now, or does so within `timeout`.
  bool HasEnded();
  bool WaitFor(absl::Duration timeout);

  // Nothing happens if it has ended.
  void Signal(int signal);

  // How it ended: `ended with exit code 1`, `was killed by signal 9 (Killed)`.
  // REQUIRES: HasEnded().
  std::string HowItEnded() const;
  // REQUIRES: HasEnded().
  bool Succeeded() const;
  bool WasKilled() const;  // by a signal

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}

  const pid_t pid_;
  std::optional<int> end_;  // as waitpid() gives it
};

// The path of one of our programs: beside the program that runs, else in PATH.
absl::StatusOr<std::string> FindProgram(const std::string& name);

// The last lines of a log file, for messages; empty if it cannot be read.
std::string LastLines(const std::string& path, int count);

}  // namespace attune

#endif  // ATTUNE_CLIENT_CHILD_PROCESS_H_
