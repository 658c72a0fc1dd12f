#include "worker/training/data_description.h"

#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/network_settings.h"
#include "core/status_macros.h"
#include "worker/training/training_data.h"

namespace attune {
namespace {

// What LoadTrainingData() looks at.
constexpr absl::string_view kDataSettings[] = {
    "dataset",       "target_column",
    "task",          "categorical",
    "missing",       "samples",
    "noise",         "train_examples",
    "folds",         "fold",
    "shift",         "flip",
    "class_weights", "validation_fraction"};

std::string CountOf(int64_t count, absl::string_view one,
                    absl::string_view several) {
  return absl::StrCat(count, " ", count == 1 ? one : several);
}

std::string ExamplesText(const nn::Dataset& dataset) {
  const nn::ImageShape& image = dataset.image;
  if (image.is_image()) {
    return absl::StrCat(
        dataset.num_examples(), " images of ", image.height, " x ", image.width,
        image.channels > 1 ? absl::StrCat(" x ", image.channels) : "");
  }
  return absl::StrCat(CountOf(dataset.num_examples(), "example", "examples"),
                      " of ",
                      CountOf(dataset.num_features(), "feature", "features"));
}

std::string SplitText(const NetworkConfig& config, const TrainingData& data) {
  const std::string sizes =
      absl::StrCat(data.split.train.size(), " to train on, ",
                   data.split.validation.size(), " to validate on");
  const std::string test =
      data.test == nullptr
          ? ""
          : absl::StrCat(", and ", data.test->num_examples(), " to test with");
  return absl::StrCat(
      config.folds == 0 ? "" : absl::StrCat(config.folds, " folds, each with "),
      sizes, test);
}

}  // namespace

absl::StatusOr<std::string> DescribeData(const Parameters& settings,
                                         nn::DatasetCache& cache) {
  Parameters of_data;
  for (const absl::string_view name : kDataSettings) {
    const std::optional<ParameterValue> found = settings.Find(name);
    if (found.has_value()) of_data.Set(name, *found);
  }
  ATTUNE_ASSIGN_OR_RETURN(NetworkConfig config,
                          ResolveNetworkConfig(of_data, {}));
  // All folds are of one size, but for an example.
  if (config.folds != 0 && !config.fold.has_value()) config.fold = 0;
  // Nor do sizes depend on the seed.
  ATTUNE_ASSIGN_OR_RETURN(const TrainingData data,
                          LoadTrainingData(config, /*study_seed=*/0, cache));
  const nn::Dataset& dataset = *data.dataset;
  const std::string what =
      dataset.is_regression()
          ? absl::StrCat(": regression, ", ExamplesText(dataset))
          : absl::StrCat(": classification, ", ExamplesText(dataset), ", ",
                         CountOf(dataset.num_classes(), "class", "classes"));
  return absl::StrCat(config.dataset, what, "; ", SplitText(config, data));
}

}  // namespace attune
