#include "client/scratch_directory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace attune {
namespace {

constexpr char kOwner[] = "/owner";
constexpr absl::string_view kPrefix = "attune-";
constexpr size_t kRandomLetters = 6;

bool IsMine(const std::string& path) {
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
         info.st_uid == geteuid();
}

// Removes what processes that were killed have left in `folder`.
void RemoveAbandoned(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!absl::StartsWith(name, kPrefix) ||
        name.size() != kPrefix.size() + kRandomLetters ||
        !IsMine(entry.path().string())) {
      continue;
    }
    const int owner = open((entry.path().string() + kOwner).c_str(),
                           O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (owner < 0) continue;
    if (flock(owner, LOCK_EX | LOCK_NB) == 0) {
      std::filesystem::remove_all(entry.path(), ignored);
    }
    close(owner);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ScratchDirectory>> ScratchDirectory::Create() {
  // The name of a Unix socket in it has to fit into 107 bytes.
  constexpr size_t kLongestFolder = 60;
  const char* wished = std::getenv("TMPDIR");
  std::vector<std::string> folders = {"/tmp", "/var/tmp"};
  if (wished != nullptr && *wished == '/' &&
      std::strlen(wished) <= kLongestFolder) {
    folders.insert(folders.begin(), wished);
  }
  int error = 0;
  for (const std::string& folder : folders) {
    RemoveAbandoned(folder);
    std::string path =
        absl::StrCat(folder, "/", kPrefix, std::string(kRandomLetters, 'X'));
    if (mkdtemp(path.data()) != nullptr) {
      return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(path));
    }
    error = errno;
  }
  return absl::InternalError(
      absl::StrCat("cannot make a temporary directory in ",
                   absl::StrJoin(folders, " or "), ": ", std::strerror(error)));
}

// The lock is there before the name is, so that nobody finds it free. Without
// one the directory is left to the person if the process is killed.
ScratchDirectory::ScratchDirectory(std::string path) : path_(std::move(path)) {
  const std::string unnamed = path_ + "/owner.new";
  owner_ = open(unnamed.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (owner_ < 0) return;
  if (flock(owner_, LOCK_EX | LOCK_NB) != 0 ||
      rename(unnamed.c_str(), (path_ + kOwner).c_str()) != 0) {
    unlink(unnamed.c_str());
  }
}

void ScratchDirectory::Keep() {
  keep_ = true;
  unlink((path_ + kOwner).c_str());
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code error;
  if (!keep_) std::filesystem::remove_all(path_, error);
  if (owner_ >= 0) close(owner_);
}

}  // namespace attune
