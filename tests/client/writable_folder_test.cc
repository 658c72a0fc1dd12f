#include "client/writable_folder.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "client/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

class CheckWritableTest : public testing::Test {
 protected:
  CheckWritableTest() {
    const std::string inner = directory_.value()->path() + "/inner";
    std::filesystem::create_directory(inner);
    folder_ = inner;
  }
  const std::string& folder() const { return folder_; }

 private:
  const absl::StatusOr<std::unique_ptr<ScratchDirectory>> directory_ =
      ScratchDirectory::Create();
  std::string folder_;
};

TEST_F(CheckWritableTest, AFolderOrOneThatCanBeCreated) {
  ATTUNE_EXPECT_OK(CheckWritable(folder()));
  ATTUNE_EXPECT_OK(CheckWritable(folder() + "/"));
  ATTUNE_EXPECT_OK(CheckWritable(folder() + "/a/b"));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_F(CheckWritableTest, NotAFileNorBelowOne) {
  const std::string file = folder() + "/file";
  std::ofstream(file) << "x";
  for (const std::string& path : {file, file + "/below", file + "/b/c/"}) {
    EXPECT_THAT(
        CheckWritable(path),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 HasSubstr("found `" + file + "`, which is not a directory")))
        << path;
  }
}

TEST_F(CheckWritableTest, NotALinkThatLeadsNowhere) {
  const std::string link = folder() + "/link";
  std::filesystem::create_symlink("nowhere", link);
  EXPECT_THAT(CheckWritable(link + "/kept"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(link)));
}

TEST_F(CheckWritableTest, NotAFolderWithoutThePermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root can write everywhere";
  const auto all = std::filesystem::perms::owner_all;
  const auto write = std::filesystem::perms::owner_write;
  std::filesystem::permissions(folder(), all & ~write);
  EXPECT_THAT(CheckWritable(folder() + "/kept"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("files can be created: Permission denied")));
  std::filesystem::permissions(folder(), all);
}

}  // namespace
}  // namespace attune
