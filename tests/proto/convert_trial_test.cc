#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/convert.h"
#include "tests/proto/filled_message.h"
#include "tests/proto/matchers.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using google::protobuf::FieldDescriptor;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ConvertTrialTest, EveryFieldOfAMeasurementSurvives) {
  const auto message = Filled<pb::Measurement>(0);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Measurement measurement,
                              FromProto(message));
  EXPECT_THAT(ToProto(measurement), EqualsProto(message));
}

TEST(ConvertTrialTest, NanAndInfinitiesSurviveInMeasurements) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Measurement measurement{
      .step = 3,
      .metrics = {{"a", std::nan("")}, {"b", kInfinity}, {"c", -kInfinity}}};
  EXPECT_THAT(FromProto(ToProto(measurement)), IsOkAndHolds(measurement));
}

// The fields that are set in one of `trials`.
std::set<std::string> SetFields(const std::vector<pb::Trial>& trials) {
  std::set<std::string> names;
  for (const pb::Trial& trial : trials) {
    std::vector<const FieldDescriptor*> fields;
    trial.GetReflection()->ListFields(trial, &fields);
    for (const FieldDescriptor* field : fields) names.insert(field->name());
  }
  return names;
}

TEST(ConvertTrialTest, EveryFieldOfATrialIsWritten) {
  const Measurement latest{.step = 4, .metrics = {{"loss", 0.5}}};
  Trial completed = MakeCompletedTrial(3, 0.5);
  completed.tag = "bracket 2";
  completed.seen_revision = 9;
  completed.attributes = {{"owner", "anna"}};
  completed.retry_of = 2;
  Trial failed = MakeTrial(
      4, Failed{.cause = std::string(cause::kWorkerError), .message = "died"});
  Trial running = MakeTrial(
      5, Running{.lease = {.worker = {"w-1"}}, .stop_requested = "median"});
  std::set<std::string> all;
  for (int i = 0; i < pb::Trial::descriptor()->field_count(); ++i) {
    all.insert(pb::Trial::descriptor()->field(i)->name());
  }
  EXPECT_EQ(SetFields({ToProto(completed, "s", &latest),
                       ToProto(failed, "s", nullptr),
                       ToProto(running, "s", nullptr)}),
            all);
}

TEST(ConvertTrialTest, ATrialSaysWhatItsStateHolds) {
  const pb::Trial completed =
      ToProto(MakeCompletedTrial(3, 0.25), "a-study", nullptr);
  EXPECT_EQ(completed.name(), "studies/a-study/trials/3");
  EXPECT_EQ(completed.state(), pb::Trial::COMPLETED);
  EXPECT_THAT(completed.objectives(), ElementsAre(0.25));
  EXPECT_FALSE(completed.has_last_step());

  const pb::Trial failed = ToProto(
      MakeTrial(4, Failed{.cause = "WORKER_ERROR", .message = "no memory"}),
      "a-study", nullptr);
  EXPECT_EQ(failed.state(), pb::Trial::FAILED);
  EXPECT_EQ(failed.failure_cause(), "WORKER_ERROR");
  EXPECT_THAT(failed.state_reason(), HasSubstr("no memory"));

  const pb::Trial stopping =
      ToProto(MakeTrial(5, Running{.lease = {.worker = {"w-1"}},
                                   .stop_requested = "worse than the median"}),
              "a-study", nullptr);
  EXPECT_EQ(stopping.state(), pb::Trial::RUNNING);
  EXPECT_TRUE(stopping.stop_requested());
  EXPECT_EQ(stopping.state_reason(), "worse than the median");
  EXPECT_EQ(stopping.worker(), "w-1");
}

TEST(ConvertTrialTest, EveryStateOfATrialIsNamedAsInStorage) {
  const std::vector<TrialState> states = {Waiting{},  Running{},    Completed{},
                                          Pruned{},   Infeasible{}, Failed{},
                                          Cancelled{}};
  for (const TrialState& state : states) {
    const pb::Trial::State sent =
        ToProto(MakeTrial(1, state), "s", nullptr).state();
    EXPECT_EQ(absl::AsciiStrToLower(pb::Trial::State_Name(sent)),
              StateName(state));
  }
}

}  // namespace
}  // namespace attune
