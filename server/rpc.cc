#include "server/rpc.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "proto/grpc_status.h"

namespace attune {
namespace {

constexpr int kSlice = 1 << 20;  // the most bytes of an answer in one piece

}  // namespace

// What a completion queue hands back: which call, and what happened to it.
struct RpcTag {
  RpcCall* call;
  void (RpcCall::*happened)(bool ok);
};

// It belongs to itself: it lives from Accept() until nothing of it is pending
// in the queue. All but the answering happens on the polling thread.
class RpcCall {
 public:
  static void Accept(const RpcMethod* method,
                     grpc::ServerCompletionQueue* queue) {
    auto* call = new RpcCall(method, queue);
    method->accept(&call->context_, &call->request_, &call->writer_, queue,
                   &call->accepted_);
  }

  bool IsCancelled() const { return cancelled_.load(); }
  void Send(const grpc::ByteBuffer& bytes) {
    writer_.Finish(bytes, grpc::Status::OK, &answered_);
  }
  void Fail(const absl::Status& status) {
    writer_.FinishWithError(ToGrpc(status), &answered_);
  }

 private:
  RpcCall(const RpcMethod* method, grpc::ServerCompletionQueue* queue)
      : method_(method), queue_(queue) {
    if (method->watch_cancellation) context_.AsyncNotifyWhenDone(&done_);
  }

  void OnAccepted(bool ok) {
    if (!ok) {  // The server shuts down; `done_` will not come.
      delete this;
      return;
    }
    Accept(method_, queue_);
    pending_ = method_->watch_cancellation ? 2 : 1;
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
  grpc::ServerCompletionQueue* const queue_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  RpcMethod::Writer writer_{&context_};
  RpcTag accepted_{this, &RpcCall::OnAccepted};
  RpcTag done_{this, &RpcCall::OnDone};
  RpcTag answered_{this, &RpcCall::OnAnswered};
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
  grpc::ByteBuffer bytes;
  bool written = false;
  {
    grpc::ProtoBufferWriter writer(&bytes, kSlice,
                                   static_cast<int>(response.ByteSizeLong()));
    written = response.SerializeToZeroCopyStream(&writer);
  }
  ATTUNE_CHECK(written);
  std::exchange(call_, nullptr)->Send(bytes);
}

void RpcAnswer::Fail(const absl::Status& status) {
  ATTUNE_CHECK(call_ != nullptr && !status.ok());
  std::exchange(call_, nullptr)->Fail(status);
}

RpcServer::RpcServer(RpcOptions options, grpc::ServerBuilder& builder)
    : options_(options), queue_(builder.AddCompletionQueue()) {
  // Twice as much, so that the answer to what is a little too much is ours.
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(2 * options.max_request_bytes));
}

RpcServer::~RpcServer() { Stop(); }

void RpcServer::Add(RpcMethod method) {
  ATTUNE_CHECK(!thread_.joinable());
  method.max_request_bytes = options_.max_request_bytes;
  methods_.push_back(std::make_unique<RpcMethod>(std::move(method)));
}

void RpcServer::Start() {
  for (const auto& method : methods_) {
    for (int i = 0; i < options_.accepts_per_method; ++i) {
      RpcCall::Accept(method.get(), queue_.get());
    }
  }
  thread_ = std::thread([this] { Poll(); });
}

void RpcServer::Stop() {
  if (std::exchange(stopped_, true)) return;
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Poll();  // A queue must be empty when it goes, also an unused one.
  }
}

void RpcServer::Poll() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    const auto* event = static_cast<RpcTag*>(tag);
    (event->call->*event->happened)(ok);
  }
}

absl::Status RpcServer::ParseRequest(grpc::ByteBuffer* bytes,
                                     google::protobuf::Message& request) {
  grpc::ProtoBufferReader reader(bytes);
  if (reader.status().ok() && request.ParseFromZeroCopyStream(&reader)) {
    return absl::OkStatus();
  }
  return InvalidFields(
      {{.field = "request",
        .description =
            absl::StrCat("found bytes that are not a ", request.GetTypeName(),
                         ", or a text that is not UTF-8")}});
}

}  // namespace attune
