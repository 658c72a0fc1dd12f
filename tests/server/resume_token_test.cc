#include "server/resume_token.h"

#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(ResumeTokenTest, ComesBackAsItWas) {
  const WatchPosition position = {.study = 3, .trials = 1'000'000'000'000};
  EXPECT_THAT(ReadResumeToken({7}, MakeResumeToken({7}, position)),
              IsOkAndHolds(position));
  const WatchPosition beginning;
  EXPECT_THAT(ReadResumeToken({7}, MakeResumeToken({7}, beginning)),
              IsOkAndHolds(beginning));
  EXPECT_THAT(ReadResumeToken({7}, ""), IsOkAndHolds(beginning));
}

TEST(ResumeTokenTest, RefusesWhatIsNotATokenOfTheStudy) {
  const std::string token = MakeResumeToken({7}, {.study = 3, .trials = 9});
  for (const std::string& wrong :
       {std::string("x"), std::string("."), token + "x", "x" + token,
        token.substr(0, token.size() / 2), absl::StrCat(token, ".", token)}) {
    const absl::Status status = ReadResumeToken({7}, wrong).status();
    ASSERT_EQ(Violations(status).size(), 1) << wrong;
    EXPECT_EQ(Violations(status)[0].field, "resume_token");
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ReadResumeToken({8}, token).status()));
}

}  // namespace
}  // namespace attune
