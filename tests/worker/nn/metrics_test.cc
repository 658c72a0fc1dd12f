#include "worker/nn/metrics.h"

#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

// Of six examples, one in each row, what is the label and the prediction.
ClassificationMetrics SixExamples() {
  const std::vector<int32_t> labels = {0, 0, 0, 1, 1, 2};
  const int predictions[] = {0, 0, 1, 1, 2, 2};
  Matrix outputs = Matrix::Zero(4, 6);
  for (int i = 0; i < 6; ++i) outputs(predictions[i], i) = 1.0;
  ClassificationMetrics metrics(4);
  // In two parts, as batches are.
  metrics.Add(View(outputs.leftCols(4)), absl::MakeConstSpan(labels).first(4));
  metrics.Add(View(outputs.rightCols(2)), absl::MakeConstSpan(labels).last(2));
  return metrics;
}

TEST(ClassificationMetricsTest, CountsLabelsByPredictions) {
  ConfusionMatrix expected(4, 4);
  expected << 2, 1, 0, 0,  //
      0, 1, 1, 0,          //
      0, 0, 1, 0,          //
      0, 0, 0, 0;
  EXPECT_EQ(SixExamples().confusion(), expected);
  EXPECT_DOUBLE_EQ(SixExamples().accuracy(), 4.0 / 6.0);
}

// As scikit-learn's f1_score(average="macro"): the class that is neither label
// nor prediction does not count.
TEST(ClassificationMetricsTest, MacroF1IsTheMeanOverTheClassesThatOccur) {
  const double f1[] = {2 * 2.0 / (4 + 1), 2 * 1.0 / (2 + 1 + 1),
                       2 * 1.0 / (2 + 1)};
  EXPECT_DOUBLE_EQ(SixExamples().macro_f1(), (f1[0] + f1[1] + f1[2]) / 3.0);
}

TEST(ClassificationMetricsTest, Top3IsWhereAtMostTwoOutputsAreLarger) {
  Matrix outputs(5, 1);
  outputs << 0.5, 0.9, 0.7, 0.1, 0.6;
  const auto top3 = [&outputs](int32_t label) {
    ClassificationMetrics metrics(5);
    metrics.Add(View(outputs), std::vector<int32_t>{label});
    return metrics.top3_accuracy();
  };
  EXPECT_EQ(top3(1), 1.0);
  EXPECT_EQ(top3(4), 1.0);
  EXPECT_EQ(top3(0), 0.0);
}

TEST(ClassificationMetricsTest, OfEqualOutputsTheFirstAreTheLargest) {
  const Matrix equal = Matrix::Zero(5, 1);
  const auto add = [&equal](int32_t label) {
    ClassificationMetrics metrics(5);
    metrics.Add(View(equal), std::vector<int32_t>{label});
    return metrics;
  };
  EXPECT_EQ(add(0).accuracy(), 1.0);
  EXPECT_EQ(add(1).accuracy(), 0.0);
  EXPECT_EQ(add(2).top3_accuracy(), 1.0);
  EXPECT_EQ(add(3).top3_accuracy(), 0.0);
}

TEST(ConfusionMatrixTest, IsATableWithQuotesWhereTheyAreNeeded) {
  ConfusionMatrix confusion(2, 2);
  confusion << 7, 1, 0, 12;
  EXPECT_EQ(ToCsv(confusion, std::vector<std::string>{"cat", "a \"dog\", big"}),
            "label,cat,\"a \"\"dog\"\", big\"\n"
            "cat,7,1\n"
            "\"a \"\"dog\"\", big\",0,12\n");
}

RegressionMetrics OneTarget(const Matrix& predictions, const Matrix& targets,
                            double unit = 1.0) {
  RegressionMetrics metrics(Vector::Constant(1, unit));
  metrics.Add(View(predictions.leftCols(1)), View(targets.leftCols(1)));
  const int64_t rest = targets.cols() - 1;
  metrics.Add(View(predictions.rightCols(rest)), View(targets.rightCols(rest)));
  return metrics;
}

TEST(RegressionMetricsTest, MeasuresErrorsInTheUnitsOfTheData) {
  Matrix targets(1, 4);
  targets << 1, 2, 3, 6;
  Matrix predictions(1, 4);
  predictions << 1, 3, 3, 3;
  const RegressionMetrics metrics = OneTarget(predictions, targets, 10.0);
  EXPECT_DOUBLE_EQ(metrics.rmse(), 10.0 * std::sqrt(10.0 / 4.0));
  EXPECT_DOUBLE_EQ(metrics.mae(), 10.0);
  // The targets' mean is 3, their squared distances from it 4 + 1 + 0 + 9.
  EXPECT_DOUBLE_EQ(metrics.r2(), 1.0 - 10.0 / 14.0);
}

TEST(RegressionMetricsTest, R2OfTheMeanIsZero) {
  Matrix targets(1, 3);
  targets << 1e6 + 1, 1e6 + 2, 1e6 + 3;
  EXPECT_NEAR(OneTarget(Matrix::Constant(1, 3, 1e6 + 2), targets).r2(), 0.0,
              1e-12);
}

TEST(RegressionMetricsTest, R2OfAConstantTargetIsOneOrZero) {
  const Matrix targets = Matrix::Constant(1, 3, 5.0);
  EXPECT_EQ(OneTarget(targets, targets).r2(), 1.0);
  EXPECT_EQ(OneTarget(Matrix::Constant(1, 3, 4.0), targets).r2(), 0.0);
}

TEST(RegressionMetricsTest, OfSeveralTargetsIsTheMean) {
  Matrix targets(2, 2);
  targets << 0, 2,  //
      0, 4;
  Matrix predictions(2, 2);
  predictions << 0, 2,  //
      1, 3;
  Vector units(2);
  units << 1.0, 3.0;
  RegressionMetrics metrics(units);
  metrics.Add(View(predictions), View(targets));
  EXPECT_DOUBLE_EQ(metrics.mae(), (0.0 + 3.0) / 2.0);
  EXPECT_DOUBLE_EQ(metrics.rmse(), std::sqrt((0.0 + 9.0) / 2.0));
  EXPECT_DOUBLE_EQ(metrics.r2(), (1.0 + (1.0 - 2.0 / 8.0)) / 2.0);
}

}  // namespace
}  // namespace attune::nn
