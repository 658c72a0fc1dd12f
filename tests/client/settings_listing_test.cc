#include "client/settings_listing.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(SettingsListingTest, AllAreThere) {
  const Listing listing = ListSettings();
  ASSERT_GE(listing.table.rows.size(), 20);
  bool found = false;
  for (const Json& row : listing.json) {
    if (row["setting"] != "learning_rate") continue;
    found = true;
    EXPECT_EQ(row["values"], "number > 0");
    EXPECT_TRUE(row["default"].is_number_float());
    EXPECT_TRUE(row["tunable"].get<bool>());
    EXPECT_EQ(row["optimizer_defaults"]["adadelta"], 1.0);
  }
  EXPECT_TRUE(found);
}

TEST(SettingsListingTest, ItsZeroIsAmongItsValues) {
  for (const auto& row : ListSettings().table.rows) {
    if (row[0].text == "clip_norm") {
      EXPECT_EQ(row[1].text, "0 or number >= 1e-12");
    }
  }
}

TEST(SettingsListingTest, ItsDefaultsAreThoseOfEveryOptimizer) {
  for (const auto& row : ListSettings().table.rows) {
    if (row[0].text == "beta2") {
      EXPECT_EQ(row[2].text, "0.999, lion 0.99");
    }
    if (row[0].text == "beta1") {
      EXPECT_EQ(row[2].text, "0.9");
    }
  }
}

}  // namespace
}  // namespace attune
