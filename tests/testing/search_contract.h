#ifndef ATTUNE_TESTS_TESTING_SEARCH_CONTRACT_H_
#define ATTUNE_TESTS_TESTING_SEARCH_CONTRACT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/search/factory.h"
#include "tests/testing/random_space.h"
#include "tests/testing/searched_study.h"
#include "tests/testing/status_matchers.h"

// What every SearchAlgorithm must do, whatever the space, the history and the
// count. Included by one file, which names the algorithms:
//   INSTANTIATE_TEST_SUITE_P(All, SearchContractTest, Values(SearchCase{...}),
//                            SearchCaseName);
namespace attune {

struct SearchCase {
  std::string name;
  Algorithm algorithm;
  bool on_grid = false;  // searches the points of the grid only
};

inline void PrintTo(const SearchCase& search_case, std::ostream* out) {
  *out << search_case.name;
}

inline std::string SearchCaseName(
    const testing::TestParamInfo<SearchCase>& info) {
  return info.param.name;
}

inline TrialState RandomState(Rng& rng) {
  switch (rng.Below(7)) {
    case 0:
      return Waiting{};
    case 1:
      return Running{};
    case 2:
      return Pruned{};
    case 3:
      return Infeasible{};
    case 4:
      return Failed{};
    case 5:
      return Cancelled{};
    default:
      return Completed{.objectives = {rng.Normal()}};
  }
}

class SearchContractTest : public testing::TestWithParam<SearchCase> {
 protected:
  static constexpr uint64_t kSeeds = 300;

  std::unique_ptr<SearchAlgorithm> algorithm_ =
      MakeSearchAlgorithm(GetParam().algorithm);

  // A space that the algorithm supports; whether one that is drawn is refused
  // rightly, another test asks.
  SearchedStudy DrawStudy(RandomSpaceOptions options, Rng& rng) const {
    options.points = GetParam().on_grid;
    while (true) {
      SearchedStudy study(RandomSpace(options, rng), GetParam().algorithm);
      if (algorithm_->Supports(study.spec()).ok()) return study;
    }
  }

  // Trials of all kinds, some at points that people chose.
  void DrawHistory(SearchedStudy& study, Rng& rng) const {
    const uint64_t size = rng.Below(12);
    for (uint64_t i = 0; i < size; ++i) {
      if (rng.Below(3) == 0) {
        study.Add({SomePoint(study.spec().space, rng), ""}, RandomState(rng));
        continue;
      }
      const auto suggestions = algorithm_->Suggest(study.view(), 1, rng);
      ATTUNE_ASSERT_OK(suggestions);
      if (suggestions->empty()) return;
      study.Add(suggestions->front(), RandomState(rng));
    }
  }
};

TEST_P(SearchContractTest, SuggestsLegalNewPointsWhateverTheHistory) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Rng rng(seed);
    SearchedStudy study = DrawStudy({.max_parameters = 8}, rng);
    ASSERT_THAT(Validate(study.spec().space), testing::IsEmpty());
    ASSERT_NO_FATAL_FAILURE(DrawHistory(study, rng));
    const int count = 1 + static_cast<int>(rng.Below(6));
    ATTUNE_ASSERT_OK_AND_ASSIGN(const std::vector<Suggestion> suggestions,
                                algorithm_->Suggest(study.view(), count, rng));
    EXPECT_LE(suggestions.size(), static_cast<size_t>(count));
    TriedPoints suggested;
    for (const Suggestion& suggestion : suggestions) {
      const std::string text = ToString(suggestion.parameters);
      EXPECT_THAT(ValidatePoint(study.spec().space, suggestion.parameters),
                  testing::IsEmpty())
          << text;
      const Fingerprint key = FingerprintOf(suggestion.parameters);
      EXPECT_FALSE(study.tried().contains(key)) << text;
      EXPECT_TRUE(suggested.insert(key).second) << text;
    }
  }
}

TEST_P(SearchContractTest, VisitsEachPointOfAFiniteSpaceOnceAndThenEnds) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Rng rng(seed);
    SearchedStudy study =
        DrawStudy({.max_parameters = 4, .continuous = GetParam().on_grid}, rng);
    ASSERT_NO_FATAL_FAILURE(DrawHistory(study, rng));
    std::map<std::string, Parameters> left =
        AllPoints(study.spec().space, GetParam().on_grid);
    for (const Trial& trial : study.view().trials) {
      left.erase(CanonicalKey(trial.parameters));
    }
    while (true) {
      const int count = 1 + static_cast<int>(rng.Below(20));
      ATTUNE_ASSERT_OK_AND_ASSIGN(
          const std::vector<Suggestion> suggestions,
          algorithm_->Suggest(study.view(), count, rng));
      for (const Suggestion& suggestion : suggestions) {
        EXPECT_EQ(left.erase(CanonicalKey(suggestion.parameters)), 1U)
            << ToString(suggestion.parameters);
        study.Add(suggestion, RandomState(rng));
      }
      if (suggestions.size() < static_cast<size_t>(count)) break;
    }
    EXPECT_THAT(left, testing::IsEmpty());
    EXPECT_THAT(algorithm_->Suggest(study.view(), 3, rng),
                IsOkAndHolds(testing::IsEmpty()));
  }
}

TEST_P(SearchContractTest, RefusesSpacesWithoutAPointAndNoOthers) {
  int refused = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Rng rng(seed);
    StudySpec spec;
    spec.space = RandomSpace({.max_parameters = 2,
                              .continuous = GetParam().on_grid,
                              .points = GetParam().on_grid},
                             rng);
    const absl::Status status = algorithm_->Supports(spec);
    if (!AllPoints(spec.space, GetParam().on_grid).empty()) {
      ATTUNE_EXPECT_OK(status);
      continue;
    }
    ++refused;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    ASSERT_THAT(Violations(status), testing::SizeIs(1));
    EXPECT_EQ(Violations(status)[0].field, "forbidden");
  }
  EXPECT_GT(refused, 0);
}

TEST_P(SearchContractTest, SuggestsTheSameForTheSameSeedAndHistory) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Rng rng(seed);
    SearchedStudy study = DrawStudy({}, rng);
    ASSERT_NO_FATAL_FAILURE(DrawHistory(study, rng));
    Rng first = rng.Split("suggest");
    Rng second = rng.Split("suggest");
    const auto suggestions = algorithm_->Suggest(study.view(), 4, first);
    ATTUNE_ASSERT_OK(suggestions);
    const auto restarted = MakeSearchAlgorithm(GetParam().algorithm);
    const SearchedStudy copy = study;
    EXPECT_THAT(restarted->Suggest(copy.view(), 4, second),
                IsOkAndHolds(*suggestions));
  }
}

TEST_P(SearchContractTest, SearchesASpaceWithoutParametersOnce) {
  SearchedStudy study({}, GetParam().algorithm);
  ATTUNE_ASSERT_OK(algorithm_->Supports(study.spec()));
  Rng rng(1);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::vector<Suggestion> suggestions,
                              algorithm_->Suggest(study.view(), 2, rng));
  ASSERT_THAT(suggestions, testing::SizeIs(1));
  EXPECT_THAT(suggestions[0].parameters, testing::IsEmpty());
  study.Add(suggestions[0]);
  EXPECT_THAT(algorithm_->Suggest(study.view(), 2, rng),
              IsOkAndHolds(testing::IsEmpty()));
}

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_SEARCH_CONTRACT_H_
