#include "storage/value_json.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ValueJsonTest, DoublesNeverLookLikeIntegers) {
  EXPECT_EQ(ValueToJson(1.0), "1.0");
  EXPECT_EQ(ValueToJson(int64_t{1}), "1");
  EXPECT_EQ(ValueToJson(1e300), "1e+300");
  EXPECT_THAT(ValueFromJson("1.0"), IsOkAndHolds(ParameterValue(1.0)));
  EXPECT_THAT(ValueFromJson("1"), IsOkAndHolds(ParameterValue(int64_t{1})));
}

TEST(ValueJsonTest, KeepsAllThatAParameterCanHold) {
  const Parameters parameters = {{"third", 1.0 / 3.0},
                                 {"tiny", 5e-324},
                                 {"least", std::numeric_limits<int64_t>::min()},
                                 {"most", std::numeric_limits<int64_t>::max()},
                                 {"up", kInfinity},
                                 {"down", -kInfinity},
                                 {"truth", false},
                                 {"text", std::string("true")},
                                 {"NaN", std::string("NaN")}};
  EXPECT_THAT(ParametersFromJson(ParametersToJson(parameters)),
              IsOkAndHolds(parameters));
}

TEST(ValueJsonTest, ReadsParametersInAnyOrder) {
  EXPECT_THAT(
      ParametersFromJson(R"({"d": 2.5, "a": "x\n", "b": true, "c": -1})"),
      IsOkAndHolds(Parameters{{"a", std::string("x\n")},
                              {"b", true},
                              {"c", int64_t{-1}},
                              {"d", 2.5}}));
  EXPECT_THAT(ParametersFromJson("{}"), IsOkAndHolds(Parameters()));
}

TEST(ValueJsonTest, KeepsNan) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const ParameterValue read,
                              ValueFromJson(ValueToJson(std::nan(""))));
  EXPECT_TRUE(std::isnan(std::get<double>(read)));
}

TEST(ValueJsonTest, KeepsTheOrderOfValues) {
  const std::vector<ParameterValue> values = {true, 2.0, int64_t{1},
                                              std::string("b")};
  EXPECT_EQ(ValuesToJson(values), R"([true,2.0,1,"b"])");
  EXPECT_THAT(ValuesFromJson(ValuesToJson(values)), IsOkAndHolds(values));
}

TEST(ValueJsonTest, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(ValueToJson(std::string("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(ValueJsonTest, SaysWhatItFoundInsteadOfAValue) {
  using testing::HasSubstr;
  const auto data_loss = [](const char* found) {
    return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(found));
  };
  EXPECT_THAT(ValueFromJson("{"), data_loss("found '{'"));
  EXPECT_THAT(ValueFromJson("null"), data_loss("found null"));
  EXPECT_THAT(ValueFromJson(R"({"double":"x"})"), data_loss("\"x\""));
  EXPECT_THAT(ValueFromJson("9223372036854775808"), data_loss("64 bits"));
  EXPECT_THAT(ParametersFromJson("[1]"), data_loss("expected an object"));
  EXPECT_THAT(ParametersFromJson(R"({"a":[]})"), data_loss("found []"));
  EXPECT_THAT(ValuesFromJson("1"), data_loss("expected an array"));
  EXPECT_THAT(ValuesFromJson("[null]"), data_loss("found null"));
}

}  // namespace
}  // namespace attune
