#ifndef ATTUNE_SERVER_RPC_STREAM_H_
#define ATTUNE_SERVER_RPC_STREAM_H_

#include <google/protobuf/message.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/rpc_queue.h"

namespace attune {

class RpcStream;
class RpcStreamCall;

struct RpcStreamMethod {
  using Writer = grpc::ServerAsyncWriter<grpc::ByteBuffer>;
  std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, Writer*,
                     grpc::ServerCompletionQueue*, void* tag)>
      accept;
  std::function<void(grpc::ByteBuffer*, RpcStream)> handle;
};

// A call that is answered with many messages, one at a time: it holds none but
// the one that is being sent. Whoever was given it must end it, also when it is
// cancelled. Callbacks come on the polling thread and must not block; the
// methods may be called from any thread.
class RpcStream {
 public:
  explicit RpcStream(std::shared_ptr<RpcStreamCall> call)
      : call_(std::move(call)) {}

  // Takes one call of the method, and then the next.
  static void Accept(const RpcStreamMethod* method, RpcQueue* queue);

  // Calls `cancelled` once when the client has gone, or the server ends, before
  // the stream was ended; at once if that is so already.
  void OnCancelled(std::function<void()> cancelled);

  // Calls `written` when there is room for the next message; with false if the
  // client has gone. REQUIRES: no message is being sent, and End() was not
  // called.
  void Write(const google::protobuf::Message& message,
             std::function<void(bool ok)> written);

  // As if the client had gone: a message that is being sent is given up.
  void Cancel();

  // REQUIRES: as Write().
  void End(const absl::Status& status);

 private:
  std::shared_ptr<RpcStreamCall> call_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_RPC_STREAM_H_
