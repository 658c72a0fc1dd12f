#include "worker/nn/metrics.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/check.h"

namespace attune::nn {
namespace {

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string ToCsv(const ConfusionMatrix& confusion,
                  absl::Span<const std::string> classes) {
  ATTUNE_CHECK(confusion.rows() == static_cast<int64_t>(classes.size()));
  ATTUNE_CHECK(confusion.cols() == confusion.rows());
  std::string csv = "label";
  for (const std::string& name : classes) {
    absl::StrAppend(&csv, ",", CsvField(name));
  }
  csv += "\n";
  for (int64_t row = 0; row < confusion.rows(); ++row) {
    csv += CsvField(classes[static_cast<size_t>(row)]);
    for (const int64_t count : confusion.row(row)) {
      absl::StrAppend(&csv, ",", count);
    }
    csv += "\n";
  }
  return csv;
}

ClassificationMetrics::ClassificationMetrics(int64_t classes)
    : confusion_(ConfusionMatrix::Zero(classes, classes)) {}

void ClassificationMetrics::Add(const ConstMatrixView& outputs,
                                absl::Span<const int32_t> labels) {
  ATTUNE_CHECK(outputs.rows() == confusion_.rows());
  ATTUNE_CHECK(outputs.cols() == static_cast<int64_t>(labels.size()));
  for (int64_t i = 0; i < outputs.cols(); ++i) {
    const auto column = outputs.col(i).array();
    const int32_t label = labels[static_cast<size_t>(i)];
    Eigen::Index prediction = 0;
    column.maxCoeff(&prediction);
    ++confusion_(label, prediction);
    const Scalar own = column[label];
    const int64_t before =
        (column > own).count() + (column.head(label) == own).count();
    if (before < 3) ++in_top3_;
  }
  examples_ += outputs.cols();
}

double ClassificationMetrics::accuracy() const {
  ATTUNE_CHECK(examples_ > 0);
  return static_cast<double>(confusion_.diagonal().sum()) /
         static_cast<double>(examples_);
}

double ClassificationMetrics::top3_accuracy() const {
  ATTUNE_CHECK(examples_ > 0);
  return static_cast<double>(in_top3_) / static_cast<double>(examples_);
}

double ClassificationMetrics::macro_f1() const {
  ATTUNE_CHECK(examples_ > 0);
  double sum = 0.0;
  int64_t classes = 0;
  for (int64_t i = 0; i < confusion_.rows(); ++i) {
    // 2 TP + FP + FN
    const int64_t all = confusion_.row(i).sum() + confusion_.col(i).sum();
    if (all == 0) continue;
    ++classes;
    sum +=
        2.0 * static_cast<double>(confusion_(i, i)) / static_cast<double>(all);
  }
  return sum / static_cast<double>(classes);
}

RegressionMetrics::RegressionMetrics(const Vector& units)
    : units_(units.cast<double>()),
      squares_(Sums::Zero(units.size())),
      absolutes_(Sums::Zero(units.size())),
      mean_(Sums::Zero(units.size())),
      spread_(Sums::Zero(units.size())) {}

void RegressionMetrics::Add(const ConstMatrixView& predictions,
                            const ConstMatrixView& targets) {
  ATTUNE_CHECK(targets.rows() == units_.size());
  ATTUNE_CHECK(predictions.rows() == targets.rows() &&
               predictions.cols() == targets.cols());
  for (int64_t i = 0; i < targets.cols(); ++i) {
    ++examples_;
    const auto count = static_cast<double>(examples_);
    for (int64_t row = 0; row < targets.rows(); ++row) {
      const auto target = static_cast<double>(targets(row, i));
      const double error = static_cast<double>(predictions(row, i)) - target;
      squares_[row] += error * error;
      absolutes_[row] += std::abs(error);
      const double distance = target - mean_[row];
      mean_[row] += distance / count;
      spread_[row] += distance * (target - mean_[row]);
    }
  }
}

double RegressionMetrics::rmse() const {
  ATTUNE_CHECK(examples_ > 0);
  return std::sqrt((units_.square() * squares_).mean() /
                   static_cast<double>(examples_));
}

double RegressionMetrics::mae() const {
  ATTUNE_CHECK(examples_ > 0);
  return (units_ * absolutes_).mean() / static_cast<double>(examples_);
}

double RegressionMetrics::r2() const {
  ATTUNE_CHECK(examples_ > 0);
  double sum = 0.0;
  for (int64_t row = 0; row < units_.size(); ++row) {
    if (spread_[row] > 0.0) {
      sum += 1.0 - squares_[row] / spread_[row];
    } else if (squares_[row] == 0.0) {
      sum += 1.0;
    }
  }
  return sum / static_cast<double>(units_.size());
}

}  // namespace attune::nn
