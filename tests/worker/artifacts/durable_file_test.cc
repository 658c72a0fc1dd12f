#include "worker/artifacts/durable_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::HasSubstr;

class DurableFileTest : public testing::Test {
 protected:
  absl::Status Write(absl::string_view bytes) const {
    return WriteFileDurably(path_, path_ + ".1", bytes);
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("new/folder/file");
};

TEST_F(DurableFileTest, WritesWhatIsRead) {
  const std::string bytes("a\0b", 3);
  EXPECT_THAT(Write(bytes), IsOk());
  EXPECT_THAT(ReadWholeFile(path_), IsOkAndHolds(bytes));
}

TEST_F(DurableFileTest, ReplacesAndLeavesNothingElse) {
  EXPECT_THAT(Write("a long text"), IsOk());
  EXPECT_THAT(Write("short"), IsOk());
  EXPECT_THAT(ReadWholeFile(path_), IsOkAndHolds("short"));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".1"));
}

TEST_F(DurableFileTest, KeepsWhatIsThereIfItFails) {
  EXPECT_THAT(Write("old"), IsOk());
  std::filesystem::create_directory(path_ + ".1");
  EXPECT_THAT(Write("new"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr(path_ + ".1")));
  EXPECT_THAT(ReadWholeFile(path_), IsOkAndHolds("old"));
}

TEST_F(DurableFileTest, ReadsNoPipe) {
  const std::string pipe = directory_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ReadWholeFile(pipe),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("no regular file")));
}

TEST_F(DurableFileTest, SaysThatThereIsNone) {
  EXPECT_THAT(ReadWholeFile(path_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
}

}  // namespace
}  // namespace attune
