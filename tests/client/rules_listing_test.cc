#include "client/rules_listing.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

TEST(RulesListingTest, AllAreThereWithTheirSettings) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Listing listing, ListRules(""));
  bool random = false;
  bool min_trials = false;
  for (const Json& row : listing.json) {
    random |= row["name"] == "random" && row["kind"] == "algorithm";
    if (row["name"] == "median" && row["setting"] == "min_trials") {
      min_trials = true;
      EXPECT_EQ(row["kind"], "stopping");
      EXPECT_EQ(row["default"], 5);
      EXPECT_EQ(row["values"], "integer >= 1");
    }
  }
  EXPECT_TRUE(random);
  EXPECT_TRUE(min_trials);
  EXPECT_EQ(listing.json.size(), listing.table.rows.size());
}

TEST(RulesListingTest, OneIsThereAlone) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Listing listing, ListRules("median"));
  for (const Json& row : listing.json) EXPECT_EQ(row["name"], "median");
  EXPECT_GE(listing.json.size(), 3);
}

TEST(RulesListingTest, AnUnknownOneIsNotFoundButItsNearestIs) {
  EXPECT_THAT(ListRules("medain").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean `median`?")));
}

}  // namespace
}  // namespace attune
