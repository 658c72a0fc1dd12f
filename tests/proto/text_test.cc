#include "proto/text.h"

#include <string>

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(FitTextTest, LeavesShortTextsAlone) {
  EXPECT_EQ(FitText("", 3), "");
  EXPECT_EQ(FitText("abc", 3), "abc");
  EXPECT_EQ(FitText("größer ≥ 𝛼", 100), "größer ≥ 𝛼");
}

TEST(FitTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(FitText("abcdefgh", 7), "abcd...");
  EXPECT_EQ(FitText("ab≥cdef", 7), "ab...");  // ≥ has three bytes
  EXPECT_EQ(FitText("ab≥cdef", 8), "ab≥...");
}

TEST(FitTextTest, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(FitText("a\xff", 10), "a?");
  EXPECT_EQ(FitText("\xc3", 10), "?");            // its second byte is missing
  EXPECT_EQ(FitText("\xc0\xaf", 10), "??");       // too long a form
  EXPECT_EQ(FitText("\xed\xa0\x80", 10), "???");  // a surrogate
  EXPECT_EQ(FitText("\xf4\x90\x80\x80", 10), "????");  // above U+10FFFF
}

}  // namespace
}  // namespace attune
