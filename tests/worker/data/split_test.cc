#include "worker/data/split.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::HasSubstr;

// As many examples of each class as said, in turn as long as there are any.
Dataset Classes(const std::vector<int64_t>& counts) {
  Dataset dataset;
  for (size_t label = 0; label < counts.size(); ++label) {
    dataset.labels.insert(dataset.labels.end(),
                          static_cast<size_t>(counts[label]),
                          static_cast<int32_t>(label));
    dataset.classes.push_back(std::to_string(label));
  }
  const auto size = static_cast<int64_t>(dataset.labels.size());
  dataset.inputs = Matrix(Matrix::Zero(1, size));
  return dataset;
}

Dataset Numbers(int64_t count) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Zero(1, count));
  dataset.targets = Matrix::Zero(1, count);
  return dataset;
}

double CountClass(const Dataset& dataset, const std::vector<int64_t>& examples,
                  int32_t label) {
  const auto count =
      std::count_if(examples.begin(), examples.end(), [&](int64_t i) {
        return dataset.labels[static_cast<size_t>(i)] == label;
      });
  return static_cast<double>(count);
}

// All of the numbers in both.
std::vector<int64_t> Joined(const Split& split) {
  std::vector<int64_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<int64_t> Counted(int64_t count) {
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(SplitTest, PutsEveryExampleIntoOneOfTheTwo) {
  const Split split =
      SplitExamples(Numbers(103), {.validation_fraction = 0.2}, Rng(1)).value();
  EXPECT_EQ(split.validation.size(), 21);
  EXPECT_EQ(Joined(split), Counted(103));
}

TEST(SplitTest, FollowsItsSeed) {
  const Dataset dataset = Classes({50, 50});
  const auto validation = [&](uint64_t seed) {
    return SplitExamples(dataset, {}, Rng(seed)).value().validation;
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(validation(1), validation(2));
}

TEST(SplitTest, GivesEachPartItsShareOfEveryClass) {
  const Dataset dataset = Classes({100, 12, 9});
  const Split split =
      SplitExamples(dataset, {.validation_fraction = 1.0 / 4.0}, Rng(1))
          .value();
  EXPECT_EQ(split.validation.size(), 30);
  EXPECT_NEAR(CountClass(dataset, split.validation, 0), 25, 1);
  EXPECT_NEAR(CountClass(dataset, split.validation, 1), 3, 1);
  EXPECT_NEAR(CountClass(dataset, split.validation, 2), 2, 1);
}

TEST(SplitTest, DrawsFromAllOfAClass) {
  const Dataset dataset = Classes({4, 4});
  std::vector<int> drawn(8, 0);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Split split =
        SplitExamples(dataset, {.validation_fraction = 0.25}, Rng(seed))
            .value();
    for (const int64_t i : split.validation) ++drawn[static_cast<size_t>(i)];
  }
  // 50 each is what to expect.
  EXPECT_THAT(drawn,
              testing::Each(testing::AllOf(testing::Gt(25), testing::Lt(75))));
}

TEST(SplitTest, ValidatesOnTheSameExamplesHoweverFewAreTrainedOn) {
  const Dataset dataset = Classes({60, 40});
  const Split all = SplitExamples(dataset, {}, Rng(1)).value();
  const Split few =
      SplitExamples(dataset, {.train_examples = 10}, Rng(1)).value();
  EXPECT_EQ(few.train.size(), 10);
  EXPECT_NEAR(CountClass(dataset, few.train, 0), 6, 1);
  EXPECT_EQ(few.validation, all.validation);
  EXPECT_TRUE(std::includes(all.train.begin(), all.train.end(),
                            few.train.begin(), few.train.end()));
}

TEST(SplitTest, RefusesToTrainOnMoreThanThereAre) {
  EXPECT_EQ(SplitExamples(Numbers(60), {.train_examples = 50}, Rng(1))
                .value()
                .train.size(),
            50);
  EXPECT_THAT(SplitExamples(Numbers(60), {.train_examples = 51}, Rng(1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("found train_examples 51, expected at most "
                                 "50, which are left")));
}

TEST(SplitTest, FoldsHoldEveryExampleOnce) {
  const Dataset dataset = Classes({50, 31, 20});
  std::vector<int64_t> all;
  for (int64_t fold = 0; fold < 5; ++fold) {
    const Split split =
        SplitExamples(dataset, {.folds = 5, .fold = fold}, Rng(1)).value();
    EXPECT_EQ(Joined(split), Counted(101));
    EXPECT_NEAR(static_cast<double>(split.validation.size()), 101.0 / 5, 1.0);
    EXPECT_NEAR(CountClass(dataset, split.validation, 0), 10, 1);
    EXPECT_NEAR(CountClass(dataset, split.validation, 1), 6, 1);
    EXPECT_NEAR(CountClass(dataset, split.validation, 2), 4, 1);
    all.insert(all.end(), split.validation.begin(), split.validation.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, Counted(101));
}

struct RefusalCase {
  std::string name;
  int64_t examples;
  SplitOptions options;
  std::string why;
};

class SplitRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(SplitRefusalTest, SaysWhatIsWrong) {
  EXPECT_THAT(
      SplitExamples(Numbers(GetParam().examples), GetParam().options, Rng(1)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    All, SplitRefusalTest,
    testing::Values(
        RefusalCase{"NothingToValidateOn",
                    3,
                    {.validation_fraction = 0.01},
                    "splitting 3 examples: validation_fraction 0.01 takes 0"},
        RefusalCase{"NothingToTrainOn",
                    3,
                    {.validation_fraction = 0.99},
                    "takes 3 for validation"},
        RefusalCase{"MoreFoldsThanExamples",
                    3,
                    {.folds = 4},
                    "splitting 3 examples into 4 folds"},
        RefusalCase{"NoSuchFold",
                    9,
                    {.folds = 3, .fold = 3},
                    "found the fold 3, expected one from 0 to 2"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn
