#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::SizeIs;

TEST(NetworkSettingsTableTest, EveryRowIsWhole) {
  std::set<absl::string_view> names;
  for (const Setting& setting : NetworkSettings()) {
    SCOPED_TRACE(std::string(setting.name));
    EXPECT_TRUE(names.insert(setting.name).second);
    EXPECT_TRUE(IsName(setting.name));
    EXPECT_THAT(std::string(setting.help), SizeIs(testing::Gt(20u)));
    EXPECT_EQ(setting.help.back(), '.');
    EXPECT_EQ(setting.words.empty(), setting.type != SettingType::kWord);
    EXPECT_EQ(FindNetworkSetting(setting.name), &setting);
    EXPECT_FALSE(ExpectedValue(setting).empty());
    if (setting.has_default) {
      EXPECT_EQ(CheckSetting(setting, setting.default_value), std::nullopt);
    }
    for (const OptimizerDefault& one : setting.optimizer_defaults) {
      EXPECT_EQ(CheckSetting(setting, one.value), std::nullopt);
      EXPECT_EQ(CheckSetting(*FindNetworkSetting("optimizer"),
                             std::string(one.optimizer)),
                std::nullopt);
    }
  }
  EXPECT_EQ(FindNetworkSetting("lr"), nullptr);
}

}  // namespace
}  // namespace attune
