#include "server/rpc.h"

#include <grpc/support/time.h>

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "proto/grpc_status.h"
#include "server/rpc_bytes.h"
#include "server/rpc_tag.h"

namespace attune {
namespace {

// At most so many events are handled before what was gathered goes on.
constexpr int kMostEvents = 256;

// How long an ending may lie there if nothing arrives.
constexpr int64_t kEndingPatienceMs = 50;

gpr_timespec Within(int64_t milliseconds) {
  return gpr_time_from_millis(milliseconds, GPR_TIMESPAN);
}

// Not a span of 0 ms, which gRPC rounds up.
gpr_timespec Now() { return gpr_inf_past(GPR_CLOCK_MONOTONIC); }

}  // namespace

// It belongs to itself: it lives from Accept() until nothing of it is pending
// in the queue. All but the answering happens on the polling thread.
class RpcCall {
 public:
  static void Accept(const RpcMethod* method, RpcQueue* queue) {
    auto* call = new RpcCall(method, queue);
    // News of a client that has hung up must not wait.
    grpc::CompletionQueue* ending =
        method->watch_cancellation ? queue->arrivals() : queue->endings();
    method->accept(&call->context_, &call->request_, &call->writer_, ending,
                   queue->arrivals(), &call->accepted_);
  }

  bool IsCancelled() const { return cancelled_.load(); }
  void Send(const grpc::ByteBuffer& bytes) {
    writer_.Finish(bytes, grpc::Status::OK, &answered_);
  }
  void Fail(const absl::Status& status) {
    writer_.FinishWithError(ToGrpc(status), &answered_);
  }

 private:
  RpcCall(const RpcMethod* method, RpcQueue* queue)
      : method_(method), queue_(queue) {
    queue->Enter();
    if (method->watch_cancellation) context_.AsyncNotifyWhenDone(&done_);
  }
  ~RpcCall() { queue_->Leave(); }

  void OnAccepted(bool ok) {
    if (!ok) {  // The server shuts down; `done_` will not come.
      delete this;
      return;
    }
    Accept(method_, queue_);
    pending_ = method_->watch_cancellation ? 2 : 1;
    if (!method_->watch_cancellation) ++*method_->endings_expected;
    RpcAnswer answer(this);
    if (request_.Length() > method_->max_request_bytes) {
      answer.Fail(Error(absl::StatusCode::kResourceExhausted, reason::kTooLarge,
                        absl::StrCat("found a request of ", request_.Length(),
                                     " bytes, expected at most ",
                                     method_->max_request_bytes)));
      return;
    }
    method_->handle(&request_, std::move(answer));
  }
  void OnDone(bool /*ok*/) {
    cancelled_.store(context_.IsCancelled());
    Release();
  }
  void OnAnswered(bool /*ok*/) { Release(); }

  void Release() {
    if (--pending_ == 0) delete this;
  }

  const RpcMethod* const method_;
  RpcQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  RpcMethod::Writer writer_{&context_};
  RpcTag accepted_ = MakeTag<RpcCall, &RpcCall::OnAccepted>(this);
  RpcTag done_ = MakeTag<RpcCall, &RpcCall::OnDone>(this);
  RpcTag answered_ = MakeTag<RpcCall, &RpcCall::OnAnswered>(this);
  int pending_ = 0;  // of done_ and answered_, those still to come
  std::atomic<bool> cancelled_ = false;
};

RpcAnswer::~RpcAnswer() {
  if (call_ != nullptr) Fail(absl::InternalError("the call was not answered"));
}

std::function<bool()> RpcAnswer::CancellationCheck() const {
  ATTUNE_CHECK(call_ != nullptr);
  return [call = call_] { return call->IsCancelled(); };
}

void RpcAnswer::Send(const google::protobuf::Message& response) {
  ATTUNE_CHECK(call_ != nullptr);
  std::exchange(call_, nullptr)->Send(ToBytes(response));
}

void RpcAnswer::Fail(const absl::Status& status) {
  ATTUNE_CHECK(call_ != nullptr && !status.ok());
  std::exchange(call_, nullptr)->Fail(status);
}

RpcServer::RpcServer(RpcOptions options, grpc::ServerBuilder& builder)
    : options_(options),
      queue_(builder.AddCompletionQueue(),
             builder.AddCompletionQueue(/*is_frequently_polled=*/false)) {
  // Twice as much, so that the answer to what is a little too much is ours.
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(2 * options.max_request_bytes));
}

RpcServer::~RpcServer() { Stop(); }

void RpcServer::Add(RpcMethod method) {
  ATTUNE_CHECK(!thread_.joinable());
  method.max_request_bytes = options_.max_request_bytes;
  method.endings_expected = &endings_expected_;
  methods_.push_back(std::make_unique<RpcMethod>(std::move(method)));
}

void RpcServer::Add(RpcStreamMethod method) {
  ATTUNE_CHECK(!thread_.joinable());
  stream_methods_.push_back(
      std::make_unique<RpcStreamMethod>(std::move(method)));
}

void RpcServer::Start() {
  for (const auto& method : methods_) {
    for (int i = 0; i < options_.accepts_per_method; ++i) {
      RpcCall::Accept(method.get(), &queue_);
    }
  }
  for (const auto& method : stream_methods_) {
    for (int i = 0; i < options_.accepts_per_method; ++i) {
      RpcStream::Accept(method.get(), &queue_);
    }
  }
  thread_ = std::thread([this] { Poll(); });
}

void RpcServer::Stop() {
  if (std::exchange(stopped_, true)) return;
  queue_.Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Poll();  // A queue must be empty when it goes, also an unused one.
  }
}

void RpcServer::Poll() {
  while (HandleArrivals()) HandleEndings();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.endings()->Next(&tag, &ok)) {
  }
}

bool RpcServer::HandleArrivals() {
  gpr_timespec deadline = endings_expected_ > 0
                              ? Within(kEndingPatienceMs)
                              : gpr_inf_future(GPR_CLOCK_MONOTONIC);
  auto next = grpc::CompletionQueue::GOT_EVENT;
  for (int i = 0; i < kMostEvents; ++i) {
    void* tag = nullptr;
    bool ok = false;
    next = queue_.arrivals()->AsyncNext(&tag, &ok, deadline);
    if (next != grpc::CompletionQueue::GOT_EVENT) break;
    const auto* event = static_cast<RpcTag*>(tag);
    event->happened(event->call, ok);
    deadline = Now();
  }
  if (read_ != nullptr) read_();
  return next != grpc::CompletionQueue::SHUTDOWN;
}

void RpcServer::HandleEndings() {
  void* tag = nullptr;
  bool ok = false;
  while (endings_expected_ > 0 &&
         queue_.endings()->AsyncNext(&tag, &ok, Now()) ==
             grpc::CompletionQueue::GOT_EVENT) {
    --endings_expected_;
    const auto* event = static_cast<RpcTag*>(tag);
    event->happened(event->call, ok);
  }
}

}  // namespace attune
