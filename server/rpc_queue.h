#ifndef ATTUNE_SERVER_RPC_QUEUE_H_
#define ATTUNE_SERVER_RPC_QUEUE_H_

#include <grpcpp/completion_queue.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "core/check.h"
#include "core/mutex.h"

namespace attune {

// A completion queue and how many calls may still put something into it. gRPC
// aborts the process if one does so once the queue is shut down, and a server
// that is shut down waits for no call whose client has gone. Safe for
// concurrent use.
class RpcQueue {
 public:
  explicit RpcQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : queue_(std::move(queue)) {}

  grpc::ServerCompletionQueue* get() const { return queue_.get(); }

  // A call begins, and is over: nothing of it will be put into the queue.
  void Enter() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(&mutex_);
    ++calls_;
  }
  void Leave() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(&mutex_);
    ATTUNE_CHECK(calls_ > 0);
    if (--calls_ == 0) empty_news_.NotifyAll();
  }

  // Waits until every call is over, then lets Next() return false once it has
  // given out what there is. REQUIRES: no call will begin.
  void Shutdown() ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      MutexLock lock(&mutex_);
      while (calls_ > 0) empty_news_.Wait(&mutex_);
    }
    queue_->Shutdown();
  }

 private:
  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  Mutex mutex_;
  CondVar empty_news_;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_RPC_QUEUE_H_
