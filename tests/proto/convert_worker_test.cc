#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/convert.h"
#include "tests/proto/filled_message.h"
#include "tests/proto/matchers.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;

TEST(ConvertWorkerTest, ATrialWithoutALeaseHasNoDuration) {
  const LeaseReply reply = {
      .assignments = {{.worker = {"me"},
                       .token = {.trial = {.study = {1}, .number = 2}},
                       .study = "mlp",
                       .lease_duration = absl::InfiniteDuration()}}};
  const pb::SuggestTrialsResponse sent = ToSuggestResponse(reply);
  ASSERT_EQ(sent.leases_size(), 1);
  EXPECT_FALSE(sent.leases(0).has_lease_duration());
  pb::LeaseTrialsResponse as_lease;
  *as_lease.add_leases() = sent.leases(0);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply read, FromProto(as_lease));
  EXPECT_EQ(read.assignments[0].lease_duration, absl::InfiniteDuration());
}

TEST(ConvertWorkerTest, EveryFieldOfALeaseSurvives) {
  for (int variant = 0; variant < 4; ++variant) {
    auto message = Filled<pb::LeaseTrialsResponse>(variant);
    for (pb::Lease& lease : *message.mutable_leases()) {
      lease.set_trial(TrialName("a-study", lease.token().trial_number()));
    }
    ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, FromProto(message));
    EXPECT_THAT(ToProto(reply), EqualsProto(message)) << "variant " << variant;
  }
}

TEST(ConvertWorkerTest, SeedsOfTrialsUseAll64Bits) {
  LeaseReply reply{.assignments = {{.worker = {"w"},
                                    .token = {.trial = {{1}, 1}},
                                    .study = "s",
                                    .seed = ~uint64_t{0}}}};
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply read, FromProto(ToProto(reply)));
  EXPECT_EQ(read.assignments[0].seed, ~uint64_t{0});
}

TEST(ConvertWorkerTest, EveryFieldOfALeaseRequestSurvives) {
  auto message = Filled<pb::LeaseTrialsRequest>(0);
  message.set_study("studies/a-study");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseRequest request, FromProto(message));
  EXPECT_EQ(request.study, "a-study");
  EXPECT_THAT(ToProto(request), EqualsProto(message));
}

TEST(ConvertWorkerTest, EveryVerdictSurvives) {
  const std::vector<Verdict> verdicts = {Verdict::kContinue, Verdict::kStop,
                                         Verdict::kLeaseLost};
  EXPECT_THAT(FromProto(ToProto(verdicts)), IsOkAndHolds(verdicts));
}

TEST(ConvertWorkerTest, EveryResultOfATrialSurvives) {
  for (const Outcome& outcome :
       {Outcome(Finished{}), Outcome(Stopped{}), Outcome(Diverged{"inf"})}) {
    pb::CompleteTrialRequest request;
    SetResult(outcome, request);
    EXPECT_THAT(FromProto(request), IsOkAndHolds(outcome));
  }
}

TEST(ConvertWorkerTest, TokensSurvive) {
  const LeaseToken token{.trial = {.study = {7}, .number = 12}, .attempt = 3};
  EXPECT_THAT(FromProto(ToProto(token)), IsOkAndHolds(token));
}

TEST(ConvertWorkerTest, ResultVerdictTokenAndStepMustBeThere) {
  EXPECT_THAT(FieldsOf(FromProto(pb::CompleteTrialRequest())),
              ElementsAre("result"));
  EXPECT_THAT(FieldsOf(FromProto(pb::VERDICT_UNSPECIFIED)),
              ElementsAre("verdict"));
  EXPECT_THAT(FieldsOf(FromProto(pb::LeaseToken())), ElementsAre("token"));
  pb::ReportMeasurementsRequest request;
  request.add_measurements();
  request.add_measurements()->set_step(-2);
  EXPECT_THAT(FieldsOf(FromProto(request.measurements())),
              ElementsAre("measurements[1].step"));
}

TEST(ConvertWorkerTest, DurationsOfMixedSignsAreRefused) {
  pb::LeaseTrialsRequest request;
  request.mutable_wait()->set_seconds(5);
  request.mutable_wait()->set_nanos(-1);
  EXPECT_THAT(FieldsOf(FromProto(request)), ElementsAre("wait"));
}

}  // namespace
}  // namespace attune
