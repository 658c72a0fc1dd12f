#include "worker/data/dataset_cache.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/status_macros.h"
#include "worker/data/csv.h"
#include "worker/data/idx.h"

namespace attune::nn {
namespace {

namespace fs = std::filesystem;

constexpr char kFashionMnist[] = "fashion-mnist";

bool Exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The file `name` in `folder`, compressed or not.
std::optional<std::string> FindIdx(const fs::path& folder,
                                   const std::string& name) {
  for (const std::string& file : {name + ".gz", name}) {
    if (Exists(folder / file)) return (folder / file).string();
  }
  return std::nullopt;
}

absl::StatusOr<Dataset> LoadFashionMnist(
    const std::vector<std::string>& folders) {
  std::vector<std::string> places;
  for (const std::string& folder : folders) {
    for (const fs::path& place :
         {fs::path(folder) / kFashionMnist, fs::path(folder)}) {
      places.push_back(place.string());
      const auto images = FindIdx(place, "train-images-idx3-ubyte");
      if (!images.has_value()) continue;
      const auto labels = FindIdx(place, "train-labels-idx1-ubyte");
      if (!labels.has_value()) {
        return absl::NotFoundError(
            absl::StrCat("loading fashion-mnist: found ", *images,
                         ", expected train-labels-idx1-ubyte.gz beside it"));
      }
      return ReadIdx(*images, *labels);
    }
  }
  return absl::NotFoundError(absl::StrCat(
      "loading fashion-mnist: expected train-images-idx3-ubyte.gz in one of ",
      absl::StrJoin(places, ", "),
      "; on Debian `apt-get install dataset-fashion-mnist` puts it there, or "
      "name its folder with --data-dir or ATTUNE_DATA_DIR"));
}

absl::StatusOr<Dataset> LoadCsv(const std::vector<std::string>& folders,
                                const std::string& name,
                                const std::string& label_column) {
  if (fs::path(name).is_absolute()) return ReadCsv(name, label_column);
  std::vector<std::string> places;
  for (const std::string& folder : folders) {
    const std::string path = (fs::path(folder) / name).string();
    if (Exists(path)) return ReadCsv(path, label_column);
    places.push_back(path);
  }
  return absl::NotFoundError(absl::StrCat(
      "loading ", name, ": found none of ", absl::StrJoin(places, ", "),
      "; name its folder with --data-dir or ATTUNE_DATA_DIR"));
}

}  // namespace

DatasetCache::DatasetCache(std::vector<std::string> folders)
    : folders_(std::move(folders)) {}

absl::StatusOr<const Dataset*> DatasetCache::Get(
    const std::string& name, const std::string& label_column) {
  const std::pair key(name, name == kFashionMnist ? "" : label_column);
  MutexLock lock(&mutex_);
  const auto found = datasets_.find(key);
  if (found != datasets_.end()) return found->second.get();
  ATTUNE_ASSIGN_OR_RETURN(Dataset dataset, Load(name, label_column));
  return datasets_
      .emplace(key, std::make_unique<const Dataset>(std::move(dataset)))
      .first->second.get();
}

absl::StatusOr<Dataset> DatasetCache::Load(
    const std::string& name, const std::string& label_column) const {
  if (name == kFashionMnist) return LoadFashionMnist(folders_);
  return LoadCsv(folders_, name, label_column);
}

}  // namespace attune::nn
