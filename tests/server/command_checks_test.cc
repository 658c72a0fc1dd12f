#include "server/command_checks.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> Fields(const Command& command) {
  const absl::Status status = Check(command);
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(status)) {
    fields.push_back(violation.field);
  }
  if (!fields.empty()) {
    EXPECT_TRUE(absl::IsInvalidArgument(status) ||
                absl::IsResourceExhausted(status));
  }
  return fields;
}

LeaseTrials LeaseOf(std::vector<WorkerId> workers) {
  return {{.workers = std::move(workers)}};
}

TEST(CommandChecksTest, AcceptsWhatIsInBounds) {
  EXPECT_THAT(Fields(LeaseOf({{"a"}, {"b"}})), IsEmpty());
  EXPECT_THAT(Fields(RenewLeases{}), IsEmpty());
  EXPECT_THAT(
      Fields(ReportMeasurements{{}, {{.step = 0, .metrics = {{"loss", 1.0}}}}}),
      IsEmpty());
  EXPECT_THAT(Fields(PauseStudy{"s"}), IsEmpty());
}

TEST(CommandChecksTest, WantsWorkersWithNamesEachOnce) {
  EXPECT_THAT(Fields(LeaseOf({})), ElementsAre("workers"));
  EXPECT_THAT(Fields(LeaseOf({{""}})), ElementsAre("workers[0]"));
  EXPECT_THAT(Fields(LeaseOf({{std::string(201, 'w')}})),
              ElementsAre("workers[0]"));
  EXPECT_THAT(Fields(LeaseOf({{"a"}, {"a"}})), ElementsAre("workers[1]"));
  std::vector<WorkerId> many;
  for (int i = 0; i < 257; ++i) many.push_back({std::to_string(i)});
  EXPECT_THAT(Fields(LeaseOf(many)), ElementsAre("workers"));
}

TEST(CommandChecksTest, WantsMeasurementsThatCanBeStored) {
  const std::vector<Measurement> wrong = {
      {.step = -1, .metrics = {{"loss", 1.0}}},
      {.step = 2, .metrics = {}},
      {.step = 3, .metrics = {{"", 1.0}}}};
  EXPECT_THAT(Fields(ReportMeasurements{{}, wrong}),
              ElementsAre("measurements[0].step", "measurements[1].metrics",
                          "measurements[2].metrics"));
  EXPECT_THAT(Fields(FinishTrial{{}, wrong, Finished()}), SizeIs(3));
}

TEST(CommandChecksTest, BoundsWhatOneCallCarries) {
  EXPECT_THAT(Fields(RenewLeases{std::vector<LeaseToken>(1001)}),
              ElementsAre("tokens"));
  const std::vector<Measurement> many(10'001,
                                      {.step = 1, .metrics = {{"loss", 1.0}}});
  EXPECT_THAT(Fields(ReportMeasurements{{}, many}),
              ElementsAre("measurements"));
}

TEST(CommandChecksTest, NamesOnlyTheFirstOfVeryManyFaults) {
  const std::vector<Measurement> wrong(5000);
  EXPECT_THAT(Fields(ReportMeasurements{{}, wrong}), SizeIs(20));
}

TEST(CommandChecksTest, BoundsTheTrialsThatPeopleCreate) {
  CreateTrials create = {.study = "s",
                         .trials = {{.parameters = {{"x", 1.0}}}}};
  EXPECT_THAT(Fields(create), IsEmpty());
  create.request_id = std::string(101, 'x');
  create.trials.push_back({.parameters = {{"my x", 1.0}},
                           .attributes = {{"note", std::string(4097, 'x')}}});
  create.trials.push_back({.parameters = {{"x", std::string(1001, 'x')}}});
  EXPECT_THAT(Fields(create), ElementsAre("request_id", "trials[1].parameters",
                                          "trials[1].attributes.note",
                                          "trials[2].parameters.x"));
  create = {.study = "s", .trials = std::vector<PlannedTrial>(1001)};
  EXPECT_THAT(Fields(create), ElementsAre("trials"));
}

TEST(CommandChecksTest, BoundsWhatIsAskedForWithoutALease) {
  EXPECT_THAT(Fields(SuggestTrials{.study = "s", .worker = {"me"}}), IsEmpty());
  EXPECT_THAT(Fields(SuggestTrials{.study = "s", .count = 0}),
              ElementsAre("worker", "count"));
}

TEST(CommandChecksTest, BoundsAttributes) {
  const Attributes wrong = {{"a b", "x"}};
  EXPECT_THAT(Fields(CreateStudy{.attributes = wrong}),
              ElementsAre("attributes"));
  EXPECT_THAT(Fields(UpdateStudy{.attributes = wrong}),
              ElementsAre("study.attributes"));
  EXPECT_THAT(Fields(UpdateTrial{.attributes = wrong}),
              ElementsAre("trial.attributes"));
}

TEST(CommandChecksTest, TellsTooMuchFromWrong) {
  const absl::Status too_much =
      Check(RenewLeases{std::vector<LeaseToken>(1001)});
  EXPECT_TRUE(absl::IsResourceExhausted(too_much));
  EXPECT_EQ(Reason(too_much), reason::kTooLarge);
  EXPECT_NE(too_much.message().find("expected 0 to 1000"),
            absl::string_view::npos);
  EXPECT_EQ(Reason(Check(LeaseOf({}))), reason::kInvalidField);
  std::vector<WorkerId> both(257);
  EXPECT_TRUE(absl::IsInvalidArgument(Check(LeaseOf(both))));
}

}  // namespace
}  // namespace attune
