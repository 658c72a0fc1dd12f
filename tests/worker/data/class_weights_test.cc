#include "worker/data/class_weights.h"

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

Dataset Labelled(std::vector<int32_t> labels) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Zero(1, static_cast<int64_t>(labels.size())));
  dataset.labels = std::move(labels);
  dataset.classes = {"a", "b", "c"};
  return dataset;
}

TEST(ClassWeightsTest, MakesUpForHowFrequentAClassIs) {
  const Dataset dataset = Labelled({0, 0, 0, 1, 2, 2});
  const Vector weights = BalancedClassWeights(dataset, {0, 1, 2, 3, 4, 5});
  EXPECT_NEAR(weights[0], 6.0 / (3 * 3), 1e-12);
  EXPECT_NEAR(weights[1], 6.0 / (3 * 1), 1e-12);
  EXPECT_NEAR(weights[2], 6.0 / (3 * 2), 1e-12);
}

TEST(ClassWeightsTest, CountsTheseExamplesAlone) {
  const Dataset dataset = Labelled({0, 0, 0, 1, 2, 2});
  EXPECT_EQ(BalancedClassWeights(dataset, {0, 3, 4}), Vector::Ones(3));
}

TEST(ClassWeightsTest, AClassWithoutExamplesChangesNothing) {
  const Dataset dataset = Labelled({0, 0, 0, 1});
  const Vector weights = BalancedClassWeights(dataset, {0, 1, 2, 3});
  EXPECT_NEAR(weights[0], 4.0 / (2 * 3), 1e-12);
  EXPECT_NEAR(weights[1], 4.0 / (2 * 1), 1e-12);
  EXPECT_EQ(weights[2], 1.0);
}

}  // namespace
}  // namespace attune::nn
