#include "worker/training/model.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/status_macros.h"
#include "worker/artifacts/settings_json.h"
#include "worker/training/vector_tensors.h"

namespace attune {
namespace {

constexpr char kFormat[] = "format";
constexpr char kModelFormat[] = "attune-model-1";
constexpr char kSettings[] = "settings";
// Features, classes, the image's channels, height and width, targets, columns,
// whether inputs may be missing.
constexpr char kShape[] = "shape";
constexpr char kClass[] = "class.";
constexpr char kColumn[] = "column.";

std::string CategoryName(int64_t column, int64_t category) {
  return absl::StrCat(kColumn, column, ".", category);
}

absl::StatusOr<nn::InputColumn> ReadColumn(const TensorFile& file, int64_t i) {
  nn::InputColumn column;
  ATTUNE_ASSIGN_OR_RETURN(column.name,
                          GetMetadata(file, absl::StrCat(kColumn, i)));
  for (int64_t j = 0; file.metadata.contains(CategoryName(i, j)); ++j) {
    column.categories.push_back(file.metadata.at(CategoryName(i, j)));
  }
  return column;
}

// An empty dataset of the sizes and names in `file`.
absl::StatusOr<nn::Dataset> ReadShape(const TensorFile& file) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes,
                          GetTensor<int64_t>(file, kShape));
  if (sizes.size() != 8) {
    return absl::DataLossError(
        absl::StrCat("found a shape of ", sizes.size(), " sizes, expected 8"));
  }
  nn::Dataset shape;
  shape.image = {.channels = sizes[2], .height = sizes[3], .width = sizes[4]};
  if (sizes[2] > 0) {
    shape.inputs = nn::Pixels(sizes[0], 0);
  } else {
    shape.inputs = nn::Table(sizes[0], 0);
  }
  shape.targets.resize(sizes[5], 0);
  shape.has_missing = sizes[7] != 0;
  for (int64_t i = 0; i < sizes[1]; ++i) {
    ATTUNE_ASSIGN_OR_RETURN(shape.classes.emplace_back(),
                            GetMetadata(file, absl::StrCat(kClass, i)));
  }
  for (int64_t i = 0; i < sizes[6]; ++i) {
    ATTUNE_ASSIGN_OR_RETURN(shape.columns.emplace_back(), ReadColumn(file, i));
  }
  return shape;
}

absl::StatusOr<nn::Scaling> ReadScaling(const TensorFile& file) {
  nn::Scaling scaling;
  ATTUNE_ASSIGN_OR_RETURN(scaling.mean, GetVector<double>(file, "mean"));
  ATTUNE_ASSIGN_OR_RETURN(scaling.scale, GetVector<double>(file, "scale"));
  ATTUNE_ASSIGN_OR_RETURN(scaling.fill, GetVector<double>(file, "fill"));
  ATTUNE_ASSIGN_OR_RETURN(scaling.target_mean,
                          GetVector<double>(file, "target_mean"));
  ATTUNE_ASSIGN_OR_RETURN(scaling.target_scale,
                          GetVector<double>(file, "target_scale"));
  return scaling;
}

}  // namespace

nn::Dataset ShapeOf(const nn::Dataset& dataset) {
  nn::Dataset shape;
  const int64_t features = dataset.num_features();
  if (std::holds_alternative<nn::Pixels>(dataset.inputs)) {
    shape.inputs = nn::Pixels(features, 0);
  } else {
    shape.inputs = nn::Table(features, 0);
  }
  shape.image = dataset.image;
  shape.classes = dataset.classes;
  shape.columns = dataset.columns;
  shape.has_missing = dataset.has_missing;
  shape.targets.resize(dataset.targets.rows(), 0);
  return shape;
}

TensorFile ToTensors(const Model& model) {
  TensorFile file{.metadata = model.about};
  file.metadata[kFormat] = kModelFormat;
  file.metadata[kSettings] = SettingsToJson(model.settings);
  file.tensors["params"] = ToTensor(model.params);
  file.tensors["layer_state"] = ToTensor(model.layer_state);
  file.tensors["mean"] = ToTensor(model.scaling.mean);
  file.tensors["scale"] = ToTensor(model.scaling.scale);
  file.tensors["fill"] = ToTensor(model.scaling.fill);
  file.tensors["target_mean"] = ToTensor(model.scaling.target_mean);
  file.tensors["target_scale"] = ToTensor(model.scaling.target_scale);
  const nn::ImageShape& image = model.shape.image;
  file.tensors[kShape] = std::vector<int64_t>{model.shape.num_features(),
                                              model.shape.num_classes(),
                                              image.channels,
                                              image.height,
                                              image.width,
                                              model.shape.targets.rows(),
                                              std::ssize(model.shape.columns),
                                              model.shape.has_missing ? 1 : 0};
  for (size_t i = 0; i < model.shape.classes.size(); ++i) {
    file.metadata[absl::StrCat(kClass, i)] = model.shape.classes[i];
  }
  for (size_t i = 0; i < model.shape.columns.size(); ++i) {
    const nn::InputColumn& column = model.shape.columns[i];
    const auto at = static_cast<int64_t>(i);
    file.metadata[absl::StrCat(kColumn, at)] = column.name;
    for (size_t j = 0; j < column.categories.size(); ++j) {
      file.metadata[CategoryName(at, static_cast<int64_t>(j))] =
          column.categories[j];
    }
  }
  return file;
}

absl::StatusOr<Model> ModelFromTensors(const TensorFile& file) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string format, GetMetadata(file, kFormat));
  if (format != kModelFormat) {
    return absl::DataLossError(absl::StrCat(
        "found the format `", format, "`, expected `", kModelFormat, "`"));
  }
  Model model{.about = file.metadata};
  ATTUNE_ASSIGN_OR_RETURN(const std::string settings,
                          GetMetadata(file, kSettings));
  ATTUNE_ASSIGN_OR_RETURN(model.settings, SettingsFromJson(settings));
  ATTUNE_ASSIGN_OR_RETURN(model.params, GetVector(file, "params"));
  ATTUNE_ASSIGN_OR_RETURN(model.layer_state, GetVector(file, "layer_state"));
  ATTUNE_ASSIGN_OR_RETURN(model.scaling, ReadScaling(file));
  ATTUNE_ASSIGN_OR_RETURN(model.shape, ReadShape(file));
  return model;
}

}  // namespace attune
