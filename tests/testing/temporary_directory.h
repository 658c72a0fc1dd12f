#ifndef ATTUNE_TESTS_TESTING_TEMPORARY_DIRECTORY_H_
#define ATTUNE_TESTS_TESTING_TEMPORARY_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/string_view.h"
#include "core/check.h"

namespace attune {

// A new, empty directory that is deleted with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_((std::filesystem::temp_directory_path() / "attune-test-"
                                                        "XX"
                                                        "XX"
                                                        "XX")
                  .string()) {
    ATTUNE_CHECK(mkdtemp(path_.data()) != nullptr);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string File(absl::string_view name) const {
    return (std::filesystem::path(path_) / std::string(name)).string();
  }

 private:
  std::string path_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_TEMPORARY_DIRECTORY_H_
