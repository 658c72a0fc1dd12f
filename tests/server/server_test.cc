#include "server/server.h"

#include <grpcpp/generic/generic_stub.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/database_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/health.grpc.pb.h"
#include "tests/server/running_server.h"

namespace attune {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

class ServerTest : public RunningServerTest {
 protected:
  absl::StatusOr<HealthCheckResponse> Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    auto stub = Health::NewStub(client_->channel);
    return Call(*stub, &Health::Stub::Check, request);
  }
};

// ---- health and reflection
// ----------------------------------------------------

TEST_F(ServerTest, IsHealthyAsAWholeAndInItsServices) {
  for (const char* service :
       {"", "attune.v1.StudyService", "attune.v1.WorkerService"}) {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto health, Check(service));
    EXPECT_EQ(health.status(), HealthCheckResponse::SERVING) << service;
  }
  EXPECT_THAT(Check("no.such.Service"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ServerTest, ReflectionListsBothServices) {
  grpc::GenericStub stub(client_->channel);
  grpc::ClientContext context;
  context.set_deadline(TestDeadline());
  grpc::CompletionQueue queue;
  void* tag = nullptr;
  bool ok = false;
  auto stream = stub.PrepareCall(
      &context,
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  stream->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::Slice list_services("\x3a\x01*");  // ServerReflectionRequest, field 7
  stream->Write(grpc::ByteBuffer(&list_services, 1), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer answer;
  stream->Read(&answer, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::Slice bytes;
  ASSERT_TRUE(answer.DumpToSingleSlice(&bytes).ok());
  const std::string text(reinterpret_cast<const char*>(bytes.begin()),
                         bytes.size());
  EXPECT_THAT(text, AllOf(HasSubstr("attune.v1.StudyService"),
                          HasSubstr("attune.v1.WorkerService"),
                          HasSubstr("grpc.health.v1.Health")));
  context.TryCancel();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

// ---- the lock
// -----------------------------------------------------------------

TEST_F(ServerTest, SaysInTheLockWhereItListens) {
  EXPECT_THAT(ReadDatabaseLock(database_),
              IsOkAndHolds(testing::Optional(DatabaseHolder{
                  .pid = getpid(), .addresses = server_->addresses()})));
  server_.reset();
  EXPECT_THAT(ReadDatabaseLock(database_), IsOkAndHolds(std::nullopt));
}

TEST_F(ServerTest, TheLockNamesSocketsForEveryDirectory) {
  const std::string path = directory_.File("a.sock");
  const std::string relative = std::filesystem::relative(path).string();
  const std::string database = directory_.File("other.db");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Server> server,
      Server::Start({.database = database, .listen = {"unix:" + relative}}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto holder, ReadDatabaseLock(database));
  ASSERT_TRUE(holder.has_value());
  ASSERT_THAT(holder->addresses, SizeIs(1));
  const std::string named = holder->addresses[0].substr(5);
  EXPECT_EQ(named[0], '/');
  EXPECT_EQ(std::filesystem::canonical(named),
            std::filesystem::canonical(path));
}

TEST_F(ServerTest, ASecondOneOnTheSameDatabaseIsRefused) {
  EXPECT_THAT(Server::Start({.database = database_, .listen = {"127.0.0.1:0"}}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("database ", database_,
                                    " is in use by attuned pid ", getpid(),
                                    " at ", server_->addresses()[0])));
}

TEST_F(ServerTest, ADatabaseInNoDirectoryIsRefused) {
  EXPECT_THAT(Server::Start({.database = directory_.File("no/such/x.db"),
                             .listen = {"127.0.0.1:0"}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such/x.db")));
}

// ---- addresses
// ----------------------------------------------------------------

TEST_F(ServerTest, APortInUseIsRefusedAndTheDatabaseLetGo) {
  const std::string other = directory_.File("other.db");
  const std::string address = server_->addresses()[0];
  EXPECT_THAT(Server::Start({.database = other, .listen = {address}}),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       AllOf(HasSubstr(address), HasSubstr("in use"))));
  EXPECT_THAT(Server::Start({.database = other, .listen = {"127.0.0.1:0"}}),
              IsOk());
}

TEST_F(ServerTest, AnAddressOfAWrongFormIsWrongUsage) {
  EXPECT_THAT(Server::Start({.database = directory_.File("other.db"),
                             .listen = {"7070"}}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ServerTest, WhatIsRefusedLeavesNoTrace) {
  const std::string other = directory_.File("other.db");
  for (const std::string& address :
       {std::string("7070"), server_->addresses()[0]}) {
    EXPECT_FALSE(Server::Start({.database = other, .listen = {address}}).ok());
    EXPECT_FALSE(std::filesystem::exists(other)) << address;
    EXPECT_FALSE(std::filesystem::exists(other + ".lock")) << address;
  }
  const std::string foreign = directory_.File("letter.txt");
  std::ofstream(foreign) << std::string(5000, 'x');
  EXPECT_THAT(Server::Start({.database = foreign, .listen = {"127.0.0.1:0"}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(foreign)));
  EXPECT_FALSE(std::filesystem::exists(foreign + ".lock"));
}

TEST_F(ServerTest, ListensOnSeveralAddressesAndCleansUp) {
  const std::string path = directory_.File("a.sock");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      std::unique_ptr<Server> server,
      Server::Start({.database = directory_.File("other.db"),
                     .listen = {"unix:" + path, "127.0.0.1:0"}}));
  ASSERT_THAT(server->addresses(), SizeIs(2));
  EXPECT_EQ(server->addresses()[0], "unix:" + path);
  for (const std::string& address : server->addresses()) {
    ApiClient client(address);
    EXPECT_THAT(Call(*client.studies, &StudyStub::ListStudies,
                     pb::ListStudiesRequest()),
                IsOk());
  }
  // A second server must not take the socket of a living one.
  EXPECT_THAT(Server::Start({.database = directory_.File("third.db"),
                             .listen = {"unix:" + path}}),
              StatusIs(absl::StatusCode::kAlreadyExists));
  server.reset();
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

// ---- reading only
// -------------------------------------------------------------

TEST_F(ServerTest, ReadOnlyServesReadingCallsAndRefusesTheOthers) {
  CompleteTrials(MakeStudySpec("s"), 2);
  Restart({.read_only = true});
  EXPECT_THAT(ReadDatabaseLock(database_), IsOkAndHolds(std::nullopt));
  pb::ListTrialsRequest request;
  request.set_parent("studies/s");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto trials,
                              Call(studies(), &StudyStub::ListTrials, request));
  EXPECT_THAT(trials.trials(), SizeIs(2));
  const absl::Status status = Create(MakeStudySpec("new")).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status, HasReason(reason::kReadOnly));
  EXPECT_THAT(Lease({"w"}), HasReason(reason::kReadOnly));
}

TEST_F(ServerTest, ReadOnlyNeedsADatabase) {
  EXPECT_THAT(Server::Start({.database = directory_.File("missing.db"),
                             .listen = {"127.0.0.1:0"},
                             .read_only = true}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ServerTest, ReadOnlySeesWhatAnotherServerWrites) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Server> reader,
                              Server::Start({.database = database_,
                                             .listen = {"127.0.0.1:0"},
                                             .read_only = true}));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("s")));
  ApiClient client(reader->addresses()[0]);
  pb::GetStudyRequest request;
  request.set_name("studies/s");
  EXPECT_THAT(Call(*client.studies, &StudyStub::GetStudy, request), IsOk());
}

// ---- the end
// ------------------------------------------------------------------

TEST_F(ServerTest, ShutdownAnswersWhoWaits) {
  StudySpec spec = MakeStudySpec("s");
  spec.budget.max_parallel = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Lease({"first"}));
  grpc::ClientContext context;
  context.set_deadline(TestDeadline());
  pb::LeaseTrialsRequest request;
  request.add_workers("w");
  request.mutable_wait()->set_seconds(60);
  grpc::CompletionQueue queue;
  const auto call = workers().AsyncLeaseTrials(&context, request, &queue);
  pb::LeaseTrialsResponse response;
  grpc::Status status;
  call->Finish(&response, &status, &context);
  // It follows the waiting request on the same connection.
  ATTUNE_ASSERT_OK(Lease({"other"}));
  server_->Shutdown();
  server_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(response.leases(), SizeIs(0));
  EXPECT_FALSE(response.exhausted());
  queue.Shutdown();
}

TEST_F(ServerTest, WhatWasAnsweredIsThereAfterARestart) {
  CompleteTrials(MakeStudySpec("s"), 3);
  Restart({});
  pb::ListBestTrialsRequest request;
  request.set_parent("studies/s");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto best, Call(studies(), &StudyStub::ListBestTrials, request));
  EXPECT_THAT(best.trials(), SizeIs(3));
}

}  // namespace
}  // namespace attune
