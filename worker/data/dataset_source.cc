#include "worker/data/dataset_source.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/dataset_name.h"
#include "core/random.h"
#include "core/status_macros.h"
#include "worker/data/cifar.h"
#include "worker/data/idx.h"

namespace attune::nn {
namespace {

namespace fs = std::filesystem;

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The file `name` in `folder`, compressed or not.
std::optional<std::string> Find(const fs::path& folder,
                                const std::string& name) {
  for (const std::string& file : {name + ".gz", name}) {
    if (Exists(folder / file)) return (folder / file).string();
  }
  return std::nullopt;
}

// The files of one part of a dataset, by name, the first one first.
using Files = std::vector<std::string>;

Files FilesOf(DatasetKind kind, bool test) {
  if (kind == DatasetKind::kCifar10) {
    if (test) return {"test_batch.bin"};
    return {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
            "data_batch_4.bin", "data_batch_5.bin"};
  }
  const std::string part = test ? "t10k" : "train";
  return {part + "-images-idx3-ubyte", part + "-labels-idx1-ubyte"};
}

// Where a dataset of images can be, by folder.
std::vector<fs::path> PlacesOf(DatasetKind kind, const std::string& name,
                               const std::vector<std::string>& folders) {
  if (fs::path(name).is_absolute()) return {name};
  std::vector<fs::path> places;
  for (const fs::path folder : folders) {
    if (kind == DatasetKind::kCifar10) {
      places.push_back(folder / "cifar-10-batches-bin");
    }
    places.push_back(folder / name);
    if (kind != DatasetKind::kIdxFolder) places.push_back(folder);
  }
  return places;
}

std::string HowToGet(DatasetKind kind) {
  std::string how = "; ";
  if (kind == DatasetKind::kFashionMnist) {
    how +=
        "on Debian `apt-get install dataset-fashion-mnist` puts it there, or ";
  } else if (kind == DatasetKind::kCifar10) {
    how += "unpack CIFAR-10's binary version there, or ";
  }
  return how + "name its folder with --data-dir or ATTUNE_DATA_DIR";
}

// The paths of `files`, all in the first of `places` that has the first of
// them; none if none has.
absl::StatusOr<Files> FindFiles(const std::string& name, const Files& files,
                                const std::vector<fs::path>& places) {
  for (const fs::path& place : places) {
    Files paths;
    for (const std::string& file : files) {
      std::optional<std::string> path = Find(place, file);
      if (!path.has_value()) {
        if (paths.empty()) break;
        return absl::NotFoundError(absl::StrCat("loading ", name, ": found ",
                                                paths[0], ", expected ", file,
                                                " or ", file, ".gz beside it"));
      }
      paths.push_back(*std::move(path));
    }
    if (!paths.empty()) return paths;
  }
  return Files();
}

absl::StatusOr<Dataset> ReadImages(DatasetKind kind, const Files& paths) {
  if (kind == DatasetKind::kCifar10) return ReadCifar10(paths);
  return ReadIdx(paths[0], paths[1]);
}

absl::StatusOr<Dataset> ReadTrainingImages(DatasetKind kind,
                                           const Files& paths) {
  ATTUNE_ASSIGN_OR_RETURN(Dataset dataset, ReadImages(kind, paths));
  const auto [least, most] =
      std::minmax_element(dataset.labels.begin(), dataset.labels.end());
  if (*least != *most) return dataset;
  return absl::InvalidArgumentError(
      absl::StrCat("reading ", paths.back(), ": found the class ", *most,
                   " alone, expected at least 2 classes to learn"));
}

absl::StatusOr<Dataset> ReadTable(const DatasetSource& source,
                                  const std::vector<std::string>& folders) {
  if (fs::path(source.name).is_absolute()) {
    return ReadCsv(source.name, source.csv);
  }
  std::vector<std::string> places;
  for (const std::string& folder : folders) {
    const std::string path = (fs::path(folder) / source.name).string();
    if (Exists(path)) return ReadCsv(path, source.csv);
    places.push_back(path);
  }
  return absl::NotFoundError(
      absl::StrCat("loading ", source.name, ": found none of ",
                   absl::StrJoin(places, ", "), HowToGet(DatasetKind::kTable)));
}

absl::StatusOr<DatasetKind> KindOf(const DatasetSource& source) {
  const std::optional<DatasetKind> kind = KindOfDataset(source.name);
  if (kind.has_value()) return *kind;
  return absl::InvalidArgumentError(
      absl::StrCat("loading a dataset: found the name `", source.name,
                   "`, expected ", ExpectedDataset()));
}

}  // namespace

absl::StatusOr<Dataset> LoadDataset(const DatasetSource& source,
                                    const std::vector<std::string>& folders) {
  ATTUNE_ASSIGN_OR_RETURN(const DatasetKind kind, KindOf(source));
  if (kind == DatasetKind::kTable) return ReadTable(source, folders);
  if (IsSynthetic(kind)) {
    return MakeSynthetic(source.name, source.synthetic,
                         Rng(source.seed).Split("train"));
  }
  const Files files = FilesOf(kind, /*test=*/false);
  const std::vector<fs::path> places = PlacesOf(kind, source.name, folders);
  ATTUNE_ASSIGN_OR_RETURN(const Files paths,
                          FindFiles(source.name, files, places));
  if (!paths.empty()) return ReadTrainingImages(kind, paths);
  const auto as_text = [](std::string* out, const fs::path& place) {
    out->append(place.string());
  };
  return absl::NotFoundError(absl::StrCat(
      "loading ", source.name, ": expected ", files[0], " or ", files[0],
      ".gz in one of ", absl::StrJoin(places, ", ", as_text), HowToGet(kind)));
}

absl::StatusOr<std::unique_ptr<const Dataset>> LoadTestDataset(
    const DatasetSource& source, const std::vector<std::string>& folders) {
  ATTUNE_ASSIGN_OR_RETURN(const DatasetKind kind, KindOf(source));
  if (kind == DatasetKind::kTable) return nullptr;
  if (IsSynthetic(kind)) {
    return std::make_unique<const Dataset>(MakeSynthetic(
        source.name, source.synthetic, Rng(source.seed).Split("test")));
  }
  // Those of another folder belong to other data of the same name.
  const std::string first = FilesOf(kind, /*test=*/false)[0];
  const std::vector<fs::path> places = PlacesOf(kind, source.name, folders);
  const auto place = std::find_if(
      places.begin(), places.end(),
      [&first](const fs::path& at) { return Find(at, first).has_value(); });
  if (place == places.end()) return nullptr;
  ATTUNE_ASSIGN_OR_RETURN(
      const Files paths,
      FindFiles(source.name, FilesOf(kind, /*test=*/true), {*place}));
  if (paths.empty()) return nullptr;
  ATTUNE_ASSIGN_OR_RETURN(Dataset dataset, ReadImages(kind, paths));
  return std::make_unique<const Dataset>(std::move(dataset));
}

}  // namespace attune::nn
