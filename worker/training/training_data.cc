#include "worker/training/training_data.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "core/check.h"
#include "core/random.h"
#include "core/status_macros.h"
#include "worker/data/class_weights.h"

namespace attune {
namespace {

nn::CsvOptions::Task TaskOf(absl::string_view word) {
  using enum nn::CsvOptions::Task;
  if (word == "auto") return kAuto;
  if (word == "classification") return kClassification;
  ATTUNE_CHECK(word == "regression");
  return kRegression;
}

nn::CsvOptions::Missing MissingOf(absl::string_view word) {
  using enum nn::CsvOptions::Missing;
  if (word == "refuse") return kRefuse;
  if (word == "drop") return kDrop;
  ATTUNE_CHECK(word == "impute");
  return kImpute;
}

absl::StatusOr<nn::Vector> ClassWeightsOf(const NetworkConfig& config,
                                          const nn::Dataset& dataset,
                                          const nn::Split& split) {
  if (!config.balanced_classes && config.class_weights.empty()) {
    return nn::Vector();
  }
  if (dataset.is_regression()) {
    return absl::InvalidArgumentError(
        absl::StrCat("using class_weights with ", config.dataset,
                     ": its target is a number, expected classes"));
  }
  if (config.balanced_classes) {
    return nn::BalancedClassWeights(dataset, split.train);
  }
  const auto count = static_cast<int64_t>(config.class_weights.size());
  if (count != dataset.num_classes()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "using class_weights with ", config.dataset, ": found ", count,
        ", expected one for each of its ", dataset.num_classes(), " classes, ",
        absl::StrJoin(dataset.classes, ", ")));
  }
  return nn::Vector(
      Eigen::Map<const Eigen::VectorXd>(config.class_weights.data(), count)
          .cast<nn::Scalar>());
}

absl::Status CheckAugmentation(const NetworkConfig& config,
                               const nn::ImageShape& image) {
  if (config.shift == 0 && config.flip == 0.0) return absl::OkStatus();
  if (!image.is_image()) {
    return absl::InvalidArgumentError(
        absl::StrCat("using shift and flip with ", config.dataset,
                     ": found no images, which they are for"));
  }
  // An image that moves by its whole size is gone.
  const int64_t side = std::min(image.height, image.width);
  if (config.shift < side) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("using shift with ", config.dataset, ": found ",
                   config.shift, " pixels and images of ", image.height, "x",
                   image.width, ", expected fewer than ", side));
}

}  // namespace

nn::DatasetSource SourceOf(const NetworkConfig& config, uint64_t study_seed) {
  return {.name = config.dataset,
          .csv = {.target_column = config.target_column,
                  .categorical = config.categorical,
                  .task = TaskOf(config.task),
                  .missing = MissingOf(config.missing)},
          .synthetic = {.samples = config.samples, .noise = config.noise},
          .seed = study_seed};
}

absl::StatusOr<TrainingData> LoadTrainingData(const NetworkConfig& config,
                                              uint64_t study_seed,
                                              nn::DatasetCache& cache) {
  ATTUNE_CHECK(config.folds == 0 || config.fold.has_value());
  TrainingData data;
  const nn::DatasetSource source = SourceOf(config, study_seed);
  ATTUNE_ASSIGN_OR_RETURN(data.dataset, cache.Get(source));
  ATTUNE_ASSIGN_OR_RETURN(data.test, cache.GetTest(source));
  ATTUNE_RETURN_IF_ERROR(CheckAugmentation(config, data.dataset->image));
  ATTUNE_ASSIGN_OR_RETURN(
      data.split,
      nn::SplitExamples(*data.dataset,
                        {.validation_fraction = config.validation_fraction,
                         .folds = config.folds,
                         .fold = config.fold.value_or(0),
                         .train_examples = config.train_examples},
                        Rng(study_seed).Split("split")));
  data.scaling = nn::Standardize(*data.dataset, data.split.train);
  // What binary_cross_entropy compares with are chances, which have no unit.
  if (data.dataset->is_regression() &&
      (!config.standardize_targets || config.loss == "binary_cross_entropy")) {
    data.scaling.target_mean.setZero();
    data.scaling.target_scale.setOnes();
  }
  ATTUNE_ASSIGN_OR_RETURN(data.class_weights,
                          ClassWeightsOf(config, *data.dataset, data.split));
  return data;
}

}  // namespace attune
