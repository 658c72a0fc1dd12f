#ifndef ATTUNE_CLIENT_LOCAL_CLUSTER_H_
#define ATTUNE_CLIENT_LOCAL_CLUSTER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/child_process.h"
#include "client/scratch_directory.h"

namespace attune {

struct LocalCoordinatorOptions {
  std::string program;   // the path of attuned
  std::string database;  // the path of the file
  bool read_only = false;
  // Where its log goes; empty: to a file that is removed at the end.
  std::string log_path;
  // Asked while it starts; once it says true, there is no more waiting.
  std::function<bool()> interrupted;
};

// An attuned of one's own, on a Unix socket in a temporary directory. It ends
// with this object.
class LocalCoordinator {
 public:
  // Returns when it takes calls. If it does not start, the error has the end of
  // its log, and the log can be removed. CANCELLED if it was interrupted.
  static absl::StatusOr<std::unique_ptr<LocalCoordinator>> Start(
      const LocalCoordinatorOptions& options);
  ~LocalCoordinator();
  LocalCoordinator(const LocalCoordinator&) = delete;
  LocalCoordinator& operator=(const LocalCoordinator&) = delete;

  const std::string& address() const { return address_; }

  // An error with the end of its log if it runs no more.
  absl::Status CheckRunning();

 private:
  LocalCoordinator(std::unique_ptr<ScratchDirectory> directory,
                   const std::string& log_path);
  absl::Status CheckRunning(bool log_stays);

  const std::unique_ptr<ScratchDirectory> directory_;
  const std::string address_;
  const bool log_stays_;
  const std::string log_path_;
  std::unique_ptr<ChildProcess> process_;
};

struct WorkerPoolOptions {
  std::vector<std::string> command;  // of one worker
  int count = 1;
  std::string log_path;  // of all of them
};

// Worker processes of one's own. One that dies is started again, a few times;
// one that leaves of itself, since it has nothing to do, is not.
class WorkerPool {
 public:
  static absl::StatusOr<std::unique_ptr<WorkerPool>> Start(
      const WorkerPoolOptions& options);

  // To be called now and then. An error with the end of the log if workers have
  // died too often.
  absl::Status Watch();

  // Whether none runs any more.
  bool HaveEnded();

  // Whether one of them, by the name it gives itself, runs the trials of
  // `worker`: `here:1234.1` has the process 1234.
  bool Has(absl::string_view worker) const;

  // Waits until none runs; returns whether that is so within `timeout`.
  bool WaitFor(absl::Duration timeout);

  // To each: once it finishes its trials and leaves, twice it hands them back.
  void Terminate();
  void Kill();

 private:
  explicit WorkerPool(WorkerPoolOptions options)
      : options_(std::move(options)) {}
  absl::Status StartOne();

  const WorkerPoolOptions options_;
  std::vector<std::unique_ptr<ChildProcess>> workers_;
  int deaths_ = 0;
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_LOCAL_CLUSTER_H_
