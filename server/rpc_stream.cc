#include "server/rpc_stream.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "core/check.h"
#include "core/mutex.h"
#include "proto/grpc_status.h"
#include "server/rpc_bytes.h"
#include "server/rpc_tag.h"

namespace attune {
// It keeps itself alive until nothing of it is pending in the queue.
class RpcStreamCall {
 public:
  static void Accept(const RpcStreamMethod* method, RpcQueue* queue) {
    const auto call = std::make_shared<RpcStreamCall>(method, queue);
    {
      MutexLock lock(&call->mutex_);
      call->self_ = call;
    }
    method->accept(&call->context_, &call->request_, &call->writer_,
                   queue->arrivals(), &call->accepted_tag_);
  }

  RpcStreamCall(const RpcStreamMethod* method, RpcQueue* queue)
      : method_(method), queue_(queue) {
    queue->Enter();
    context_.AsyncNotifyWhenDone(&done_tag_);
  }

  void SetCancelled(std::function<void()> cancelled)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(const google::protobuf::Message& message,
             std::function<void(bool)> written) ABSL_LOCKS_EXCLUDED(mutex_);
  void Cancel() { context_.TryCancel(); }
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void OnAccepted(bool ok) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnded(bool /*ok*/) { Release(); }
  void OnDone(bool ok) ABSL_LOCKS_EXCLUDED(mutex_);
  void Release() ABSL_LOCKS_EXCLUDED(mutex_);

  const RpcStreamMethod* const method_;
  RpcQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  RpcStreamMethod::Writer writer_{&context_};
  RpcTag accepted_tag_ =
      MakeTag<RpcStreamCall, &RpcStreamCall::OnAccepted>(this);
  RpcTag written_tag_ = MakeTag<RpcStreamCall, &RpcStreamCall::OnWritten>(this);
  RpcTag ended_tag_ = MakeTag<RpcStreamCall, &RpcStreamCall::OnEnded>(this);
  RpcTag done_tag_ = MakeTag<RpcStreamCall, &RpcStreamCall::OnDone>(this);
  Mutex mutex_;
  std::shared_ptr<RpcStreamCall> self_ ABSL_GUARDED_BY(mutex_);
  std::function<void(bool)> written_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> cancelled_ ABSL_GUARDED_BY(mutex_);
  bool is_cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_ended_ ABSL_GUARDED_BY(mutex_) = false;
  int pending_ ABSL_GUARDED_BY(mutex_) = 0;  // of ended and done
};

void RpcStreamCall::OnAccepted(bool ok) {
  std::shared_ptr<RpcStreamCall> self;
  {
    MutexLock lock(&mutex_);
    // If the server shuts down `done` will not come.
    self = ok ? self_ : std::exchange(self_, nullptr);
    pending_ = 2;
  }
  if (!ok) return queue_->Leave();
  Accept(method_, queue_);
  method_->handle(&request_, RpcStream(std::move(self)));
}

void RpcStreamCall::SetCancelled(std::function<void()> cancelled) {
  {
    MutexLock lock(&mutex_);
    if (!is_cancelled_) {
      cancelled_ = std::move(cancelled);
      return;
    }
  }
  cancelled();
}

void RpcStreamCall::Write(const google::protobuf::Message& message,
                          std::function<void(bool)> written) {
  {
    MutexLock lock(&mutex_);
    ATTUNE_CHECK(written_ == nullptr && !is_ended_);
    written_ = std::move(written);
  }
  writer_.Write(ToBytes(message), &written_tag_);
}

void RpcStreamCall::OnWritten(bool ok) {
  std::function<void(bool)> written;
  {
    MutexLock lock(&mutex_);
    written = std::exchange(written_, nullptr);
  }
  written(ok);
}

void RpcStreamCall::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    ATTUNE_CHECK(written_ == nullptr && !is_ended_);
    is_ended_ = true;
    cancelled_ = nullptr;
  }
  writer_.Finish(ToGrpc(status), &ended_tag_);
}

void RpcStreamCall::OnDone(bool /*ok*/) {
  std::function<void()> cancelled;
  {
    MutexLock lock(&mutex_);
    is_cancelled_ = true;
    cancelled = std::exchange(cancelled_, nullptr);
  }
  if (cancelled != nullptr) cancelled();
  Release();
}

void RpcStreamCall::Release() {
  std::shared_ptr<RpcStreamCall> self;  // goes after the lock
  {
    MutexLock lock(&mutex_);
    if (--pending_ > 0) return;
    self = std::exchange(self_, nullptr);
  }
  queue_->Leave();
}

void RpcStream::Accept(const RpcStreamMethod* method, RpcQueue* queue) {
  RpcStreamCall::Accept(method, queue);
}

void RpcStream::OnCancelled(std::function<void()> cancelled) {
  call_->SetCancelled(std::move(cancelled));
}

void RpcStream::Write(const google::protobuf::Message& message,
                      std::function<void(bool ok)> written) {
  call_->Write(message, std::move(written));
}

void RpcStream::Cancel() { call_->Cancel(); }

void RpcStream::End(const absl::Status& status) { call_->End(status); }

}  // namespace attune
