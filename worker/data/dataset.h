#ifndef ATTUNE_WORKER_DATA_DATASET_H_
#define ATTUNE_WORKER_DATA_DATASET_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/types/span.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Images as they are in the file, (features, examples): a quarter of the memory
// that numbers would take.
using Pixels = Eigen::Matrix<uint8_t, Eigen::Dynamic, Eigen::Dynamic>;

// Numbers as they are in the file, (features, examples). In double, since what
// tells them apart may be small beside their size (seconds since 1970): they
// become Scalars once their mean is taken away.
using Table = Eigen::MatrixXd;

// The features [begin, begin + size) of which one is 1 and the others 0: a
// category.
struct OneHot {
  int64_t begin = 0;
  int64_t size = 0;
  friend bool operator==(const OneHot&, const OneHot&) = default;
};

// A column of a table that the features were made from, in order: a number is
// one feature, a category as many as there are.
struct InputColumn {
  std::string name;
  std::vector<std::string> categories;  // empty: numbers
  friend bool operator==(const InputColumn&, const InputColumn&) = default;
};

// Examples to learn from, each with its class or, for a regression, with
// numbers to predict. Shared by trials, read-only.
struct Dataset {
  std::variant<Pixels, Table> inputs;  // (features, examples)
  ImageShape image;                    // what the features of Pixels are
  std::vector<InputColumn> columns;    // of a table
  std::vector<OneHot> categories;      // among the features of a Table
  bool has_missing = false;            // some inputs of a Table are NaN
  std::vector<int32_t> labels;         // of each example, below classes.size()
  std::vector<std::string> classes;    // their names
  Table targets;  // (targets, examples), then without labels and classes

  bool is_regression() const { return targets.rows() > 0; }
  int64_t num_examples() const;
  int64_t num_features() const;
  int64_t num_classes() const { return static_cast<int64_t>(classes.size()); }
};

// What a network sees of an example: of an input x, scale (x - mean), with one
// mean and one scale for all features, one for each channel of an image, or one
// for each feature.
struct Scaling {
  Eigen::VectorXd mean;
  Eigen::VectorXd scale;
  Eigen::VectorXd fill;  // what is seen of a missing input; empty: none misses
  // The same of the targets; empty: they are as they are.
  Eigen::VectorXd target_mean;
  Eigen::VectorXd target_scale;
};

// The scaling that gives `examples` the mean 0 and the deviation 1: an image's
// pixels channel by channel, else feature by feature, and the targets one by
// one. What is constant becomes 0.
//
// A missing number is taken for the mean of those that `examples` have, a
// missing category for the most frequent of them, the first if several are.
// REQUIRES: `examples` is not empty.
Scaling Standardize(const Dataset& dataset, absl::Span<const int64_t> examples);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_DATASET_H_
