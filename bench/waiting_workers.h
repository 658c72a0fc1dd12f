#ifndef ATTUNE_BENCH_WAITING_WORKERS_H_
#define ATTUNE_BENCH_WAITING_WORKERS_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {

// A trial that one of them was given, and when it heard of it.
struct GivenTrial {
  size_t worker = 0;
  v1::LeaseToken token;
  absl::Time time;
};

// Workers that wait for trials of a study, each in a call of its own over one
// of a few connections. One whose wait ends without a trial waits again. All of
// them take one thread. Thread-safe.
class WaitingWorkers {
 public:
  struct Options {
    std::string address;
    std::string study;  // a resource name
    int count = 1;
    int connections = 1;
  };

  // All of them ask.
  explicit WaitingWorkers(Options options);
  // Hangs up.
  ~WaitingWorkers();

  // The next trial that one of them is given. DEADLINE_EXCEEDED if none comes
  // for a minute; or the error of one that was not answered well.
  absl::StatusOr<GivenTrial> Take();

  // Lets one that was given a trial, which it no longer holds, ask again.
  void AskAgain(size_t worker);

 private:
  struct Call;

  void Ask(size_t worker) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Poll();
  void Receive(size_t worker, absl::Time now);

  const Options options_;
  std::vector<std::unique_ptr<v1::WorkerService::Stub>> stubs_;
  grpc::CompletionQueue queue_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Call>> calls_ ABSL_GUARDED_BY(mutex_);
  std::deque<GivenTrial> given_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  int64_t asking_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace attune

#endif  // ATTUNE_BENCH_WAITING_WORKERS_H_
