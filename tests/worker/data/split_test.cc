#include "worker/data/split.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

TEST(SplitTest, PutsEveryExampleIntoOneOfTheTwo) {
  const Split split =
      SplitExamples(103, {.validation_fraction = 0.2}, Rng(1)).value();
  EXPECT_EQ(split.validation.size(), 21);
  std::vector<int64_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  std::sort(all.begin(), all.end());
  std::vector<int64_t> expected(103);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

TEST(SplitTest, FollowsItsSeed) {
  const auto validation = [](uint64_t seed) {
    return SplitExamples(100, {}, Rng(seed)).value().validation;
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(validation(1), validation(2));
}

TEST(SplitTest, ValidatesOnTheSameExamplesHoweverFewAreTrainedOn) {
  const Split all = SplitExamples(100, {}, Rng(1)).value();
  const Split few = SplitExamples(100, {.train_examples = 10}, Rng(1)).value();
  EXPECT_EQ(few.train.size(), 10);
  EXPECT_EQ(few.validation, all.validation);
  EXPECT_TRUE(std::includes(all.train.begin(), all.train.end(),
                            few.train.begin(), few.train.end()));
}

TEST(SplitTest, TakesAllIfMoreAreAskedForThanThereAre) {
  EXPECT_EQ(
      SplitExamples(60, {.train_examples = 1000}, Rng(1)).value().train.size(),
      50);
}

TEST(SplitTest, RefusesAnEmptyHalf) {
  EXPECT_THAT(SplitExamples(3, {.validation_fraction = 0.01}, Rng(1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("3 examples")));
  EXPECT_THAT(SplitExamples(3, {.validation_fraction = 0.99}, Rng(1)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace attune::nn
