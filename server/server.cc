#include "server/server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "core/database_lock.h"
#include "core/log.h"
#include "core/status_macros.h"
#include "server/acceptor.h"
#include "server/coordinator.h"
#include "server/coordinator_loop.h"
#include "server/dispatcher.h"
#include "server/health_service.h"
#include "server/listen.h"
#include "server/postbag.h"
#include "server/reader_pool.h"
#include "server/rpc.h"
#include "server/server_status.h"
#include "server/study_queries.h"
#include "server/study_service.h"
#include "server/timed_storage.h"
#include "server/watch_hub.h"
#include "server/worker_service.h"
#include "storage/sqlite_storage.h"

namespace attune {
namespace {

constexpr int kReaders = 2;
constexpr absl::Duration kPollPause = absl::Seconds(1);

// How long calls that are being answered may take when the server stops; what
// is left then are streams of the reflection service.
constexpr absl::Duration kDrainTime = absl::Seconds(2);

// A client that has vanished with its network is found out by pings after this
// long, so that it is not given a trial it waited for.
constexpr int kPingAfterMs = 20'000;
constexpr int kPingTimeoutMs = 10'000;
constexpr int kMinClientPingMs = 5'000;

// The endpoints of `address` that this machine has. A host may stand for one
// that it has not (`localhost` for ::1), as long as there is another.
absl::StatusOr<std::vector<Endpoint>> UsableEndpoints(
    const std::string& address, bool replace_stale_socket) {
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Endpoint> endpoints,
                          ResolveListenAddress(address));
  std::vector<Endpoint> usable;
  absl::Status problem;
  for (Endpoint& endpoint : endpoints) {
    const absl::Status status = CheckEndpoint(endpoint, replace_stale_socket);
    if (absl::IsAlreadyExists(status)) return status;
    if (status.ok()) {
      usable.push_back(std::move(endpoint));
    } else {
      problem = status;
    }
  }
  if (usable.empty()) return problem;
  return usable;
}

// As a client finds it that runs in another directory.
std::string FromAnywhere(const std::string& address) {
  absl::string_view path = address;
  if (!absl::ConsumePrefix(&path, "unix:")) return address;
  std::error_code error;
  const auto absolute = std::filesystem::absolute(std::string(path), error);
  return error ? address : absl::StrCat("unix:", absolute.string());
}

void LogGrpc(gpr_log_func_args* args) {
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR
                             ? LogLevel::kWarning
                             : LogLevel::kDebug;
  Log(level, "grpc", {{"message", args->message}});
}

void LogProtobuf(google::protobuf::LogLevel /*level*/, const char* /*file*/,
                 int /*line*/, const std::string& message) {
  // What it says about a caller's bytes is answered to the caller.
  Log(LogLevel::kDebug, "protobuf", {{"message", message}});
}

void Configure(grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kPingAfterMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Also by a connection on which nothing else is said for hours.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinClientPingMs);
  // Only reflection is served by gRPC's own threads.
  using Option = grpc::ServerBuilder::SyncServerOption;
  builder.SetSyncServerOption(Option::NUM_CQS, 1);
  builder.SetSyncServerOption(Option::MIN_POLLERS, 1);
  builder.SetSyncServerOption(Option::MAX_POLLERS, 1);
}

}  // namespace

// All that a server is made of, in the order in which it starts.
class Server::Parts {
 public:
  explicit Parts(ServerOptions options)
      : options_(std::move(options)),
        clock_(options_.clock != nullptr ? options_.clock : &system_clock_) {}
  ~Parts() { Shutdown(); }

  absl::Status CheckOptions();
  absl::Status OpenDatabase();
  absl::Status Serve();
  void Shutdown();
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  absl::Status Bind();

  const ServerOptions options_;
  SystemClock system_clock_;
  Clock* const clock_;
  std::unique_ptr<DatabaseLock> lock_;
  std::unique_ptr<TimedStorage> storage_;
  std::unique_ptr<StudyQueries> queries_;
  std::unique_ptr<ReaderPool> readers_;
  std::unique_ptr<WatchHub> watches_;
  std::unique_ptr<CoordinatorLoop> loop_;  // none if read-only
  std::unique_ptr<Postbag> postbag_;
  std::unique_ptr<ServerStatusSource> status_;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<grpc::Service> study_service_;
  std::unique_ptr<grpc::Service> worker_service_;
  std::atomic<bool> serving_ = false;
  std::unique_ptr<grpc::Service> health_service_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> door_;
  std::unique_ptr<grpc::Server> grpc_;
  std::unique_ptr<Acceptor> acceptor_;
  std::vector<std::string> addresses_;
  std::vector<std::string> socket_files_;
};

// What can be seen to fail before anything is made.
absl::Status Server::Parts::CheckOptions() {
  // Whoever holds the database is the better error, and holds our addresses
  // too, if they are the same.
  const auto holder = ReadDatabaseLock(options_.database);
  const bool is_held = holder.ok() && holder->has_value();
  for (const std::string& address : options_.listen) {
    ATTUNE_RETURN_IF_ERROR(
        is_held && !options_.read_only
            ? ResolveListenAddress(address).status()
            : UsableEndpoints(address, !options_.read_only).status());
  }
  if (options_.read_only) return absl::OkStatus();
  return SqliteStorage::CheckFile(options_.database);
}

