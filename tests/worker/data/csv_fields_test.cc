#include "worker/data/csv_fields.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

class MissingFieldTest : public testing::TestWithParam<const char*> {};
TEST_P(MissingFieldTest, IsMissing) { EXPECT_TRUE(IsMissing(GetParam())); }
INSTANTIATE_TEST_SUITE_P(All, MissingFieldTest,
                         testing::Values("", "?", "NA", "na", "NaN", "nan"));

class PresentFieldTest : public testing::TestWithParam<const char*> {};
TEST_P(PresentFieldTest, IsThere) { EXPECT_FALSE(IsMissing(GetParam())); }
INSTANTIATE_TEST_SUITE_P(All, PresentFieldTest,
                         testing::Values("0", "none", "??", "-"));

TEST(ReadNumberTest, ReadsFiniteNumbers) {
  double number = 0.0;
  EXPECT_TRUE(ReadNumber("-1.5e3", number));
  EXPECT_EQ(number, -1500.0);
}

class NoNumberTest : public testing::TestWithParam<const char*> {};
TEST_P(NoNumberTest, IsRefused) {
  double number = 0.0;
  EXPECT_FALSE(ReadNumber(GetParam(), number));
}
INSTANTIATE_TEST_SUITE_P(All, NoNumberTest,
                         testing::Values("", "x", "1,5", "inf", "nan",
                                         "1e999"));

TEST(ExcerptTest, CutsWhatIsLong) {
  EXPECT_EQ(Excerpt("short"), "short");
  EXPECT_EQ(Excerpt(std::string(80, 'x')), std::string(80, 'x'));
  EXPECT_EQ(Excerpt(std::string(81, 'x')), std::string(80, 'x') + "...");
}

TEST(ListColumnsTest, SaysHowManyMoreThereAre) {
  EXPECT_EQ(ListColumns({"a", "b"}), "a, b");
  EXPECT_EQ(ListColumns({}), "");
  EXPECT_EQ(ListColumns(std::vector<std::string>(22, "a")),
            "a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a, a and 2 "
            "more");
}

}  // namespace
}  // namespace attune::nn
