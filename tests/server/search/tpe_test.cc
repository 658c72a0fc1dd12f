#include "server/search/tpe.h"

#include <cmath>
#include <vector>

#include "core/rule.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/search/factory.h"
#include "tests/testing/searched_study.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

// The best of `trials` values of (x - 0.7)^2 + (y - 0.2)^2, and 1 more for a
// choice other than `b`.
double BestFound(const Algorithm& algorithm, int trials, uint64_t seed) {
  SearchedStudy study(
      {{{"x", DoubleRange{}, std::nullopt},
        {"y", DoubleRange{}, std::nullopt},
        {"z", Choice{{std::string("a"), std::string("b"), std::string("c")}},
         std::nullopt}},
       {}},
      algorithm);
  const auto search = MakeSearchAlgorithm(algorithm);
  double best = 10.0;
  for (int i = 0; i < trials; ++i) {
    Rng rng = Rng(seed).Split(static_cast<uint64_t>(i));
    const auto suggestions = search->Suggest(study.view(), 1, rng);
    EXPECT_THAT(suggestions, IsOk());
    const Parameters& point = suggestions->front().parameters;
    const double value =
        std::pow(*point.FindNumber("x") - 0.7, 2) +
        std::pow(*point.FindNumber("y") - 0.2, 2) +
        (point.at("z") == ParameterValue(std::string("b")) ? 0.0 : 1.0);
    best = std::min(best, value);
    study.Add(suggestions->front(), Completed{.objectives = {value}});
  }
  return best;
}

double MeanBest(const Algorithm& algorithm, int trials) {
  double sum = 0.0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    sum += BestFound(algorithm, trials, seed);
  }
  return sum / 10.0;
}

TEST(TpeTest, IsBetterThanRandomWithTwiceTheTrials) {
  const double random = MeanBest({}, 120);
  EXPECT_LT(MeanBest({.name = "tpe"}, 60), random);
  EXPECT_LT(
      MeanBest({.name = "tpe", .settings = {{"multivariate", false}}}, 60),
      random);
}

TEST(TpeTest, KeepsAwayFromWhatRuns) {
  SearchedStudy study({{{"x", DoubleRange{}, std::nullopt}}, {}});
  for (int i = 0; i < 20; ++i) {
    const double x = (i + 0.5) / 20;
    study.Add({{{"x", x}}, ""}, Completed{.objectives = {std::abs(x - 0.5)}});
  }
  const TpeAlgorithm tpe(RuleSettings(*FindRule(SearchRules(), "tpe"), {}));
  Rng rng(1);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto suggestions,
                              tpe.Suggest(study.view(), 12, rng));
  double least = 1.0;
  double most = 0.0;
  for (const Suggestion& suggestion : suggestions) {
    least = std::min(least, *suggestion.parameters.FindNumber("x"));
    most = std::max(most, *suggestion.parameters.FindNumber("x"));
  }
  EXPECT_GT(most - least, 0.1);
}

}  // namespace
}  // namespace attune
