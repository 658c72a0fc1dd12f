#include "core/version.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(VersionTest, HasThreeNumbers) {
  const std::vector<std::string> parts =
      absl::StrSplit(std::string(Version()), '.');
  ASSERT_THAT(parts, testing::SizeIs(3));
  for (const std::string& part : parts) {
    ASSERT_FALSE(part.empty());
    EXPECT_TRUE(absl::ascii_isdigit(static_cast<unsigned char>(part[0])));
  }
}

}  // namespace
}  // namespace attune
