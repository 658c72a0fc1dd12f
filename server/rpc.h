#ifndef ATTUNE_SERVER_RPC_H_
#define ATTUNE_SERVER_RPC_H_

#include <google/protobuf/message.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/rpc_bytes.h"
#include "server/rpc_queue.h"
#include "server/rpc_stream.h"

// gRPC's completion queue, its tags and its cancellations stay in here. The
// services are registered raw: the bytes of a request are parsed by us, since
// gRPC answers INTERNAL to those it cannot parse.
namespace attune {

// One unary call, from its acceptance to the end of its answer.
class RpcCall;

// The duty to answer one call. Usable from any thread; also after the client
// has gone, when the answer leads nowhere.
class RpcAnswer {
 public:
  explicit RpcAnswer(RpcCall* call) : call_(call) {}
  RpcAnswer(RpcAnswer&& other) noexcept
      : call_(std::exchange(other.call_, nullptr)) {}
  RpcAnswer& operator=(RpcAnswer&&) = delete;
  // Answers INTERNAL if nobody answered: that is a bug.
  ~RpcAnswer();

  // Says whether the client has hung up, from any thread, until the answer.
  // Never true unless the method was registered with `watch_cancellation`.
  std::function<bool()> CancellationCheck() const;

  // REQUIRES: not answered yet.
  void Send(const google::protobuf::Message& response);
  void Fail(const absl::Status& status);

 private:
  RpcCall* call_;
};

struct RpcMethod {
  using Writer = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
  // Takes the queue of the call's end and that of its arrival.
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, Writer*,
                     grpc::CompletionQueue*, grpc::ServerCompletionQueue*,
                     void* tag)>
      accept;
  std::function<void(grpc::ByteBuffer*, RpcAnswer)> handle;
  bool watch_cancellation = false;
  size_t max_request_bytes = 0;
  int64_t* endings_expected = nullptr;  // counted on the polling thread
};

struct RpcOptions {
  // How many calls of each method wait at gRPC's door at the same time.
  int accepts_per_method = 64;
  size_t max_request_bytes = 4 << 20;
};

// Serves methods over completion queues with one polling thread, which is the
// fastest that gRPC 1.51 has (its callback API serves half as many). Handlers
// run on that thread and must not block.
class RpcServer {
 public:
  // Adds the queues to `builder`.
  RpcServer(RpcOptions options, grpc::ServerBuilder& builder);
  // Stops.
  ~RpcServer();

  // Calls `handler(const Request&, RpcAnswer)` for each call of the method that
  // `accept`, one of the Request...() of the generated raw `service`, takes
  // calls of. `service` must outlive this.
  template <typename Request, typename Service, typename Base, typename Handler>
  void Unary(Service* service,
             void (Base::*accept)(grpc::ServerContext*, grpc::ByteBuffer*,
                                  RpcMethod::Writer*, grpc::CompletionQueue*,
                                  grpc::ServerCompletionQueue*, void*),
             Handler handler, bool watch_cancellation = false) {
    Add({.accept =
             [service, accept](
                 grpc::ServerContext* context, grpc::ByteBuffer* request,
                 RpcMethod::Writer* writer, grpc::CompletionQueue* endings,
                 grpc::ServerCompletionQueue* arrivals, void* tag) {
               (service->*accept)(context, request, writer, endings, arrivals,
                                  tag);
             },
         .handle =
             [handler = std::move(handler)](grpc::ByteBuffer* bytes,
                                            RpcAnswer answer) {
               Request request;
               const absl::Status status = ParseRequest(bytes, request);
               if (!status.ok()) return answer.Fail(status);
               handler(request, std::move(answer));
             },
         .watch_cancellation = watch_cancellation});
  }

  // Likewise for calls that are answered with a stream:
  // `handler(const Request&, RpcStream)`.
  template <typename Request, typename Service, typename Base, typename Handler>
  void Stream(Service* service,
              void (Base::*accept)(grpc::ServerContext*, grpc::ByteBuffer*,
                                   RpcStreamMethod::Writer*,
                                   grpc::CompletionQueue*,
                                   grpc::ServerCompletionQueue*, void*),
              Handler handler) {
    Add({.accept =
             [service, accept](grpc::ServerContext* context,
                               grpc::ByteBuffer* request,
                               RpcStreamMethod::Writer* writer,
                               grpc::ServerCompletionQueue* queue, void* tag) {
               (service->*accept)(context, request, writer, queue, queue, tag);
             },
         .handle =
             [handler = std::move(handler)](grpc::ByteBuffer* bytes,
                                            RpcStream stream) {
               Request request;
               const absl::Status status = ParseRequest(bytes, request);
               if (!status.ok()) return stream.End(status);
               handler(request, std::move(stream));
             }});
  }

  // Calls `read` on the polling thread after it has handled all that had come,
  // so that what the handlers gathered goes on in one piece. REQUIRES: not
  // started.
  void AfterReading(std::function<void()> read) { read_ = std::move(read); }

  // Starts to accept calls and the polling thread. REQUIRES: the builder's
  // server has been started.
  void Start();

  // Waits for the answers that are still to come, also to clients who have
  // gone, and stops the polling thread. REQUIRES: the builder's server is shut
  // down or was never started.
  void Stop();

 private:
  void Add(RpcMethod method);
  void Add(RpcStreamMethod method);
  void Poll();
  // Handles what comes next in the first queue, and all that has come by then;
  // gives up after a while if there are endings to look for. Returns false once
  // the queue has ended.
  bool HandleArrivals();
  void HandleEndings();

  const RpcOptions options_;
  RpcQueue queue_;
  std::function<void()> read_;
  int64_t endings_expected_ = 0;  // in the second queue
  std::vector<std::unique_ptr<RpcMethod>> methods_;
  std::vector<std::unique_ptr<RpcStreamMethod>> stream_methods_;
  std::thread thread_;
  bool stopped_ = false;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_RPC_H_
