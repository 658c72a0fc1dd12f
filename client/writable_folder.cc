#include "client/writable_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

// Of `folder` and those above it the lowest that is there.
fs::path NearestThere(const std::string& folder) {
  std::error_code ignored;  // what cannot be looked at is not there
  fs::path path = fs::absolute(folder, ignored);
  while (path.has_relative_path() &&
         !fs::exists(fs::symlink_status(path, ignored))) {
    path = path.parent_path();
  }
  return path;
}

}  // namespace

absl::Status CheckWritable(const std::string& folder) {
  const fs::path there = NearestThere(folder);
  std::error_code ignored;
  if (!fs::is_directory(there, ignored)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "found `", there.string(), "`, which is not a directory, expected one ",
        "in which files can be created"));
  }
  if (access(there.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "found the directory `", there.string(),
      "`, expected one in which files can be created: ", std::strerror(errno)));
}

}  // namespace attune
