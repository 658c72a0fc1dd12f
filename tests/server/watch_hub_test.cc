#include "server/watch_hub.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc.h"
#include "storage/memory_storage.h"
#include "tests/server/running_server.h"

namespace attune {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// One open WatchStudy.
class Watcher {
 public:
  Watcher(StudyStub& stub, const std::string& name, std::string token = "") {
    context_.set_deadline(TestDeadline());
    pb::WatchStudyRequest request;
    request.set_name(name);
    request.set_resume_token(std::move(token));
    reader_ = stub.WatchStudy(&context_, request);
  }
  ~Watcher() {
    context_.TryCancel();
    pb::WatchStudyResponse rest;
    while (reader_->Read(&rest)) {
    }
    if (!is_over_) reader_->Finish();
  }

  // The next answer; an empty one at the end.
  pb::WatchStudyResponse Next() {
    pb::WatchStudyResponse response;
    reader_->Read(&response);
    return response;
  }
  absl::Status End() {
    pb::WatchStudyResponse response;
    EXPECT_FALSE(reader_->Read(&response)) << response.ShortDebugString();
    is_over_ = true;
    return FromGrpc(reader_->Finish());
  }
  // Reads until the trial is in that state.
  pb::Trial Await(int64_t number, pb::Trial::State state) {
    while (true) {
      const pb::WatchStudyResponse response = Next();
      if (response.resume_token().empty()) {
        ADD_FAILURE() << "the stream is over";
        return {};
      }
      token_ = response.resume_token();
      for (const pb::Trial& trial : response.trials()) {
        if (trial.number() == number && trial.state() == state) return trial;
      }
    }
  }
  const std::string& token() const { return token_; }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<pb::WatchStudyResponse>> reader_;
  std::string token_;
  bool is_over_ = false;
};

class WatchHubTest : public RunningServerTest {
 protected:
  static std::vector<int64_t> Numbers(const pb::WatchStudyResponse& response) {
    std::vector<int64_t> numbers;
    for (const pb::Trial& trial : response.trials()) {
      numbers.push_back(trial.number());
    }
    return numbers;
  }
  pb::LeaseToken TokenOf(const std::string& worker) {
    const auto leased = Lease({worker});
    EXPECT_THAT(leased, IsOk());
    if (!leased.ok() || leased->leases().empty()) return {};
    return leased->leases(0).token();
  }
};

TEST_F(WatchHubTest, TellsFirstWhatThereIsThenWhatChanges) {
  CompleteTrials(MakeStudySpec("mlp"), 2);
  Watcher watcher(studies(), "studies/mlp");
  const pb::WatchStudyResponse all = watcher.Next();
  EXPECT_EQ(all.study().name(), "studies/mlp");
  EXPECT_EQ(all.study().trial_counts().at("completed"), 2);
  EXPECT_THAT(Numbers(all), ElementsAre(1, 2));
  EXPECT_EQ(all.trials(0).metrics().at("loss"), 1.0);

  const pb::LeaseToken token = TokenOf("w");
  EXPECT_EQ(watcher.Await(3, pb::Trial::RUNNING).worker(), "w");
  ATTUNE_ASSERT_OK(Complete(token, 0.25));
  EXPECT_EQ(watcher.Await(3, pb::Trial::COMPLETED).metrics().at("loss"), 0.25);
}

TEST_F(WatchHubTest, TellsOfMeasurementsAndOfTheStudyItself) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mlp")));
  pb::ReportMeasurementsRequest report;
  *report.mutable_token() = TokenOf("w");
  Watcher watcher(studies(), "studies/mlp");
  watcher.Await(1, pb::Trial::RUNNING);
  pb::Measurement& measurement = *report.add_measurements();
  measurement.set_step(4);
  (*measurement.mutable_metrics())["loss"] = 2.5;
  ATTUNE_ASSERT_OK(Call(workers(), &WorkerStub::ReportMeasurements, report));
  const pb::Trial trial = watcher.Await(1, pb::Trial::RUNNING);
  EXPECT_EQ(trial.last_step(), 4);
  EXPECT_EQ(trial.metrics().at("loss"), 2.5);

  pb::PauseStudyRequest pause;
  pause.set_name("studies/mlp");
  ATTUNE_ASSERT_OK(Call(studies(), &StudyStub::PauseStudy, pause));
  const pb::WatchStudyResponse paused = watcher.Next();
  EXPECT_EQ(paused.study().state(), pb::Study::PAUSED);
  EXPECT_THAT(paused.trials(), IsEmpty());
}

TEST_F(WatchHubTest, GoesOnFromATokenAlsoAfterARestart) {
  CompleteTrials(MakeStudySpec("mlp"), 3);
  std::string token;
  {
    Watcher watcher(studies(), "studies/mlp");
    watcher.Await(3, pb::Trial::COMPLETED);
    token = watcher.token();
  }
  ATTUNE_ASSERT_OK(Complete(TokenOf("w"), 0.5));
  Restart({});
  Watcher watcher(studies(), "studies/mlp", token);
  const pb::WatchStudyResponse news = watcher.Next();
  EXPECT_THAT(Numbers(news), ElementsAre(4));
  EXPECT_FALSE(news.has_study());
}

