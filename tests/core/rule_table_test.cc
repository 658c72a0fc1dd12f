#include <set>

#include "absl/strings/match.h"
#include "core/rule.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

void ExpectWhole(absl::Span<const Rule> rules) {
  std::set<absl::string_view> names;
  for (const Rule& rule : rules) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(absl::EndsWith(rule.help, ".")) << rule.name;
    std::set<absl::string_view> settings;
    for (const Setting& setting : rule.settings) {
      EXPECT_TRUE(settings.insert(setting.name).second) << setting.name;
      EXPECT_TRUE(absl::EndsWith(setting.help, ".")) << setting.name;
      EXPECT_EQ(CheckSetting(setting, setting.default_value), std::nullopt)
          << rule.name << ": " << setting.name;
    }
  }
}

TEST(RuleTableTest, EveryRowIsWhole) {
  ExpectWhole(SearchRules());
  ExpectWhole(StoppingRules());
}

TEST(RuleTableTest, WhatIsNotNamedIsTheFirst) {
  EXPECT_EQ(SearchRules().front().name, "random");
  EXPECT_EQ(StoppingRules().front().name, "none");
}

}  // namespace
}  // namespace attune
