#include "client/writable_folder.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::HasSubstr;

TEST(CheckWritableTest, AFolderOrOneThatCanBeCreated) {
  const TemporaryDirectory folder;
  ATTUNE_EXPECT_OK(CheckWritable(folder.path()));
  ATTUNE_EXPECT_OK(CheckWritable(folder.path() + "/"));
  ATTUNE_EXPECT_OK(CheckWritable(folder.path() + "/a/b"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(CheckWritableTest, NotAFileNorBelowOne) {
  const TemporaryDirectory folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "x";
  for (const std::string& path : {file, file + "/below", file + "/b/c/"}) {
    EXPECT_THAT(
        CheckWritable(path),
        StatusIs(absl::StatusCode::kFailedPrecondition,
                 HasSubstr("found `" + file + "`, which is not a directory")))
        << path;
  }
}

TEST(CheckWritableTest, NotALinkThatLeadsNowhere) {
  const TemporaryDirectory folder;
  const std::string link = folder.path() + "/link";
  std::filesystem::create_symlink("nowhere", link);
  EXPECT_THAT(CheckWritable(link + "/kept"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(link)));
}

TEST(CheckWritableTest, NotAFolderWithoutThePermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root can write everywhere";
  const TemporaryDirectory folder;
  const auto all = std::filesystem::perms::owner_all;
  const auto write = std::filesystem::perms::owner_write;
  std::filesystem::permissions(folder.path(), all & ~write);
  EXPECT_THAT(CheckWritable(folder.path() + "/kept"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("files can be created: Permission denied")));
  std::filesystem::permissions(folder.path(), all);
}

}  // namespace
}  // namespace attune
