#include "core/data_conflicts.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/dataset_name.h"
#include "core/layer_list.h"

namespace attune {
namespace {

void Add(const GivenSettings& given, absl::string_view name,
         std::string description, std::vector<Violation>& violations) {
  violations.push_back(
      {.field = given.Field(name), .description = std::move(description)});
}

bool IsTable(DatasetKind kind) { return kind == DatasetKind::kTable; }
bool MayBeRegression(DatasetKind kind) {
  return IsTable(kind) || kind == DatasetKind::kRegression;
}

// A setting that counts for some datasets only.
struct Only {
  absl::string_view setting;
  bool (*counts)(DatasetKind kind);
  absl::string_view where;
};
constexpr Only kOnly[] = {
    {"target_column", IsTable, "a .csv file"},
    {"task", IsTable, "a .csv file"},
    {"categorical", IsTable, "a .csv file"},
    {"missing", IsTable, "a .csv file"},
    {"standardize_targets", MayBeRegression, "numbers to predict"},
    {"samples", IsSynthetic, "a dataset that is made up"},
    {"noise", IsSynthetic, "a dataset that is made up"},
    {"shift", HasImages, "a dataset of images"},
    {"flip", HasImages, "a dataset of images"},
};

void CheckKind(const GivenSettings& given, DatasetKind kind,
               std::vector<Violation>& violations) {
  for (const Only& only : kOnly) {
    if (!given.Has(only.setting) || only.counts(kind)) continue;
    Add(given, only.setting,
        absl::StrCat("found ", given.Told(only.setting), " where ",
                     given.Where("dataset"), ", expected it only for ",
                     only.where),
        violations);
  }
  for (const absl::string_view network : {"cnn", "lenet"}) {
    if (!given.IsNamed("network", network) || HasImages(kind)) continue;
    Add(given, "network",
        absl::StrCat("found `network: ", network, "` where ",
                     given.Where("dataset"),
                     ", expected it only for a dataset of images"),
        violations);
  }
}

// What only classes can have, where the study says that there are none.
void CheckRegression(const GivenSettings& given, DatasetKind kind,
                     std::vector<Violation>& violations) {
  if (kind != DatasetKind::kRegression &&
      !(IsTable(kind) && given.IsNamed("task", "regression"))) {
    return;
  }
  // `task` may be known from the objective alone.
  const std::string why =
      IsTable(kind)
          ? "the target is a number, by `task` or by the objective"
          : absl::StrCat(given.Where("dataset"), ", whose target is a number");
  for (const absl::string_view setting : {"class_weights", "label_smoothing"}) {
    if (!given.Has(setting)) continue;
    Add(given, setting,
        absl::StrCat("found ", given.Told(setting), " where ", why,
                     ", expected it only where there are classes"),
        violations);
  }
  if (given.IsNamed("loss", "cross_entropy")) {
    Add(given, "loss",
        absl::StrCat("found `loss: cross_entropy` where ", why,
                     ", expected it only where there are classes"),
        violations);
  }
}

// An image that moves by its whole size is gone.
void CheckShift(const GivenSettings& given, DatasetKind kind,
                std::vector<Violation>& violations) {
  const std::optional<ImageSize> image = ImageSizeOf(kind);
  const std::optional<int64_t> shift = given.Largest("shift");
  if (!image.has_value() || !shift.has_value()) return;
  const int64_t side = std::min(image->height, image->width);
  if (*shift < side) return;
  Add(given, "shift",
      absl::StrCat("found a shift of ", *shift, " pixels where ",
                   given.Where("dataset"), ", whose images are ", image->height,
                   "x", image->width, ", expected fewer than ", side),
      violations);
}

// Of `whole` examples; a fraction that is none is reported as that.
int64_t LeastToValidate(const GivenSettings& given, int64_t whole) {
  const auto fixed = given.Fixed("validation_fraction");
  const std::optional<double> fraction =
      fixed.has_value() ? AsDouble(*fixed) : std::nullopt;
  if (given.Has("folds") || !fraction.has_value() || !(*fraction > 0.0) ||
      *fraction >= 1.0) {
    return 1;
  }
  const int64_t count = std::llround(*fraction * static_cast<double>(whole));
  return std::max<int64_t>(1, count);
}

// As many as the split will leave, where the study tells how many there are.
void CheckTrainExamples(const GivenSettings& given, DatasetKind kind,
                        std::vector<Violation>& violations) {
  const std::optional<int64_t> wanted = given.Largest("train_examples");
  const std::optional<int64_t> whole =
      IsSynthetic(kind) ? given.Largest("samples") : NumExamplesOf(kind);
  if (!wanted.has_value() || !whole.has_value()) return;
  const int64_t left = *whole - LeastToValidate(given, *whole);
  if (*wanted <= left) return;
  Add(given, "train_examples",
      absl::StrCat("found ", *wanted, " where ", given.Where("dataset"),
                   ", expected at most ", left, " of its ", *whole,
                   " examples: the others are to validate on"),
      violations);
}

void CheckLayersFit(const GivenSettings& given, DatasetKind kind,
                    std::vector<Violation>& violations) {
  const std::optional<ImageSize> image = ImageSizeOf(kind);
  if (!image.has_value()) return;
  for (const auto& [field, value] : given.Listed("layers")) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) continue;
    const auto layers = ParseLayerList(*text);
    if (!layers.ok()) continue;  // reported as that
    ImageSize size = *image;
    for (size_t i = 0; i < layers->size(); ++i) {
      const LayerItem& layer = (*layers)[i];
      if (const auto problem = Misfit(layer, size)) {
        violations.push_back({.field = absl::StrCat(field, "[", i, "]"),
                              .description = absl::StrCat("`", ToString(layer),
                                                          "`: ", *problem)});
        break;
      }
      size = SizeAfter(layer, size);
    }
  }
}

