#include "server/search/grid_search.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/search/point_walk.h"
#include "tests/testing/searched_study.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ParameterSpec Ints(const std::string& name, int64_t max,
                   std::optional<Condition> when = std::nullopt) {
  return {name, IntRange{.min = 0, .max = max}, std::move(when)};
}

std::vector<Suggestion> SuggestGrid(const SearchedStudy& study, int count) {
  Rng rng(1);
  auto suggestions = GridSearchAlgorithm().Suggest(study.view(), count, rng);
  EXPECT_THAT(suggestions, IsOk());
  return suggestions.ok() ? *suggestions : std::vector<Suggestion>();
}

std::vector<std::string> Points(const std::vector<Suggestion>& suggestions) {
  std::vector<std::string> points;
  points.reserve(suggestions.size());
  for (const Suggestion& suggestion : suggestions) {
    points.push_back(ToString(suggestion.parameters));
  }
  return points;
}

TEST(GridSearchTest, GoesInNestedLoopsTheFirstParameterOutermost) {
  const SearchedStudy study({{Ints("z", 1), Ints("a", 2)}, {}});
  EXPECT_THAT(Points(SuggestGrid(study, 100)),
              ElementsAre("a=0 z=0", "a=1 z=0", "a=2 z=0", "a=0 z=1", "a=1 z=1",
                          "a=2 z=1"));
}

TEST(GridSearchTest, TakesThePointsOfAContinuousRange) {
  const SearchedStudy study(
      {{{"rate",
         DoubleRange{
             .min = 0.01, .max = 1.0, .scale = Scale::kLog, .points = 3},
         std::nullopt}},
       {}});
  const std::vector<Suggestion> suggestions = SuggestGrid(study, 100);
  ASSERT_THAT(suggestions, SizeIs(3));
  EXPECT_NEAR(std::get<double>(suggestions[1].parameters.at("rate")), 0.1,
              1e-12);
}

TEST(GridSearchTest, RefusesEachContinuousRangeWithoutPointsAndSaysWhatToDo) {
  StudySpec spec;
  spec.space.parameters = {
      {"rate", DoubleRange{.min = 1e-4, .scale = Scale::kLog}, std::nullopt},
      Ints("layers", 3),
      {"dropout", DoubleRange{}, std::nullopt}};
  const absl::Status status = GridSearchAlgorithm().Supports(spec);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(Violations(status), SizeIs(2));
  EXPECT_EQ(Violations(status)[0].field, "parameters.rate.points");
  EXPECT_THAT(Violations(status)[0].description,
              AllOf(HasSubstr("write `points: 5`"), HasSubstr("log scale")));
  EXPECT_EQ(Violations(status)[1].field, "parameters.dropout.points");
}

TEST(GridSearchTest, TagsEachSuggestionWithItsPlace) {
  const SearchedStudy study(
      {{Ints("a", 1), Ints("b", 20, Condition{"a", {int64_t{1}}}),
        Ints("c", 0)},
       {}});
  const std::vector<Suggestion> suggestions = SuggestGrid(study, 100);
  ASSERT_THAT(suggestions, SizeIs(22));
  EXPECT_EQ(suggestions[0].tag, "grid:0,-,0");
  EXPECT_EQ(suggestions[13].tag, "grid:1,12,0");
}

TEST(GridSearchTest, GoesOnBehindTheLastPlaceAmongTheTrials) {
  SearchedStudy study({{Ints("a", 9), Ints("b", 9)}, {}});
  study.Add({{{"a", int64_t{4}}, {"b", int64_t{9}}}, "grid:4,9"});
  study.Add({{{"a", int64_t{0}}, {"b", int64_t{0}}}, "chosen by a person"});
  study.Add({{{"a", int64_t{5}}, {"b", int64_t{0}}}, ""});
  EXPECT_THAT(Points(SuggestGrid(study, 2)), ElementsAre("a=5 b=1", "a=5 b=2"));
}

TEST(GridSearchTest, TakesNoOthersTagForItsOwn) {
  for (const char* tag : {"grid:", "grid:1", "grid:1,1,1", "grid:2,0",
                          "grid:1,x", "grid:-2,0", "random"}) {
    SearchedStudy study({{Ints("a", 1), Ints("b", 1)}, {}});
    study.Add({{{"a", int64_t{0}}, {"b", int64_t{0}}}, tag});
    EXPECT_THAT(Points(SuggestGrid(study, 1)), ElementsAre("a=0 b=1")) << tag;
  }
}

// 1000^100 points: nothing may count them.
TEST(GridSearchTest, FindsItsWayInAGridTooLargeToCount) {
  SearchSpace space;
  Place deep;
  for (int i = 0; i < 100; ++i) {
    space.parameters.push_back(Ints(absl::StrCat("p", 100 + i), 999));
    deep.push_back(i + 500);
  }
  deep.back() = 999;
  deep[98] = 999;
  SearchedStudy study(space);
  PointWalk walk(space, WalkValues::kGrid);
  walk.SeekFrom(deep);
  ASSERT_THAT(walk.Next(), IsOkAndHolds(true));
  study.Add({walk.parameters(),
             absl::StrCat("grid:", absl::StrJoin(walk.place(), ","))});
  const std::vector<Suggestion> suggestions = SuggestGrid(study, 2);
  ASSERT_THAT(suggestions, SizeIs(2));
  EXPECT_EQ(suggestions[0].parameters.at("p197"), ParameterValue(int64_t{598}));
  EXPECT_EQ(suggestions[0].parameters.at("p199"), ParameterValue(int64_t{0}));
  EXPECT_EQ(suggestions[1].parameters.at("p199"), ParameterValue(int64_t{1}));
}

TEST(GridSearchTest, TriesAPointOnceThoughTwoPlacesHaveIt) {
  const SearchedStudy study(
      {{{"a", DoubleRange{.min = 0.5, .max = 0.5, .points = 3}, std::nullopt}},
       {}});
  EXPECT_THAT(Points(SuggestGrid(study, 100)), ElementsAre("a=0.5"));
}

}  // namespace
}  // namespace attune
