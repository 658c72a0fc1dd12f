#include "server/search/random_search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/searched_study.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::vector<Suggestion> SuggestRandom(const SearchedStudy& study, int count,
                                      uint64_t seed = 7) {
  Rng rng(seed);
  auto suggestions = RandomSearchAlgorithm().Suggest(study.view(), count, rng);
  EXPECT_THAT(suggestions, IsOk());
  return suggestions.ok() ? *suggestions : std::vector<Suggestion>();
}

// The fractions of 4000 draws of one parameter, beside a continuous one that
// makes all of them different, for which each of `tests` holds.
std::vector<double> Fractions(
    const Domain& domain,
    const std::vector<std::function<bool(const ParameterValue&)>>& tests) {
  constexpr int kDraws = 4000;
  const SearchedStudy study(
      {{{"x", domain, std::nullopt}, {"other", DoubleRange{}, std::nullopt}},
       {}});
  std::vector<double> fractions(tests.size(), 0.0);
  for (const Suggestion& suggestion : SuggestRandom(study, kDraws)) {
    for (size_t i = 0; i < tests.size(); ++i) {
      if (tests[i](suggestion.parameters.at("x"))) fractions[i] += 1.0 / kDraws;
    }
  }
  return fractions;
}

std::function<bool(const ParameterValue&)> Below(double limit) {
  return [limit](const ParameterValue& v) { return *AsDouble(v) < limit; };
}

std::function<bool(const ParameterValue&)> Is(const ParameterValue& value) {
  return [value](const ParameterValue& v) { return v == value; };
}

// Four standard deviations of 4000 draws are at most 0.032.
auto Near(double fraction) { return testing::DoubleNear(fraction, 0.032); }

TEST(RandomSearchTest, DrawsALinearRangeUniformly) {
  EXPECT_THAT(Fractions(DoubleRange{.min = -1.0, .max = 3.0},
                        {Below(0.0), Below(1.0), Below(2.0)}),
              testing::ElementsAre(Near(0.25), Near(0.5), Near(0.75)));
}

TEST(RandomSearchTest, DrawsEachDecadeOfALogRangeAsOften) {
  EXPECT_THAT(
      Fractions(DoubleRange{.min = 1e-4, .max = 1.0, .scale = Scale::kLog},
                {Below(1e-3), Below(1e-2), Below(1e-1)}),
      testing::ElementsAre(Near(0.25), Near(0.5), Near(0.75)));
}

// By what is mirrored in the middle of the range: x -> min + max - x is log.
TEST(RandomSearchTest, DrawsTheUpperEndOfAReverseLogRangeDensely) {
  const std::vector<double> fractions = Fractions(
      DoubleRange{.min = 1e-4, .max = 1.0, .scale = Scale::kReverseLog},
      {Below(1.0001 - 1e-1), Below(1.0001 - 1e-2), Below(1.0001 - 1e-3)});
  EXPECT_THAT(fractions,
              testing::ElementsAre(Near(0.25), Near(0.5), Near(0.75)));
}

TEST(RandomSearchTest, DrawsLogIntegersByTheirShareOfTheScale) {
  const std::vector<double> fractions =
      Fractions(IntRange{.min = 1, .max = 1000, .scale = Scale::kLog},
                {Below(10.5), Below(100.5)});
  EXPECT_THAT(fractions, testing::ElementsAre(testing::DoubleNear(0.37, 0.05),
                                              testing::DoubleNear(0.68, 0.05)));
}

TEST(RandomSearchTest, DrawsDiscreteValuesByRank) {
  const Discrete sizes{{int64_t{32}, int64_t{64}, int64_t{128}, int64_t{4096}}};
  EXPECT_THAT(
      Fractions(sizes, {Is(int64_t{32}), Is(int64_t{128}), Is(int64_t{4096})}),
      testing::Each(Near(0.25)));
}

TEST(RandomSearchTest, DrawsChoicesAlike) {
  const Choice optimizers{
      {std::string("sgd"), std::string("adam"), true, int64_t{1}, 1.0}};
  EXPECT_THAT(Fractions(optimizers, {Is(std::string("sgd")), Is(true),
                                     Is(int64_t{1}), Is(1.0)}),
              testing::Each(Near(0.2)));
}

