#include "core/given_settings.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::Optional;

std::string Text(const char* text) { return text; }

class GivenSettingsTest : public testing::Test {
 protected:
  // `schedule` is tuned only where the optimizer is sgd.
  GivenSettingsTest() {
    space_.parameters = {
        {.name = "optimizer", .domain = Choice{{Text("adam"), Text("sgd")}}},
        {.name = "schedule",
         .domain = Choice{{Text("cosine"), Text("linear")}},
         .when = Condition{"optimizer", {Text("sgd")}}},
        {.name = "epochs", .domain = IntRange{.min = 1, .max = 7}},
        {.name = "depth", .domain = Discrete{{int64_t{1}, int64_t{3}}}}};
  }

  const Parameters settings_ = {{"batch_size", int64_t{32}},
                                {"schedule", Text("step")}};
  SearchSpace space_;
  const GivenSettings given_{settings_, space_};
};

TEST_F(GivenSettingsTest, KnowsWhereASettingIsGiven) {
  EXPECT_TRUE(given_.Has("batch_size"));
  EXPECT_TRUE(given_.Has("optimizer"));
  EXPECT_FALSE(given_.Has("dropout"));
  EXPECT_EQ(given_.Field("batch_size"), "train.batch_size");
  EXPECT_EQ(given_.Field("optimizer"), "parameters.optimizer");
}

TEST_F(GivenSettingsTest, WhatIsTunedIsNotFixed) {
  EXPECT_EQ(given_.Fixed("batch_size"), ParameterValue(int64_t{32}));
  EXPECT_EQ(given_.Fixed("activation"), ParameterValue(Text("relu")));
  EXPECT_EQ(given_.Fixed("optimizer"), std::nullopt);
}

TEST_F(GivenSettingsTest, KnowsWhichWordsTrialsCanHave) {
  EXPECT_TRUE(given_.CanBe("optimizer", {"sgd", "lion"}));
  EXPECT_FALSE(given_.CanBe("optimizer", {"lion"}));
  EXPECT_TRUE(given_.CanBe("activation", {"relu"}));
  // Where there is no such parameter, the setting counts.
  EXPECT_TRUE(given_.CanBe("schedule", {"step"}));
  EXPECT_TRUE(given_.CanBe("schedule", {"linear"}));
  EXPECT_FALSE(given_.CanBe("schedule", {"constant"}));
}

TEST_F(GivenSettingsTest, TellsWhatTheStudyHas) {
  EXPECT_EQ(given_.Told("batch_size"), "`batch_size: 32`");
  EXPECT_EQ(given_.Told("optimizer"), "`optimizer`");
}

TEST_F(GivenSettingsTest, TellsWhatTrialsHave) {
  EXPECT_EQ(given_.Where("batch_size"), "`batch_size` is 32");
  EXPECT_EQ(given_.Where("activation"), "`activation` is relu by default");
  EXPECT_EQ(given_.Where("optimizer"), "`optimizer` is adam or sgd");
  EXPECT_EQ(given_.Where("schedule"), "`schedule` is step or cosine or linear");
  EXPECT_EQ(given_.Where("epochs"), "`epochs` has other values");
}

TEST_F(GivenSettingsTest, KnowsWhatIsListed) {
  const auto fields = [this](absl::string_view name) {
    std::vector<std::string> texts;
    for (const auto& [field, value] : given_.Listed(name)) {
      texts.push_back(field + ": " + ToString(value));
    }
    return texts;
  };
  EXPECT_THAT(fields("batch_size"),
              testing::ElementsAre("train.batch_size: 32"));
  EXPECT_THAT(fields("optimizer"),
              testing::ElementsAre("parameters.optimizer.values[0]: adam",
                                   "parameters.optimizer.values[1]: sgd"));
  EXPECT_THAT(fields("schedule"),
              testing::ElementsAre("train.schedule: step",
                                   "parameters.schedule.values[0]: cosine",
                                   "parameters.schedule.values[1]: linear"));
  EXPECT_THAT(fields("epochs"), testing::IsEmpty());
  EXPECT_THAT(fields("dropout"), testing::IsEmpty());
}

TEST_F(GivenSettingsTest, KnowsWhichWordsTheStudyHas) {
  EXPECT_TRUE(given_.IsNamed("optimizer", "sgd"));
  EXPECT_FALSE(given_.IsNamed("optimizer", "lion"));
  EXPECT_TRUE(given_.IsNamed("activation", "relu"));
}

TEST_F(GivenSettingsTest, KnowsTheLargestIntegerOfAllTrials) {
  EXPECT_THAT(given_.Largest("epochs"), Optional(7));
  EXPECT_THAT(given_.Largest("depth"), Optional(3));
  EXPECT_THAT(given_.Largest("batch_size"), Optional(32));
  EXPECT_EQ(given_.Largest("optimizer"), std::nullopt);
  EXPECT_EQ(given_.Largest("dropout"), std::nullopt);
}

TEST(GivenSettingsLargestTest, CountsTheSettingWhereAParameterIsNotActive) {
  const Parameters settings = {{"epochs", int64_t{20}}};
  const SearchSpace space = {
      .parameters = {{.name = "epochs",
                      .domain = IntRange{.min = 1, .max = 7},
                      .when = Condition{"optimizer", {Text("sgd")}}}}};
  EXPECT_THAT(GivenSettings(settings, space).Largest("epochs"), Optional(20));
}

}  // namespace
}  // namespace attune
