#include "worker/training/model.h"

#include <algorithm>
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

absl::Status Wrong(absl::string_view found, absl::string_view expected) {
  return absl::DataLossError(
      absl::StrCat("found ", found, ", expected ", expected));
}

// Whether `total` values are an image of these sizes, whatever their product
// overflows.
bool IsProduct(int64_t total, const nn::ImageShape& image) {
  for (const int64_t size : {image.channels, image.height, image.width}) {
    if (size < 1 || total % size != 0) return false;
    total /= size;
  }
  return total == 1;
}

// The sizes as they stand in the file, before anything is made of them.
absl::Status CheckSizes(const std::vector<int64_t>& sizes) {
  // Far above what a dataset has, and below what products of it overflow.
  constexpr int64_t kMost = int64_t{1} << 31;
  if (sizes.size() != 8) {
    return Wrong(absl::StrCat("a shape of ", sizes.size(), " sizes"), "8");
  }
  for (const int64_t size : sizes) {
    if (size < 0 || size > kMost) {
      return Wrong(absl::StrCat("the size ", size),
                   absl::StrCat("from 0 to ", kMost));
    }
  }
  if (sizes[0] == 0) return Wrong("no features", "at least one");
  if ((sizes[1] == 0) == (sizes[5] == 0)) {
    return Wrong(absl::StrCat(sizes[1], " classes and ", sizes[5], " targets"),
                 "either");
  }
  if (sizes[2] > 0 && !IsProduct(sizes[0], {sizes[2], sizes[3], sizes[4]})) {
    return Wrong(absl::StrCat("images of ", sizes[2], " x ", sizes[3], " x ",
                              sizes[4], " pixels"),
                 absl::StrCat(sizes[0], " features in them"));
  }
  return absl::OkStatus();
}

// The features that the columns of a table become, if they are known.
absl::Status CheckColumns(const nn::Dataset& shape) {
  if (shape.columns.empty()) return absl::OkStatus();
  int64_t features = 0;
  for (const nn::InputColumn& column : shape.columns) {
    features += std::max<int64_t>(1, std::ssize(column.categories));
  }
  if (features == shape.num_features()) return absl::OkStatus();
  return Wrong(absl::StrCat("columns of ", features, " features"),
               absl::StrCat(shape.num_features()));
}

absl::Status CheckScaling(const nn::Scaling& scaling,
                          const nn::Dataset& shape) {
  const int64_t features = shape.num_features();
  const int64_t scales = scaling.scale.size();
  // One for all pixels or for those of a channel will do.
  const bool fits =
      scales == features ||
      (shape.image.is_image() && scales > 0 && features % scales == 0);
  if (!fits || scaling.mean.size() != scales) {
    return Wrong(
        absl::StrCat(scaling.mean.size(), " means and ", scales, " scales"),
        absl::StrCat("one for each of ", features, " features"));
  }
  const int64_t fills = scaling.fill.size();
  if (fills != 0 && (fills != features || shape.image.is_image())) {
    return Wrong(absl::StrCat(fills, " values for what is missing"),
                 absl::StrCat("one for each of a table's features, or none"));
  }
  const int64_t targets = shape.targets.rows();
  if (scaling.target_mean.size() != targets ||
      scaling.target_scale.size() != targets) {
    return Wrong(
        absl::StrCat(scaling.target_mean.size(), " means and ",
                     scaling.target_scale.size(), " scales of targets"),
        absl::StrCat(targets, " of each"));
  }
  return absl::OkStatus();
}

// An empty dataset of the sizes and names in `file`.
absl::StatusOr<nn::Dataset> ReadShape(const TensorFile& file) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes,
                          GetTensor<int64_t>(file, kShape));
  ATTUNE_RETURN_IF_ERROR(CheckSizes(sizes));
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
  ATTUNE_RETURN_IF_ERROR(CheckColumns(shape));
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
  ATTUNE_RETURN_IF_ERROR(CheckScaling(model.scaling, model.shape));
  return model;
}

}  // namespace attune