// Beside a continuous parameter, so that the rarer branch is not used up.
TEST(RandomSearchTest, DrawsTheParentBeforeItsChildren) {
  const SearchedStudy study(
      {{{"optimizer", Choice{{std::string("sgd"), std::string("adam")}},
         std::nullopt},
        {"rate", DoubleRange{}, std::nullopt},
        {"beta", IntRange{.min = 0, .max = 99},
         Condition{"optimizer", {std::string("adam")}}}},
       {}});
  const std::vector<Suggestion> suggestions = SuggestRandom(study, 4000);
  const auto with_beta = std::count_if(
      suggestions.begin(), suggestions.end(),
      [](const Suggestion& s) { return s.parameters.contains("beta"); });
  EXPECT_THAT(static_cast<double>(with_beta) / 4000.0, Near(0.5));
}

SearchSpace Ints(int64_t max) {
  return {{{"a", IntRange{.min = 0, .max = max}, std::nullopt}}, {}};
}

TEST(RandomSearchTest, SeedsGiveDifferentPoints) {
  const SearchedStudy study(Ints(int64_t{1} << 40));
  EXPECT_NE(SuggestRandom(study, 3, 1), SuggestRandom(study, 3, 2));
}

// 3 of 100,000 points are left: rejection does not find them, counting does.
TEST(RandomSearchTest, ChoosesAlikeAmongTheFewPointsLeft) {
  SearchedStudy study(Ints(99'999));
  for (int64_t a = 0; a <= 99'999; ++a) {
    if (a != 5 && a != 6 && a != 70'000) study.Add({{{"a", a}}, ""});
  }
  EXPECT_THAT(SuggestRandom(study, 5), SizeIs(3));
  std::map<std::string, int> seen;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const std::vector<Suggestion> one = SuggestRandom(study, 1, seed);
    ASSERT_THAT(one, SizeIs(1));
    ++seen[ToString(one[0].parameters)];
  }
  ASSERT_THAT(seen, SizeIs(3));
  for (const auto& [point, count] : seen) EXPECT_GT(count, 8) << point;
}

// All but one of 150^6 points are forbidden.
TEST(RandomSearchTest, FindsTheOnePointThatIsNotForbidden) {
  SearchSpace space;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    space.parameters.push_back(
        {name, IntRange{.min = 0, .max = 149}, std::nullopt});
    for (int64_t value = 0; value < 150; ++value) {
      if (value != 117) space.forbidden.push_back({{name, value}});
    }
  }
  const SearchedStudy study(space);
  const std::vector<Suggestion> suggestions = SuggestRandom(study, 2);
  ASSERT_THAT(suggestions, SizeIs(1));
  EXPECT_EQ(ToString(suggestions[0].parameters),
            "a=117 b=117 c=117 d=117 e=117 f=117");
}

TEST(RandomSearchTest, GoesOnInTheContinuousPartWhenTheFinitePartIsUsedUp) {
  std::vector<ParameterValue> values;
  for (int64_t i = 0; i < 1000; ++i) values.emplace_back(i);
  SearchedStudy study(
      {{{"kind", Choice{values}, std::nullopt},
        {"x", DoubleRange{}, Condition{"kind", {int64_t{999}}}}},
       {}});
  for (int64_t i = 0; i < 999; ++i) study.Add({{{"kind", i}}, ""});
  const std::vector<Suggestion> suggestions = SuggestRandom(study, 50);
  EXPECT_THAT(suggestions, SizeIs(50));
  for (const Suggestion& suggestion : suggestions) {
    EXPECT_TRUE(suggestion.parameters.contains("x"));
  }
}

TEST(RandomSearchTest, EndsWhereARangeHasHardlyANumber) {
  const double next = std::nextafter(1.0, 2.0);
  SearchedStudy study(
      {{{"x", DoubleRange{.min = 1.0, .max = next}, std::nullopt}}, {}});
  EXPECT_LE(SuggestRandom(study, 5).size(), 2U);
  study.Add({{{"x", 1.0}}, ""});
  study.Add({{{"x", next}}, ""});
  EXPECT_THAT(SuggestRandom(study, 5), IsEmpty());
}

TEST(RandomSearchTest, IgnoresThePointsOfAGrid) {
  const SearchedStudy study(
      {{{"a", IntRange{.min = 0, .max = 9, .points = 2}, std::nullopt}}, {}});
  EXPECT_THAT(SuggestRandom(study, 100), SizeIs(10));
}

}  // namespace
}  // namespace attune