TEST_F(WatchHubTest, TellsManyTrialsInSeveralAnswers) {
  StudySpec spec = MakeStudySpec("mlp");
  spec.budget = {};
  ATTUNE_ASSERT_OK(Create(spec));
  pb::CreateTrialsRequest create;
  create.set_parent("studies/mlp");
  for (int i = 0; i < 1000; ++i) {
    (*create.add_trials()->mutable_parameters()->mutable_values())["x"]
        .set_double_value(i / 1000.0);
  }
  ATTUNE_ASSERT_OK(Call(studies(), &StudyStub::CreateTrials, create));
  ATTUNE_ASSERT_OK(Call(studies(), &StudyStub::CreateTrials, create));
  Watcher watcher(studies(), "studies/mlp");
  std::set<int64_t> seen;
  int answers = 0;
  while (seen.size() < 2000) {
    const pb::WatchStudyResponse response = watcher.Next();
    ASSERT_GT(response.trials_size(), 0);
    for (const int64_t number : Numbers(response)) {
      EXPECT_TRUE(seen.insert(number).second) << number;
    }
    ++answers;
  }
  EXPECT_GT(answers, 2);
}

TEST_F(WatchHubTest, EndsWithTheStudy) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mlp")));
  Watcher watcher(studies(), "studies/mlp");
  EXPECT_TRUE(watcher.Next().has_study());
  pb::DeleteStudyRequest remove;
  remove.set_name("studies/mlp");
  ATTUNE_ASSERT_OK(Call(studies(), &StudyStub::DeleteStudy, remove));
  const absl::Status end = watcher.End();
  EXPECT_TRUE(absl::IsNotFound(end)) << end;
  EXPECT_EQ(Reason(end), reason::kStudyNotFound);
}

TEST_F(WatchHubTest, EndsWithTheServer) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mlp")));
  Watcher watcher(studies(), "studies/mlp");
  EXPECT_TRUE(watcher.Next().has_study());
  server_->Shutdown();
  const absl::Status end = watcher.End();
  EXPECT_TRUE(absl::IsUnavailable(end)) << end;
  EXPECT_EQ(Reason(end), reason::kShuttingDown);
}

TEST_F(WatchHubTest, SaysWhatIsWrongWithARequest) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mlp")));
  EXPECT_EQ(Reason(Watcher(studies(), "studies/other").End()),
            reason::kStudyNotFound);
  EXPECT_EQ(Violations(Watcher(studies(), "mlp").End())[0].field, "name");
  EXPECT_EQ(Violations(Watcher(studies(), "studies/mlp", "?").End())[0].field,
            "resume_token");
}

TEST_F(WatchHubTest, AReaderWhoHasGoneIsForgotten) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mlp")));
  for (int i = 0; i < 50; ++i) {
    Watcher watcher(studies(), "studies/mlp");
    EXPECT_TRUE(watcher.Next().has_study());
  }
  Watcher last(studies(), "studies/mlp");
  TokenOf("w");
  last.Await(1, pb::Trial::RUNNING);
}

// Another process writes the file; here it is the server of the test.
TEST_F(WatchHubTest, AReadOnlyServerLooksForChanges) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mlp")));
  ServerOptions options = {
      .database = database_, .listen = {"127.0.0.1:0"}, .read_only = true};
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto reading,
                              Server::Start(std::move(options)));
  const ApiClient client(reading->addresses().front());
  Watcher watcher(*client.studies, "studies/mlp");
  EXPECT_TRUE(watcher.Next().has_study());
  TokenOf("w");
  watcher.Await(1, pb::Trial::RUNNING);
}

// ---- a hub with a reader who takes nothing ----------------------------------

TEST(WatchHubSlowReaderTest, IsDroppedWithoutHoldingAnythingUp) {
  using RawWatch =
      pb::StudyService::WithRawMethod_WatchStudy<pb::StudyService::Service>;
  constexpr int64_t kTrials = 4000;
  MemoryStorage storage;
  WriteBatch batch = {.studies = {MakeStudy(MakeStudySpec("s"))}};
  for (int64_t n = 1; n <= kTrials; ++n) {
    Trial trial = MakeTrial(n);
    trial.tag = std::string(10'000, 'x');
    trial.change = n;
    batch.trials.push_back(trial);
  }
  ATTUNE_ASSERT_OK(storage.Commit(batch));
  const StudyQueries queries(&storage);
  ReaderPool readers(1);
  WatchHub hub(&queries, &readers, {.patience = absl::Seconds(2)});
  RawWatch service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  RpcServer rpc({}, builder);
  rpc.Stream<pb::WatchStudyRequest>(
      &service, &RawWatch::RequestWatchStudy,
      [&hub](const pb::WatchStudyRequest& request, RpcStream stream) {
        hub.Add(request, std::move(stream));
      });
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  rpc.Start();
  {
    const ApiClient client(absl::StrCat("127.0.0.1:", port));
    grpc::ClientContext context;
    context.set_deadline(TestDeadline());
    pb::WatchStudyRequest request;
    request.set_name("studies/s");
    const auto reader = client.studies->WatchStudy(&context, request);
    // It takes the first answer; what follows is more than the transport holds
    // for it, so the hub waits in vain.
    pb::WatchStudyResponse response;
    ASSERT_TRUE(reader->Read(&response));
    while (hub.watchers() > 0) std::this_thread::yield();
    pb::WatchStudyResponse last;
    do {
      last.Swap(&response);
    } while (reader->Read(&response));
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
    ASSERT_GT(last.trials_size(), 0);
    const int64_t told = last.trials().rbegin()->number();
    EXPECT_LT(told, kTrials);
    // Nothing is lost: there is more from where it was cut off.
    ATTUNE_ASSERT_OK_AND_ASSIGN(WatchPosition position,
                                ReadResumeToken({1}, last.resume_token()));
    ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::WatchStudyResponse next,
                                queries.ReadChanges({1}, position));
    EXPECT_EQ(next.trials(0).number(), told + 1);
  }
  hub.Close();
  server->Shutdown();
  rpc.Stop();
}

}  // namespace
}  // namespace attune
