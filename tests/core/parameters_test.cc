#include "core/parameters.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string Text(const char* text) { return text; }

ParameterValue Value(auto value) { return value; }

TEST(ParametersTest, StandInTheOrderOfTheirNames) {
  const Parameters parameters = {
      {"c", true}, {"a", 0.5}, {"b", Text("x")}, {"ab", int64_t{-3}}};
  EXPECT_THAT(parameters,
              ElementsAre(Pair("a", Value(0.5)), Pair("ab", Value(int64_t{-3})),
                          Pair("b", Value(Text("x"))), Pair("c", Value(true))));
  EXPECT_EQ(parameters.size(), 4U);
}

TEST(ParametersTest, ThereMayBeNone) {
  const Parameters none;
  EXPECT_TRUE(none.empty());
  EXPECT_THAT(none, IsEmpty());
  EXPECT_FALSE(none.contains(""));
  EXPECT_EQ(none.Find("x"), std::nullopt);
}

TEST(ParametersTest, OfOneNameTheFirstCounts) {
  EXPECT_EQ((Parameters{{"a", 1.0}, {"b", 2.0}, {"a", 3.0}}),
            (Parameters{{"a", 1.0}, {"b", 2.0}}));
}

TEST(ParametersTest, AreFoundByTheWholeName) {
  const Parameters parameters = {{"rate", 0.5}, {"rate2", int64_t{7}}};
  EXPECT_EQ(parameters.Find("rate"), Value(0.5));
  EXPECT_EQ(parameters.at("rate2"), Value(int64_t{7}));
  EXPECT_FALSE(parameters.contains("rat"));
  EXPECT_FALSE(parameters.contains("rate3"));
}

TEST(ParametersTest, ANumberIsADoubleOrAnInteger) {
  const Parameters parameters = {
      {"d", 0.5}, {"i", int64_t{7}}, {"s", Text("7")}, {"t", true}};
  EXPECT_EQ(parameters.FindNumber("d"), 0.5);
  EXPECT_EQ(parameters.FindNumber("i"), 7.0);
  EXPECT_EQ(parameters.FindNumber("s"), std::nullopt);
  EXPECT_EQ(parameters.FindNumber("t"), std::nullopt);
  EXPECT_EQ(parameters.FindNumber("x"), std::nullopt);
}

TEST(ParametersTest, AddMissingKeepsWhatIsThere) {
  Parameters parameters = {{"a", 1.0}, {"c", 3.0}};
  parameters.AddMissing({{"a", 5.0}, {"b", 2.0}});
  EXPECT_EQ(parameters, (Parameters{{"a", 1.0}, {"b", 2.0}, {"c", 3.0}}));
}

TEST(ParametersTest, EqualityIsThatOfBits) {
  EXPECT_EQ((Parameters{{"a", kNan}}), (Parameters{{"a", kNan}}));
  EXPECT_NE((Parameters{{"a", 0.0}}), (Parameters{{"a", -0.0}}));
  EXPECT_NE((Parameters{{"a", 1.0}}), (Parameters{{"a", int64_t{1}}}));
  EXPECT_NE((Parameters{{"a", 1.0}}), (Parameters{{"b", 1.0}}));
}

