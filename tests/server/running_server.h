#ifndef ATTUNE_TESTS_SERVER_RUNNING_SERVER_H_
#define ATTUNE_TESTS_SERVER_RUNNING_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "core/check.h"
#include "core/study.h"
#include "gtest/gtest.h"
#include "server/server.h"
#include "tests/server/api_client.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {

using StudyStub = pb::StudyService::Stub;
using WorkerStub = pb::WorkerService::Stub;

// A real server with SQLite, on a free port, and a client of it.
class RunningServerTest : public testing::Test {
 protected:
  RunningServerTest() { Restart({}); }

  // Ends the server, if there is one, and starts another on the same database.
  void Restart(ServerOptions options) {
    client_.reset();
    server_.reset();
    options.database = database_;
    options.listen = {"127.0.0.1:0"};
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(std::move(options));
    ATTUNE_CHECK(server.ok());
    server_ = *std::move(server);
    client_ = std::make_unique<ApiClient>(server_->addresses().front());
  }

  StudyStub& studies() { return *client_->studies; }
  WorkerStub& workers() { return *client_->workers; }

  absl::StatusOr<pb::Study> Create(const StudySpec& spec) {
    pb::CreateStudyRequest request;
    request.set_study_id(spec.name);
    *request.mutable_spec() = ToProto(spec);
    return Call(studies(), &StudyStub::CreateStudy, request);
  }

  absl::StatusOr<pb::LeaseTrialsResponse> Lease(
      const std::vector<std::string>& workers_to_lease) {
    pb::LeaseTrialsRequest request;
    for (const std::string& worker : workers_to_lease) {
      request.add_workers(worker);
    }
    return Call(workers(), &WorkerStub::LeaseTrials, request);
  }

  // Reports `loss` at step 1 and completes the trial.
  absl::Status Complete(const pb::LeaseToken& token, double loss) {
    pb::CompleteTrialRequest request;
    *request.mutable_token() = token;
    pb::Measurement& measurement = *request.add_measurements();
    measurement.set_step(1);
    (*measurement.mutable_metrics())["loss"] = loss;
    request.mutable_finished();
    return Call(workers(), &WorkerStub::CompleteTrial, request).status();
  }

  // Creates a study and completes `count` trials, each with its number as its
  // loss.
  void CompleteTrials(StudySpec spec, int count) {
    ATTUNE_ASSERT_OK(Create(spec));
    for (int i = 0; i < count; ++i) {
      ATTUNE_ASSERT_OK_AND_ASSIGN(const auto answer, Lease({"w"}));
      ASSERT_EQ(answer.leases_size(), 1);
      const pb::LeaseToken& token = answer.leases(0).token();
      ATTUNE_ASSERT_OK(
          Complete(token, static_cast<double>(token.trial_number())));
    }
  }

  TemporaryDirectory directory_;
  const std::string database_ = directory_.File("attune.db");
  std::unique_ptr<Server> server_;
  std::unique_ptr<ApiClient> client_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SERVER_RUNNING_SERVER_H_
