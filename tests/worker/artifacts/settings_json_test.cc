#include "worker/artifacts/settings_json.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(SettingsJsonTest, KeepsValuesAndTheirTypes) {
  const Parameters settings = {{"optimizer", std::string("adam")},
                               {"quoted", std::string("a \"b\"\n")},
                               {"epochs", int64_t{5}},
                               {"dropout", 0.0},
                               {"learning_rate", 0.1 + 0.2},
                               {"bias_correction", true}};
  EXPECT_THAT(SettingsFromJson(SettingsToJson(settings)),
              IsOkAndHolds(settings));
}

TEST(SettingsJsonTest, WritesTheSameValuesInTheSameWay) {
  EXPECT_EQ(SettingsToJson({{"b", 1.0}, {"a", int64_t{1}}}),
            R"({"a":1,"b":1.0})");
}

TEST(SettingsJsonTest, WritesNamesInTheirOrder) {
  EXPECT_EQ(NamesToJson({"yes", "n\"o"}), R"(["yes","n\"o"])");
  EXPECT_EQ(NamesToJson({}), "[]");
}

class MalformedSettingsTest : public testing::TestWithParam<const char*> {};

TEST_P(MalformedSettingsTest, AreRefused) {
  EXPECT_THAT(SettingsFromJson(GetParam()),
              StatusIs(absl::StatusCode::kDataLoss));
}

INSTANTIATE_TEST_SUITE_P(Texts, MalformedSettingsTest,
                         testing::Values("", "[1]", "{\"a\": null}",
                                         "{\"a\": 1"));

}  // namespace
}  // namespace attune
