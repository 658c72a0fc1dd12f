#include "server/worker_requests.h"

#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "core/coordinator_api.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::Contains;
using testing::SizeIs;

template <typename T, typename Request>
absl::StatusOr<T> Read(const Request& request) {
  absl::StatusOr<Command> command = ToCommand(request);
  if (!command.ok()) return command.status();
  return std::get<T>(*std::move(command));
}

v1::LeaseToken Token() {
  v1::LeaseToken token;
  token.set_study_id(3);
  token.set_trial_number(14);
  token.set_attempt(2);
  return token;
}

TEST(WorkerRequestsTest, AFailureIsABrokenAttempt) {
  v1::FailTrialRequest request;
  *request.mutable_token() = Token();
  request.set_message("no data");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto finish, Read<FinishTrial>(request));
  EXPECT_EQ(finish.token.trial.number, 14);
  EXPECT_EQ(finish.token.attempt, 2);
  EXPECT_EQ(std::get<Broken>(finish.outcome).message, "no data");
}

TEST(WorkerRequestsTest, LongTextsAreCut) {
  v1::FailTrialRequest request;
  *request.mutable_token() = Token();
  request.set_message(std::string(1 << 20, 'x'));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto finish, Read<FinishTrial>(request));
  EXPECT_THAT(std::get<Broken>(finish.outcome).message,
              SizeIs(testing::Le(8 << 10)));
}

TEST(WorkerRequestsTest, MeasurementsKeepNan) {
  v1::ReportMeasurementsRequest request;
  *request.mutable_token() = Token();
  v1::Measurement& measurement = *request.add_measurements();
  measurement.set_step(5);
  (*measurement.mutable_metrics())["loss"] =
      std::numeric_limits<double>::quiet_NaN();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto report,
                              Read<ReportMeasurements>(request));
  ASSERT_THAT(report.measurements, SizeIs(1));
  EXPECT_TRUE(report.measurements[0].metrics.at("loss") !=
              report.measurements[0].metrics.at("loss"));
}

TEST(WorkerRequestsTest, RenewalsAndReleasesNameTheirLeases) {
  v1::RenewLeasesRequest renew;
  *renew.add_tokens() = Token();
  *renew.add_tokens() = Token();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto renewals, Read<RenewLeases>(renew));
  EXPECT_THAT(renewals.tokens, SizeIs(2));
  v1::ReleaseTrialRequest release;
  *release.mutable_token() = Token();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto released, Read<ReleaseTrial>(release));
  EXPECT_EQ(released.token.trial.study.value, 3);
}

TEST(WorkerRequestsTest, ALeaseNamesItsStudyByItsResource) {
  v1::LeaseTrialsRequest request;
  request.add_workers("w");
  request.set_study("mlp");
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(ToCommand(request).status())) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, Contains("study"));
  request.set_study("studies/mlp");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lease, Read<LeaseTrials>(request));
  EXPECT_EQ(lease.request.study, "mlp");
}

TEST(WorkerRequestsTest, AnEndWithoutAnOutcomeIsRefused) {
  v1::CompleteTrialRequest request;
  *request.mutable_token() = Token();
  EXPECT_THAT(ToCommand(request).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace attune
