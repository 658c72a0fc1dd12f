#include "client/settings_listing.h"

#include <string>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

TEST(SettingsListingTest, AllAreThere) {
  const Listing listing = ListSettings();
  ASSERT_GE(listing.table.rows.size(), 20);
  bool found = false;
  for (const Json& row : listing.json) {
    if (row["setting"] != "learning_rate") continue;
    found = true;
    EXPECT_EQ(row["values"], "number >= 1e-30");
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

TEST(SettingsListingTest, ATerminalOf80ColumnsHasAllOfIt) {
  int hidden = 0;
  const std::string text =
      FormatTable(ListSettings().table, {.width = 80}, &hidden);
  EXPECT_EQ(hidden, 0);
  EXPECT_THAT(text, HasSubstr("\n    The share of the examples kept apart"));
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    EXPECT_LE(Width(line), 80) << line;
  }
}

TEST(SettingsListingTest, OneIsThereInFull) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Listing listing, ListSetting("beta2"));
  ASSERT_EQ(listing.table.rows.size(), 1);
  EXPECT_EQ(listing.table.rows[0][0].text, "beta2");
  ASSERT_EQ(listing.json.size(), 1);
  EXPECT_EQ(listing.json[0]["setting"], "beta2");
  EXPECT_THAT(ListSetting("beta_2"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean `beta2`?")));
}

}  // namespace
}  // namespace attune
