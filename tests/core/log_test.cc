#include "core/log.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string Logged(LogLevel level, absl::string_view event,
                   std::initializer_list<LogField> fields) {
  testing::internal::CaptureStderr();
  Log(level, event, fields);
  return testing::internal::GetCapturedStderr();
}

class LogTest : public testing::Test {
 protected:
  void SetUp() override { InitLog("core_test", LogLevel::kInfo); }
};

TEST_F(LogTest, WritesOneLineOfKeysAndValues) {
  EXPECT_THAT(
      Logged(LogLevel::kInfo, "listening", {{"address", "127.0.0.1:7070"}}),
      MatchesRegex("time=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                   "\\.[0-9]{3}Z level=info program=core_test "
                   "event=listening address=127\\.0\\.0\\.1:7070\n"));
}

TEST_F(LogTest, QuotesWhatWouldNotReadBack) {
  EXPECT_THAT(Logged(LogLevel::kWarning, "refused",
                     {{"why", "two words"},
                      {"empty", ""},
                      {"quote", "a\"b\\c"},
                      {"lines", "a\nb\tc\x01"},
                      {"equation", "a=b"},
                      {"letters", "\xc3\xa9t\xc3\xa9"},
                      {"braces", "{}"}}),
              AllOf(HasSubstr("level=warning"), HasSubstr(" why=\"two words\""),
                    HasSubstr(" empty=\"\""), HasSubstr(" quote=\"a\\\"b\\\\c"),
                    HasSubstr(" lines=\"a\\nb\\tc\\001\""),
                    HasSubstr(" equation=\"a=b\""),
                    HasSubstr(" letters=\xc3\xa9t\xc3\xa9"),
                    HasSubstr(" braces={}\n")));
}

TEST_F(LogTest, DropsWhatIsBelowItsLevel) {
  EXPECT_EQ(Logged(LogLevel::kDebug, "detail", {}), "");
  EXPECT_THAT(Logged(LogLevel::kError, "broken", {}),
              HasSubstr("level=error program=core_test event=broken\n"));
  InitLog("core_test", LogLevel::kDebug);
  EXPECT_THAT(Logged(LogLevel::kDebug, "detail", {}), HasSubstr("level=debug"));
}

TEST_F(LogTest, WritesNothingOnceItIsMuted) {
  MuteLog();
  EXPECT_EQ(Logged(LogLevel::kError, "broken", {}), "");
}

TEST(ParseLogLevelTest, KnowsFourWords) {
  LogLevel level = LogLevel::kInfo;
  EXPECT_TRUE(ParseLogLevel("debug", level));
  EXPECT_EQ(level, LogLevel::kDebug);
  EXPECT_TRUE(ParseLogLevel("info", level));
  EXPECT_EQ(level, LogLevel::kInfo);
  EXPECT_TRUE(ParseLogLevel("warning", level));
  EXPECT_EQ(level, LogLevel::kWarning);
  EXPECT_TRUE(ParseLogLevel("error", level));
  EXPECT_EQ(level, LogLevel::kError);
}

TEST(ParseLogLevelTest, LeavesTheLevelForAnyOtherWord) {
  LogLevel level = LogLevel::kError;
  EXPECT_FALSE(ParseLogLevel("INFO", level));
  EXPECT_FALSE(ParseLogLevel("", level));
  EXPECT_EQ(level, LogLevel::kError);
}

}  // namespace
}  // namespace attune
