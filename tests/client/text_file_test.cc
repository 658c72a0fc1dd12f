#include "client/text_file.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

TEST(TextFileTest, GivesNoMoreThanItIsAskedFor) {
  const std::string path = testing::TempDir() + "/text_file_test";
  std::ofstream(path, std::ios::binary) << std::string("a\0b\r\n", 5);
  EXPECT_THAT(ReadTextFile(path, "study file", 100),
              IsOkAndHolds(std::string("a\0b\r\n", 5)));
  EXPECT_THAT(ReadTextFile(path, "study file", 1), IsOkAndHolds("a"));
}

TEST(TextFileTest, SaysWhatIsThereInstead) {
  EXPECT_THAT(ReadTextFile("/nowhere/s.yaml", "study file", 100),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/nowhere/s.yaml: cannot open the study file: "
                                 "No such file")));
  EXPECT_THAT(ReadTextFile(testing::TempDir(), "study file", 100),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("found a directory, expected a study file")));
}

}  // namespace
}  // namespace attune
