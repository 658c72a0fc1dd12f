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

// Two completion queues and how many calls may still put something into them.
// gRPC aborts the process if one does so once a queue is shut down, and a
// server that is shut down waits for no call whose client has gone. Safe for
// concurrent use.
//
// What comes into the first wakes the polling thread. What comes into the
// second waits until that thread is awake anyway: nobody waits for the news
// that an answer is sent, and waking a thread costs more than sending.
class RpcQueue {
 public:
  RpcQueue(std::unique_ptr<grpc::ServerCompletionQueue> arrivals,
           std::unique_ptr<grpc::ServerCompletionQueue> endings)
      : arrivals_(std::move(arrivals)), endings_(std::move(endings)) {}

  grpc::ServerCompletionQueue* arrivals() const { return arrivals_.get(); }
  grpc::ServerCompletionQueue* endings() const { return endings_.get(); }

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

  // Waits until every call is over, then lets both queues end once they have
  // given out what there is. REQUIRES: no call will begin.
  void Shutdown() ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      MutexLock lock(&mutex_);
      while (calls_ > 0) empty_news_.Wait(&mutex_);
    }
    arrivals_->Shutdown();
    endings_->Shutdown();
  }

 private:
  const std::unique_ptr<grpc::ServerCompletionQueue> arrivals_;
  const std::unique_ptr<grpc::ServerCompletionQueue> endings_;
  Mutex mutex_;
  CondVar empty_news_;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_RPC_QUEUE_H_