TEST(ParametersTest, ValuesComeBackAsTheyWereGiven) {
  const std::vector<ParameterValue> values = {
      0.0,
      -0.0,
      5e-324,
      -kInf,
      int64_t{-1},
      std::numeric_limits<int64_t>::min(),
      true,
      false,
      Text(""),
      std::string("a\0b", 3),
      std::string(127, 'x'),
      std::string(128, 'x'),
      std::string(70'000, 'x')};
  for (const ParameterValue& value : values) {
    const Parameters parameters = {{"a", true}, {"v", value}, {"z", 1.0}};
    EXPECT_EQ(parameters.at("v"), value);
    EXPECT_EQ(parameters.at("z"), Value(1.0));
  }
  EXPECT_TRUE(std::signbit(std::get<double>(Parameters{{"v", -0.0}}.at("v"))));
}

// std::map is the judge.
TEST(ParametersTest, AnyWritesLeadToWhatTheyWouldInAMap) {
  Rng rng(7);
  std::map<std::string, ParameterValue> expected;
  Parameters parameters;
  for (int i = 0; i < 5'000; ++i) {
    // Names of several lengths; some begin as others do.
    const std::string name =
        std::string(rng.Below(3) * 70, 'n') + std::to_string(rng.Below(12));
    const std::vector<ParameterValue> values = {
        rng.Normal(), static_cast<int64_t>(rng.Below(9)),
        std::string(rng.Below(300), 't'), rng.Below(2) == 0};
    if (rng.Below(4) == 0) {
      expected.erase(name);
      parameters.Erase(name);
    } else {
      const ParameterValue& value = values[rng.Below(values.size())];
      expected[name] = value;
      parameters.Set(name, value);
    }
    std::map<std::string, ParameterValue> found;
    for (const auto& [key, value] : parameters) found.emplace(key, value);
    ASSERT_EQ(found, expected);
    ASSERT_EQ(parameters.size(), expected.size());
    ASSERT_EQ(parameters.contains(name), expected.contains(name));
    ASSERT_EQ(parameters, Parameters(std::vector<Parameters::value_type>(
                              expected.begin(), expected.end())));
  }
}

struct TextCase {
  ParameterValue value;
  std::string text;
};

class ToStringTest : public testing::TestWithParam<TextCase> {};

TEST_P(ToStringTest, IsShortAndShowsTheType) {
  EXPECT_EQ(ToString(GetParam().value), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    Values, ToStringTest,
    testing::Values(
        TextCase{0.001, "0.001"}, TextCase{0.1, "0.1"}, TextCase{3.0, "3.0"},
        TextCase{0.0, "0.0"}, TextCase{-0.0, "-0.0"}, TextCase{1e-5, "1e-5"},
        TextCase{-2.5e-7, "-2.5e-7"}, TextCase{1e15, "1000000000000000.0"},
        TextCase{1e16, "1e+16"}, TextCase{1.5e300, "1.5e+300"},
        TextCase{5e-324, "5e-324"}, TextCase{1.0 / 3, "0.3333333333333333"},
        TextCase{0.1 + 0.2, "0.30000000000000004"}, TextCase{kInf, "inf"},
        TextCase{-kInf, "-inf"}, TextCase{kNan, "nan"},
        TextCase{int64_t{128}, "128"}, TextCase{int64_t{-1}, "-1"},
        TextCase{std::string("adam"), "adam"}, TextCase{std::string(), ""},
        TextCase{true, "true"}, TextCase{false, "false"}));

TEST(ToStringTest, DoublesReadBackAsTheSame) {
  Rng rng(1);
  for (int i = 0; i < 2'000; ++i) {
    const double value = rng.Normal() * std::exp(rng.Uniform(-300.0, 300.0));
    const std::string text = ToString(ParameterValue(value));
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    EXPECT_NE(text.find_first_of(".e"), std::string::npos) << text;
  }
}

TEST(ToStringTest, ParametersStandInTheOrderOfTheirNames) {
  EXPECT_EQ(ToString(Parameters{{"learning_rate", 0.01},
                                {"batch_size", int64_t{64}}}),
            "batch_size=64 learning_rate=0.01");
  EXPECT_EQ(ToString(Parameters{}), "");
}

TEST(AsDoubleTest, IsTheNumberOfANumber) {
  EXPECT_EQ(AsDouble(0.5), 0.5);
  EXPECT_EQ(AsDouble(int64_t{3}), 3.0);
  EXPECT_EQ(AsDouble(std::string("3")), std::nullopt);
  EXPECT_EQ(AsDouble(true), std::nullopt);
}

TEST(CanonicalKeyTest, TellsTypesAndNamesApart) {
  const std::vector<Parameters> points = {
      {},
      {{"a", 1.0}},
      {{"a", int64_t{1}}},
      {{"a", Text("1")}},
      {{"a", Text("1.0")}},
      {{"a", true}},
      {{"a", Text("true")}},
      {{"b", true}},
      {{"a", Text("x")}, {"b", Text("y")}},
      {{"a", Text("x\",\"b\"=\"y")}},
      {{"a\"=true,\"b", true}},
      {{"a", true}, {"b", true}},
      {{"a", Text("\n")}},
      {{"a", Text("\\n")}},
      {{"a", 0.1 + 0.2}},
      {{"a", 0.3}},
  };
  std::set<std::string> keys;
  for (const Parameters& point : points) keys.insert(CanonicalKey(point));
  EXPECT_EQ(keys.size(), points.size());
}

TEST(CanonicalKeyTest, EqualPointsHaveEqualKeys) {
  EXPECT_EQ(CanonicalKey({{"a", 0.0}}), CanonicalKey({{"a", -0.0}}));
  EXPECT_EQ(CanonicalKey({{"a", kNan}}), CanonicalKey({{"a", -kNan}}));
  EXPECT_EQ(CanonicalKey({{"a", 0.1 + 0.2}}),
            CanonicalKey({{"a", 0.30000000000000004}}));
}

}  // namespace
}  // namespace attune
