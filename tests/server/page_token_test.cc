#include "server/page_token.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(PageTokenTest, SaysWhereThePageBegins) {
  for (int64_t after : {int64_t{-1}, int64_t{0}, int64_t{42},
                        std::numeric_limits<int64_t>::max()}) {
    EXPECT_THAT(ReadPageToken("q", MakePageToken("q", after), -1),
                IsOkAndHolds(after));
  }
}

TEST(PageTokenTest, TheEmptyTokenIsTheFirstPage) {
  EXPECT_THAT(ReadPageToken("q", "", -1), IsOkAndHolds(-1));
}

TEST(PageTokenTest, ATokenOfAnotherQueryIsRefused) {
  EXPECT_THAT(
      ReadPageToken("ListTrials/2/", MakePageToken("ListTrials/1/", 5), 0),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

class BadPageTokenTest : public testing::TestWithParam<std::string> {};

TEST_P(BadPageTokenTest, IsRefused) {
  const absl::Status status = ReadPageToken("q", GetParam(), 0).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_EQ(Violations(status).size(), 1);
  EXPECT_EQ(Violations(status)[0].field, "page_token");
}

INSTANTIATE_TEST_SUITE_P(PageTokenTest, BadPageTokenTest,
                         testing::Values("x", "5", "=", "!!!!", "NS4x",
                                         std::string(3, '\0'),
                                         std::string(100'000, 'A'),
                                         MakePageToken("q", 5) + "A",
                                         MakePageToken("q", -1)));

TEST(PageSizeTest, ZeroIsTheDefaultAndMoreThanTheMostIsCut) {
  EXPECT_THAT(PageSize(0, 100, 1000), IsOkAndHolds(100));
  EXPECT_THAT(PageSize(7, 100, 1000), IsOkAndHolds(7));
  EXPECT_THAT(PageSize(5000, 100, 1000), IsOkAndHolds(1000));
  EXPECT_THAT(PageSize(-1, 100, 1000),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace attune
