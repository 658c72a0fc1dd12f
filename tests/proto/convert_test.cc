#include "proto/convert.h"

#include <cmath>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/proto/matchers.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;

TEST(ConvertTest, ValuesMustBeThereAndFinite) {
  pb::ParameterValue value;
  EXPECT_THAT(FieldsOf(FromProto(value)), ElementsAre("value"));
  value.set_double_value(std::numeric_limits<double>::infinity());
  EXPECT_THAT(FieldsOf(FromProto(value)), ElementsAre("value"));
}

TEST(ConvertTest, NamesSurvive) {
  EXPECT_THAT(ParseStudyName(StudyName("mnist")), IsOkAndHolds("mnist"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const ParsedTrialName name,
                              ParseTrialName(TrialName("mnist", 17)));
  EXPECT_EQ(name.study, "mnist");
  EXPECT_EQ(name.number, 17);
}

class BadTrialNameTest : public testing::TestWithParam<std::string> {};

TEST_P(BadTrialNameTest, IsRefusedWithItsField) {
  EXPECT_THAT(FieldsOf(ParseTrialName(GetParam(), "parent")),
              ElementsAre("parent"));
}

INSTANTIATE_TEST_SUITE_P(
    ConvertTest, BadTrialNameTest,
    testing::Values("", "studies/a", "studies/a/trials", "studies/a/trials/",
                    "studies//trials/1", "studies/a/trials/0",
                    "studies/a/trials/-1", "studies/a/trials/+1",
                    "studies/a/trials/01", "studies/a/trials/x",
                    "studies/a/trials/9999999999999999999",
                    "studies/a/trials/1/", "workers/a/trials/1"));

TEST(ConvertTest, ABadStudyNameIsQuotedInPart) {
  const absl::StatusOr<std::string> name =
      ParseStudyName(std::string(5000, '\xff'), "parent");
  EXPECT_THAT(FieldsOf(name), ElementsAre("parent"));
  EXPECT_LT(name.status().message().size(), 200);
}

}  // namespace
}  // namespace attune
