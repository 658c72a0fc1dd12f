#ifndef ATTUNE_WORKER_NN_METRICS_H_
#define ATTUNE_WORKER_NN_METRICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "worker/nn/types.h"

namespace attune::nn {

// How often examples of each class, a row, were taken for each class, a column.
using ConfusionMatrix =
    Eigen::Matrix<int64_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// For people and their programs: a header `label,CLASS,CLASS,...`, then a line
// for each class, its name and its row. Names are quoted where they must be.
std::string ToCsv(const ConfusionMatrix& confusion,
                  absl::Span<const std::string> classes);

// Counts how the classes of examples are predicted: an example is taken for the
// class of its largest output, the first of them if several are. The measures
// are of all examples since the construction. REQUIRES for them: there was one.
class ClassificationMetrics {
 public:
  explicit ClassificationMetrics(int64_t classes);

  // `outputs` (classes, batch), a label for each example.
  void Add(const ConstMatrixView& outputs, absl::Span<const int32_t> labels);

  // The share of the examples that are taken for what they are.
  double accuracy() const;
  // The share of those whose class is among the three largest outputs.
  double top3_accuracy() const;
  // The mean of F1 = 2 TP / (2 TP + FP + FN) over the classes that are the
  // label or the prediction of an example: each counts the same, however rare.
  double macro_f1() const;
  const ConfusionMatrix& confusion() const { return confusion_; }

 private:
  ConfusionMatrix confusion_;
  int64_t examples_ = 0;
  int64_t in_top3_ = 0;
};

// How near predicted numbers are to what is true, in the units of the data.
class RegressionMetrics {
 public:
  // `units` says for each target how many of its units make 1 of what Add()
  // sees: the deviation it was divided by.
  explicit RegressionMetrics(const Vector& units);

  // `predictions` and `targets` (targets, batch).
  void Add(const ConstMatrixView& predictions, const ConstMatrixView& targets);

  // Over all examples and targets: the root of the mean squared error, and the
  // mean absolute error.
  double rmse() const;
  double mae() const;
  // The coefficient of determination, 1 - sum of squared errors / sum of
  // squared distances of the targets from their mean; the mean over the
  // targets. 1 is perfect, 0 as good as always predicting the mean. Of a target
  // that is always the same it is 1 without error, else 0.
  double r2() const;

 private:
  using Sums = Eigen::ArrayXd;  // a number for each target

  const Sums units_;
  int64_t examples_ = 0;
  Sums squares_;    // of the errors
  Sums absolutes_;  // errors
  Sums mean_;       // of the targets
  Sums spread_;     // squared distances from it (Welford 1962)
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_METRICS_H_