void CheckCategorical(const GivenSettings& given,
                      std::vector<Violation>& violations) {
  if (!given.Has("categorical")) return;
  const std::optional<ParameterValue> categorical = given.Fixed("categorical");
  const auto* text = categorical.has_value()
                         ? std::get_if<std::string>(&*categorical)
                         : nullptr;
  if (text == nullptr) return;
  std::set<absl::string_view> columns;
  for (const absl::string_view column : absl::StrSplit(*text, ',')) {
    if (!columns.insert(column).second) {
      Add(given, "categorical",
          absl::StrCat("found the column `", column,
                       "` twice, expected each column once"),
          violations);
    }
  }
  if (const auto target = given.Fixed("target_column");
      target.has_value() && columns.count(ToString(*target)) != 0) {
    Add(given, "categorical",
        absl::StrCat("found the column `", ToString(*target),
                     "`, which is the `target_column`, expected columns of "
                     "inputs; classes are learnt with `task: classification`"),
        violations);
  }
}

void CheckFolds(const GivenSettings& given,
                std::vector<Violation>& violations) {
  if (given.Has("folds") && given.Has("validation_fraction")) {
    Add(given, "validation_fraction",
        absl::StrCat("found ", given.Told("validation_fraction"), " beside ",
                     given.Told("folds"), ", expected one of them"),
        violations);
  }
  if (!given.Has("fold")) return;
  const std::optional<int64_t> fold = given.Largest("fold");
  const std::optional<int64_t> folds = given.Largest("folds");
  if (!given.Has("folds")) {
    Add(given, "fold",
        absl::StrCat("found ", given.Told("fold"),
                     " without `folds`, expected both"),
        violations);
  } else if (fold.has_value() && folds.has_value() && *fold >= *folds) {
    Add(given, "fold",
        absl::StrCat("found the fold ", *fold,
                     ", expected one below `folds`, which is ", *folds),
        violations);
  }
}

// Of a trial that trains a network for each fold nothing is kept.
void CheckKeeping(const GivenSettings& given,
                  std::vector<Violation>& violations) {
  if (!given.Has("folds") || given.Has("fold")) return;
  for (const absl::string_view setting : {"keep_weights", "keep_models"}) {
    if (!given.Has(setting)) continue;
    Add(given, setting,
        absl::StrCat("found ", given.Told(setting), " where a trial trains on ",
                     "each of ", given.Told("folds"),
                     ", of which no model is kept, expected it only beside "
                     "`fold`"),
        violations);
  }
}

}  // namespace

void CheckDataConflicts(const GivenSettings& given,
                        std::vector<Violation>& violations) {
  const std::optional<ParameterValue> dataset = given.Fixed("dataset");
  const auto* name =
      dataset.has_value() ? std::get_if<std::string>(&*dataset) : nullptr;
  const std::optional<DatasetKind> kind =
      name == nullptr ? std::nullopt : KindOfDataset(*name);
  if (kind.has_value()) {
    CheckKind(given, *kind, violations);
    CheckRegression(given, *kind, violations);
    CheckShift(given, *kind, violations);
    CheckTrainExamples(given, *kind, violations);
    CheckLayersFit(given, *kind, violations);
  }
  CheckCategorical(given, violations);
  CheckFolds(given, violations);
  CheckKeeping(given, violations);
}

}  // namespace attune
