#ifndef ATTUNE_CORE_DATASET_NAME_H_
#define ATTUNE_CORE_DATASET_NAME_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace attune {

// What the setting `dataset` names.
enum class DatasetKind {
  kFashionMnist,  // `fashion-mnist`
  kCifar10,       // `cifar-10`
  kIdxFolder,     // a path with a `/`: a folder of files named as MNIST's
  kTable,         // a path that ends in `.csv`
  kClasses,       // made up, with classes: `spirals`, `moons`, `blobs`, `xor`
  kRegression,    // made up, with a number to predict: `friedman1`
};

// nullopt if it names none.
std::optional<DatasetKind> KindOfDataset(absl::string_view name);

bool HasImages(DatasetKind kind);
bool IsSynthetic(DatasetKind kind);

struct ImageSize {
  int64_t height = 1;
  int64_t width = 1;
  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

// Of every image, where the name alone tells it; else nullopt.
std::optional<ImageSize> ImageSizeOf(DatasetKind kind);

// How many examples there are to train and to validate on, where the name alone
// tells it; else nullopt.
std::optional<int64_t> NumExamplesOf(DatasetKind kind);

// For people, what a dataset's name must be.
std::string ExpectedDataset();

}  // namespace attune

#endif  // ATTUNE_CORE_DATASET_NAME_H_
