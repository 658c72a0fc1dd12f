#include "core/rule.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Rule> Rules() {
  return {{.name = "plain"},
          {.name = "told",
           .settings = {
               setting::Int("count", 5, 1, 9, "How many."),
               setting::Number("share", 0.5, 0.0, 1.0, "How much."),
               setting::Bool("strict", false, "Whether."),
               setting::Word("order", {"up", "down"}, "up", "Which way.")}}};
}

auto Wrong(const std::string& field, const std::string& part) {
  return AllOf(Field(&Violation::field, field),
               Field(&Violation::description, HasSubstr(part)));
}

TEST(RuleTest, IsFoundByItsName) {
  const std::vector<Rule> rules = Rules();
  EXPECT_EQ(FindRule(rules, "told"), &rules[1]);
  EXPECT_EQ(FindRule(rules, "tol"), nullptr);
}

TEST(RuleTest, WhatIsLegalHasNoViolations) {
  EXPECT_THAT(ValidateRule(Rules(), "plain", {}, "algorithm"), IsEmpty());
  EXPECT_THAT(
      ValidateRule(Rules(), "told", {{"count", int64_t{9}}, {"share", 1.0}},
                   "algorithm"),
      IsEmpty());
}

TEST(RuleTest, AnUnknownNameIsRefusedWithItsNearest) {
  EXPECT_THAT(ValidateRule(Rules(), "tol", {}, "algorithm"),
              ElementsAre(Wrong("algorithm", "did you mean `told`?")));
}

TEST(RuleTest, EverySettingThatIsWrongIsNamed) {
  EXPECT_THAT(
      ValidateRule(Rules(), "told",
                   {{"count", int64_t{10}},
                    {"coutn", int64_t{1}},
                    {"order", std::string("upp")}},
                   "algorithm"),
      ElementsAre(Wrong("algorithm.told.count", "found the integer `10`"),
                  Wrong("algorithm.told.coutn", "did you mean `count`?"),
                  Wrong("algorithm.told.order", "did you mean `up`?")));
  EXPECT_THAT(ValidateRule(Rules(), "plain", {{"count", int64_t{1}}}, "a"),
              ElementsAre(Wrong("a.plain.count", "`plain` has none")));
}

TEST(RuleSettingsTest, WhatIsNotGivenIsTheDefault) {
  const std::vector<Rule> rules = Rules();
  const RuleSettings settings(rules[1],
                              {{"count", int64_t{7}}, {"share", int64_t{1}}});
  EXPECT_EQ(settings.Int("count"), 7);
  EXPECT_EQ(settings.Number("share"), 1.0);
  EXPECT_FALSE(settings.Bool("strict"));
  EXPECT_EQ(settings.Word("order"), "up");
}

}  // namespace
}  // namespace attune
