#ifndef ATTUNE_SERVER_DISPATCHER_H_
#define ATTUNE_SERVER_DISPATCHER_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/error.h"
#include "server/command.h"
#include "server/postbag.h"
#include "server/reader_pool.h"
#include "server/rpc.h"
#include "server/server_status.h"
#include "server/study_queries.h"
#include "server/watch_hub.h"

namespace attune {

// Takes the ways that a call can go: through the coordinator, if it changes
// something, to a reading thread, or among those who watch. With it, a service
// is a table of its methods. All that it is given must outlive the RpcServer.
class Dispatcher {
 public:
  template <typename Base>
  using Accept = void (Base::*)(grpc::ServerContext*, grpc::ByteBuffer*,
                                RpcMethod::Writer*, grpc::CompletionQueue*,
                                grpc::ServerCompletionQueue*, void*);

  // Without a `postbag`, calls that change something are refused: READ_ONLY.
  Dispatcher(RpcServer* rpc, Postbag* postbag, const StudyQueries* queries,
             ReaderPool* readers, WatchHub* watches,
             const ServerStatusSource* status)
      : rpc_(rpc),
        postbag_(postbag),
        queries_(queries),
        readers_(readers),
        watches_(watches),
        status_(status) {}

  // Request -> command -> coordinator -> reply -> response. `may_wait` says
  // that the answer can take so long that the caller goes meanwhile.
  template <typename Request, typename Response, typename Service,
            typename Base>
  void Change(Service* service, Accept<Base> accept,
              absl::StatusOr<Command> (*decode)(const Request&),
              Response (*encode)(const Reply&), bool may_wait = false) {
    auto handle = [postbag = postbag_, decode, encode](const Request& request,
                                                       RpcAnswer answer) {
      if (postbag == nullptr) return answer.Fail(ReadOnly());
      absl::StatusOr<Command> command = decode(request);
      if (!command.ok()) return answer.Fail(command.status());
      std::function<bool()> abandoned = answer.CancellationCheck();
      postbag->Add({.command = *std::move(command),
                    .done =
                        [encode, answer = std::move(answer)](
                            absl::StatusOr<Reply> reply) mutable {
                          if (!reply.ok()) return answer.Fail(reply.status());
                          answer.Send(encode(*reply));
                        },
                    .abandoned = std::move(abandoned)});
    };
    rpc_->Unary<Request>(service, accept, std::move(handle), may_wait);
  }

  // Request -> storage -> response.
  template <typename Service, typename Base, typename Request,
            typename Response>
  void Read(Service* service, Accept<Base> accept,
            absl::StatusOr<Response> (StudyQueries::*read)(const Request&)
                const) {
    auto handle = [queries = queries_, readers = readers_, read](
                      const Request& request, RpcAnswer answer) {
      readers->Run([queries, read, request, answer = std::move(answer)](
                       const absl::Status& status) mutable {
        if (!status.ok()) return answer.Fail(status);
        const absl::StatusOr<Response> response = (queries->*read)(request);
        if (!response.ok()) return answer.Fail(response.status());
        answer.Send(*response);
      });
    };
    rpc_->Unary<Request>(service, accept, std::move(handle));
  }

  template <typename Service, typename Base>
  void Watch(Service* service,
             void (Base::*accept)(grpc::ServerContext*, grpc::ByteBuffer*,
                                  RpcStreamMethod::Writer*,
                                  grpc::CompletionQueue*,
                                  grpc::ServerCompletionQueue*, void*)) {
    rpc_->Stream<v1::WatchStudyRequest>(
        service, accept,
        [watches = watches_](const v1::WatchStudyRequest& request,
                             RpcStream stream) {
          watches->Add(request, std::move(stream));
        });
  }

  template <typename Service, typename Base>
  void Status(Service* service, Accept<Base> accept) {
    rpc_->Unary<v1::GetServerStatusRequest>(
        service, accept,
        [status = status_](const v1::GetServerStatusRequest& /*request*/,
                           RpcAnswer answer) {
          status->Answer(std::move(answer));
        });
  }

 private:
  static absl::Status ReadOnly() {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly,
                 "this coordinator serves its database for reading only");
  }

  RpcServer* const rpc_;
  Postbag* const postbag_;
  const StudyQueries* const queries_;
  ReaderPool* const readers_;
  WatchHub* const watches_;
  const ServerStatusSource* const status_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_DISPATCHER_H_
