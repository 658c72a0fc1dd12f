#include "core/attributes.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(AttributesTest, TakesNamesWithTexts) {
  EXPECT_THAT(Validate(Attributes(), "attributes"), IsEmpty());
  EXPECT_THAT(
      Validate(Attributes{{"owner", "anna"},
                          {"note", std::string(kMaxAttributeLength, 'x')}},
               "attributes"),
      IsEmpty());
}

TEST(AttributesTest, RefusesEachThatIsWrong) {
  const auto violations =
      Validate(Attributes{{"my owner", "anna"},
                          {"note", std::string(kMaxAttributeLength + 1, 'x')}},
               "study.attributes");
  ASSERT_THAT(violations, SizeIs(2));
  EXPECT_EQ(violations[0].field, "study.attributes");
  EXPECT_THAT(violations[0].description, HasSubstr("`my owner`"));
  EXPECT_EQ(violations[1].field, "study.attributes.note");
  EXPECT_THAT(violations[1].description,
              HasSubstr("4097 bytes, expected at most 4096"));
}

TEST(AttributesTest, RefusesTooMany) {
  Attributes attributes;
  for (size_t i = 0; i < kMaxAttributes; ++i) {
    attributes[absl::StrCat("a", i)] = "x";
  }
  EXPECT_THAT(Validate(attributes, "attributes"), IsEmpty());
  attributes["one_more"] = "x";
  const auto violations = Validate(attributes, "attributes");
  ASSERT_THAT(violations, SizeIs(1));
  EXPECT_THAT(violations[0].description, HasSubstr("found 65 attributes"));
}

}  // namespace
}  // namespace attune
