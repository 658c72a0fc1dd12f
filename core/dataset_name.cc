#include "core/dataset_name.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace attune {
namespace {

constexpr std::pair<absl::string_view, DatasetKind> kKinds[] = {
    {"fashion-mnist", DatasetKind::kFashionMnist},
    {"cifar-10", DatasetKind::kCifar10},
    {"spirals", DatasetKind::kClasses},
    {"moons", DatasetKind::kClasses},
    {"blobs", DatasetKind::kClasses},
    {"xor", DatasetKind::kClasses},
    {"friedman1", DatasetKind::kRegression},
};

}  // namespace

std::optional<DatasetKind> KindOfDataset(absl::string_view name) {
  for (const auto& [known, kind] : kKinds) {
    if (name == known) return kind;
  }
  if (absl::EndsWithIgnoreCase(name, ".csv")) return DatasetKind::kTable;
  if (absl::StrContains(name, '/')) return DatasetKind::kIdxFolder;
  return std::nullopt;
}

bool HasImages(DatasetKind kind) {
  return kind == DatasetKind::kFashionMnist || kind == DatasetKind::kCifar10 ||
         kind == DatasetKind::kIdxFolder;
}

bool IsSynthetic(DatasetKind kind) {
  return kind == DatasetKind::kClasses || kind == DatasetKind::kRegression;
}

std::optional<ImageSize> ImageSizeOf(DatasetKind kind) {
  if (kind == DatasetKind::kFashionMnist) return ImageSize{28, 28};
  if (kind == DatasetKind::kCifar10) return ImageSize{32, 32};
  return std::nullopt;
}

std::optional<int64_t> NumExamplesOf(DatasetKind kind) {
  if (kind == DatasetKind::kFashionMnist) return 60'000;
  if (kind == DatasetKind::kCifar10) return 50'000;
  return std::nullopt;
}

std::string ExpectedDataset() {
  const auto name = [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first);
  };
  return absl::StrCat("one of ", absl::StrJoin(kKinds, ", ", name),
                      ", the path of a .csv file, or that of a folder of IDX "
                      "files with a `/` in it, as in `mnist/`");
}

}  // namespace attune