absl::Status Server::Parts::OpenDatabase() {
  if (!options_.read_only) {
    ATTUNE_ASSIGN_OR_RETURN(lock_, DatabaseLock::Acquire(options_.database));
  }
  ATTUNE_ASSIGN_OR_RETURN(
      std::unique_ptr<SqliteStorage> database,
      SqliteStorage::Open(options_.database,
                          {.read_only = options_.read_only}));
  if (lock_ != nullptr) ATTUNE_RETURN_IF_ERROR(lock_->LockFile());
  storage_ = std::make_unique<TimedStorage>(std::move(database), clock_);
  queries_ = std::make_unique<StudyQueries>(storage_.get());
  readers_ = std::make_unique<ReaderPool>(kReaders);
  // Whoever writes a file that is only read here does not tell.
  watches_ = std::make_unique<WatchHub>(
      queries_.get(), readers_.get(),
      WatchOptions{.poll = options_.read_only ? kPollPause
                                              : absl::InfiniteDuration()});
  if (options_.read_only) return absl::OkStatus();
  ATTUNE_ASSIGN_OR_RETURN(
      std::unique_ptr<Coordinator> coordinator,
      Coordinator::Open(
          storage_.get(),
          {.lease_duration = options_.lease_duration,
           .committed =
               [watches = watches_.get()](const std::set<StudyId>& studies) {
                 watches->Notify(studies);
               }},
          clock_->Now()));
  loop_ = std::make_unique<CoordinatorLoop>(std::move(coordinator), clock_);
  return absl::OkStatus();
}

absl::Status Server::Parts::Bind() {
  for (const std::string& address : options_.listen) {
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<Endpoint> endpoints,
                            UsableEndpoints(address, lock_ != nullptr));
    for (const Endpoint& endpoint : endpoints) {
      ATTUNE_ASSIGN_OR_RETURN(const Endpoint bound,
                              acceptor_->Listen(endpoint));
      addresses_.push_back(bound.Name());
      if (!bound.unix_path.empty()) socket_files_.push_back(bound.unix_path);
    }
  }
  return absl::OkStatus();
}

absl::Status Server::Parts::Serve() {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  Configure(builder);
  using Door = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  door_ = builder.experimental().AddExternalConnectionAcceptor(
      Door::FROM_FD, grpc::InsecureServerCredentials());
  acceptor_ = std::make_unique<Acceptor>([door = door_.get()](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        connection;
    connection.fd = fd;
    door->HandleNewConnection(&connection);
  });
  ATTUNE_RETURN_IF_ERROR(Bind());
  rpc_ = std::make_unique<RpcServer>(RpcOptions(), builder);
  status_ = std::make_unique<ServerStatusSource>(
      ServerFacts{.database = options_.database,
                  .read_only = options_.read_only,
                  .start_time = clock_->Now()},
      loop_.get(), storage_.get(), watches_.get());
  if (loop_ != nullptr) {
    postbag_ = std::make_unique<Postbag>(loop_.get());
    rpc_->AfterReading([postbag = postbag_.get()] { postbag->Carry(); });
  }
  Dispatcher dispatcher(rpc_.get(), postbag_.get(), queries_.get(),
                        readers_.get(), watches_.get(), status_.get());
  study_service_ = MakeStudyService(dispatcher);
  worker_service_ = MakeWorkerService(dispatcher);
  health_service_ = MakeHealthService(
      *rpc_, {"attune.v1.StudyService", "attune.v1.WorkerService"}, &serving_);
  builder.RegisterService(study_service_.get());
  builder.RegisterService(worker_service_.get());
  builder.RegisterService(health_service_.get());
  grpc_ = builder.BuildAndStart();
  if (grpc_ == nullptr) return absl::UnavailableError("gRPC did not start");
  status_->SetAddresses(addresses_);
  rpc_->Start();
  acceptor_->Start();
  serving_.store(true);
  if (lock_ == nullptr) return absl::OkStatus();
  std::vector<std::string> reachable;
  for (const std::string& address : addresses_) {
    reachable.push_back(FromAnywhere(address));
  }
  return lock_->SetAddresses(reachable);
}

void Server::Parts::Shutdown() {
  serving_.store(false);
  if (acceptor_ != nullptr) acceptor_->Stop();
  // From here on every call is answered at once, so that gRPC has nothing to
  // wait for.
  if (loop_ != nullptr) loop_->Close();
  if (watches_ != nullptr) watches_->Close();
  if (readers_ != nullptr) readers_->Close();
  if (grpc_ != nullptr)
    grpc_->Shutdown(absl::ToChronoTime(absl::Now() + kDrainTime));
  if (rpc_ != nullptr) rpc_->Stop();
  acceptor_.reset();
  grpc_.reset();
  door_.reset();
  rpc_.reset();
  status_.reset();
  postbag_.reset();
  for (const std::string& path : socket_files_) unlink(path.c_str());
  socket_files_.clear();
  loop_.reset();
  watches_.reset();
  readers_.reset();
  queries_.reset();
  storage_.reset();
  lock_.reset();
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  ATTUNE_RETURN_IF_ERROR(parts->CheckOptions());
  ATTUNE_RETURN_IF_ERROR(parts->OpenDatabase());
  ATTUNE_RETURN_IF_ERROR(parts->Serve());
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

const std::vector<std::string>& Server::addresses() const {
  return parts_->addresses();
}

void Server::Shutdown() { parts_->Shutdown(); }

void RouteLibraryLogs() {
  gpr_set_log_function(&LogGrpc);
  google::protobuf::SetLogHandler(&LogProtobuf);
}

}  // namespace attune
