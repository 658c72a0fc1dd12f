#include "core/network_conflicts.h"

#include <string>
#include <utility>
#include <vector>

#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Text(const char* text) { return text; }

// As `field: description`.
std::vector<std::string> Conflicts(const Parameters& settings,
                                   std::vector<ParameterSpec> parameters = {}) {
  std::vector<Violation> violations;
  CheckConflicts(settings, {.parameters = std::move(parameters)}, violations);
  std::vector<std::string> texts;
  for (const Violation& violation : violations) {
    texts.push_back(violation.field + ": " + violation.description);
  }
  return texts;
}

TEST(CheckConflictsTest, ASettingCountsWhereAnotherHasItsWord) {
  EXPECT_THAT(
      Conflicts({{"restart_epochs", int64_t{2}}, {"schedule", Text("cosine")}}),
      IsEmpty());
  EXPECT_THAT(
      Conflicts({{"restart_epochs", int64_t{2}}, {"schedule", Text("linear")}}),
      ElementsAre("train.restart_epochs: found `restart_epochs` where "
                  "`schedule` is linear, expected it only where "
                  "`schedule` is cosine"));
}

TEST(CheckConflictsTest, DefaultsCountAsWell) {
  EXPECT_THAT(Conflicts({{"momentum_epochs", int64_t{2}}}),
              ElementsAre("train.momentum_epochs: found `momentum_epochs` "
                          "where `momentum_schedule` is constant, expected it "
                          "only where `momentum_schedule` is linear"));
  EXPECT_THAT(Conflicts({{"momentum_schedule", Text("linear")}}),
              ElementsAre("train.momentum_schedule: found `momentum_schedule` "
                          "where `optimizer` is adam, expected it only where "
                          "`optimizer` is momentum or nesterov"));
}

TEST(CheckConflictsTest, OneTrialThatNeedsItIsEnough) {
  const ParameterSpec rate = {.name = "decay_power",
                              .domain = DoubleRange{.min = 1.0, .max = 3.0}};
  EXPECT_THAT(
      Conflicts({}, {{.name = "schedule",
                      .domain = Choice{{Text("cosine"), Text("polynomial")}}},
                     rate}),
      IsEmpty());
  EXPECT_THAT(
      Conflicts({}, {{.name = "schedule",
                      .domain = Choice{{Text("cosine"), Text("linear")}}},
                     rate}),
      ElementsAre("parameters.decay_power: found `decay_power` where "
                  "`schedule` has other values, expected it only where "
                  "`schedule` is polynomial"));
}

TEST(CheckConflictsTest, TrialsWithoutAParameterHaveTheSetting) {
  const ParameterSpec optimizer = {
      .name = "optimizer", .domain = Choice{{Text("sgd"), Text("adam")}}};
  const ParameterSpec schedule = {
      .name = "schedule",
      .domain = Choice{{Text("linear"), Text("step")}},
      .when = Condition{.parameter = "optimizer", .any_of = {Text("sgd")}}};
  const Parameters settings = {{"schedule", Text("cosine")},
                               {"restart_epochs", int64_t{2}}};
  EXPECT_THAT(Conflicts(settings, {optimizer, schedule}), IsEmpty());
}

TEST(CheckConflictsTest, WhatIsNoWordIsReportedElsewhere) {
  const Parameters settings = {{"schedule", Text("cosin")},
                               {"restart_epochs", int64_t{2}}};
  EXPECT_THAT(Conflicts(settings), IsEmpty());
  EXPECT_THAT(ValidateNetworkTask(settings, {}), testing::SizeIs(1));
}

TEST(CheckConflictsTest, AWarmupLeavesEpochs) {
  EXPECT_THAT(Conflicts({{"epochs", int64_t{3}}, {"warmup_epochs", 2.5}}),
              IsEmpty());
  EXPECT_THAT(
      Conflicts({{"epochs", int64_t{3}}, {"warmup_epochs", int64_t{3}}}),
      ElementsAre("train.warmup_epochs: found `3`, expected fewer than all "
                  "`epochs`, which are 3"));
  EXPECT_THAT(
      Conflicts({{"warmup_epochs", 3.0}},
                {{.name = "epochs", .domain = IntRange{.min = 2, .max = 9}}}),
      IsEmpty());
}

TEST(CheckConflictsTest, ADeltaNeedsPatience) {
  EXPECT_THAT(Conflicts({{"early_stopping_delta", 0.1}}),
              ElementsAre("train.early_stopping_delta: found "
                          "`early_stopping_delta` without "
                          "`early_stopping_patience`, expected both"));
  EXPECT_THAT(Conflicts({{"early_stopping_delta", 0.1},
                         {"early_stopping_patience", int64_t{2}}}),
              IsEmpty());
}

TEST(ValidateNetworkTaskTest, FindsConflicts) {
  EXPECT_THAT(ValidateNetworkTask({{"decay_power", 3.0}}, {}),
              testing::SizeIs(1));
}

}  // namespace
}  // namespace attune
