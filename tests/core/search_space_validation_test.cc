#include <limits>
#include <string>
#include <vector>

#include "core/search_space.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string Text(const char* text) { return text; }

auto Wrong(const std::string& field, const std::string& part) {
  return AllOf(Field("field", &Violation::field, field),
               Field("description", &Violation::description, HasSubstr(part)));
}

SearchSpace Space(Domain domain) {
  SearchSpace space;
  space.parameters = {{.name = "p", .domain = std::move(domain)}};
  return space;
}

TEST(ValidateSpaceTest, AcceptsEveryKindOfDomain) {
  EXPECT_THAT(Validate(MakeSpaceOfAllDomains()), IsEmpty());
  EXPECT_THAT(Validate(SearchSpace{}), IsEmpty());
}

struct DomainCase {
  std::string name;
  Domain domain;
  std::string field;
  std::string part;
};

class InvalidDomainTest : public testing::TestWithParam<DomainCase> {};

TEST_P(InvalidDomainTest, IsRefusedWithItsFieldAndWhatWasFound) {
  EXPECT_THAT(Validate(Space(GetParam().domain)),
              ElementsAre(Wrong(GetParam().field, GetParam().part)));
}

DoubleRange Doubles(double min, double max, Scale scale = Scale::kLinear) {
  return {.min = min, .max = max, .scale = scale};
}
DoubleRange Stepped(double min, double max, double step) {
  return {.min = min, .max = max, .scale = Scale::kLinear, .step = step};
}
DoubleRange WithPoints(int64_t points) {
  return {.min = 0.0, .max = 1.0, .points = points};
}
IntRange Ints(int64_t min, int64_t max, Scale scale = Scale::kLinear,
              int64_t step = 1) {
  return {.min = min, .max = max, .scale = scale, .step = step};
}
Discrete Numbers(std::vector<ParameterValue> values) {
  return {.values = std::move(values)};
}
Choice Values(std::vector<ParameterValue> values) {
  return {.values = std::move(values)};
}

INSTANTIATE_TEST_SUITE_P(
    Doubles, InvalidDomainTest,
    testing::Values(
        DomainCase{"MinAboveMax", Doubles(2.0, 1.0), "parameters.p.max",
                   "found 1.0, expected at least min, which is 2.0"},
        DomainCase{"MinNan", Doubles(kNan, 1.0), "parameters.p.min",
                   "found nan, expected a finite number"},
        DomainCase{"MaxInf", Doubles(0.0, kInf), "parameters.p.max",
                   "found inf, expected a finite number"},
        DomainCase{"TooWide", Doubles(-1.7e308, 1.7e308), "parameters.p.max",
                   "that a double can measure"},
        DomainCase{"LogFromZero", Doubles(0.0, 1.0, Scale::kLog),
                   "parameters.p.min",
                   "found 0.0, expected a number above 0, as the scale is "
                   "log"},
        DomainCase{"ReverseLogToOneFromZero",
                   Doubles(0.0, 1.0, Scale::kReverseLog), "parameters.p.min",
                   "found 0.0, expected a number above 0, as the scale is "
                   "reverse_log and max is not below 1"},
        DomainCase{"ReverseLogFromBelow",
                   Doubles(-1.0, 0.9, Scale::kReverseLog), "parameters.p.min",
                   "found -1.0, expected at least 0, as the scale is "
                   "reverse_log"},
        DomainCase{"StepZero", Stepped(0.0, 1.0, 0.0), "parameters.p.step",
                   "found 0.0, expected a finite number above 0"},
        DomainCase{"StepNan", Stepped(0.0, 1.0, kNan), "parameters.p.step",
                   "found nan"},
        DomainCase{"StepTooLarge", Stepped(0.0, 1.0, 2.0), "parameters.p.step",
                   "found 2.0, expected at most max - min, which is 1.0"},
        DomainCase{"StepTooSmall", Stepped(0.0, 1.0, 1e-12),
                   "parameters.p.step", "larger step or none"},
        DomainCase{"NoPoints", WithPoints(0), "parameters.p.points",
                   "found 0, expected an integer from 1 to 1000"},
        DomainCase{"TooManyPoints", WithPoints(1001), "parameters.p.points",
                   "found 1001"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Ints, InvalidDomainTest,
    testing::Values(
        DomainCase{"MinAboveMax", Ints(2, 1), "parameters.p.max",
                   "found 1, expected at least min, which is 2"},
        DomainCase{"MinTooSmall", Ints(-kMaxInteger - 1, 0), "parameters.p.min",
                   "found -9007199254740993, expected"},
        DomainCase{"MaxTooLarge", Ints(0, std::numeric_limits<int64_t>::max()),
                   "parameters.p.max", "found 9223372036854775807, expected"},
        DomainCase{"LogFromZero", Ints(0, 8, Scale::kLog), "parameters.p.min",
                   "above 0, as the scale is log"},
        DomainCase{"StepZero", Ints(0, 8, Scale::kLinear, 0),
                   "parameters.p.step", "found 0, expected an integer of at"},
        DomainCase{"StepTooLarge", Ints(0, 8, Scale::kLinear, 9),
                   "parameters.p.step",
                   "found 9, expected at most max - min, "
                   "which is 8"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Listed, InvalidDomainTest,
    testing::Values(
        DomainCase{"NoNumbers", Numbers({}), "parameters.p.values",
                   "found 0 values, expected from 1 to 1000"},
        DomainCase{"TooManyValues",
                   Values(std::vector<ParameterValue>(1001, 1.0)),
                   "parameters.p.values", "found 1001 values"},
        DomainCase{"NotANumber", Numbers({int64_t{1}, Text("two")}),
                   "parameters.p.values[1]",
                   "found the text `two`, expected a number"},
        DomainCase{"Descending", Numbers({int64_t{2}, int64_t{1}}),
                   "parameters.p.values[1]", "found 1 after 2, expected"},
        DomainCase{"TwiceInTwoTypes", Numbers({int64_t{1}, 1.0}),
                   "parameters.p.values[1]", "found 1.0 after 1, expected"},
        DomainCase{"NanListed", Numbers({kNan}), "parameters.p.values[0]",
                   "found nan, expected a finite number"},
        DomainCase{"InfChosen", Values({kInf}), "parameters.p.values[0]",
                   "found inf, expected a finite number"},
        DomainCase{"LargeInteger",
                   Values({std::numeric_limits<int64_t>::min()}),
                   "parameters.p.values[0]", "found -9223372036854775808"},
        DomainCase{"ChosenTwice", Values({Text("a"), true, Text("a")}),
                   "parameters.p.values[2]", "found `a` a second time"},
        DomainCase{"NoChoice", Values({}), "parameters.p.values",
                   "found 0 values"},
        DomainCase{"LongText", Values({std::string(1001, 'x')}),
                   "parameters.p.values[0]", "found a text of 1001 bytes"}),
    [](const auto& test) { return test.param.name; });

TEST(ValidateSpaceTest, FindsEverythingThatIsWrongWithOneParameter) {
  DoubleRange range = Doubles(kNan, kInf, Scale::kLog);
  range.points = -1;
  EXPECT_THAT(Validate(Space(range)),
              ElementsAre(Wrong("parameters.p.points", "found -1"),
                          Wrong("parameters.p.min", "found nan"),
                          Wrong("parameters.p.max", "found inf")));
}

TEST(ValidateSpaceTest, NamesAreLegalAndDifferent) {
  SearchSpace space;
  for (const char* name : {"", "9a", "a", "a b", "a", "_x.y-z9"}) {
    space.parameters.push_back({.name = name, .domain = DoubleRange{}});
  }
  space.parameters.push_back(
      {.name = std::string(64, 'a'), .domain = DoubleRange{}});
  EXPECT_THAT(Validate(space),
              ElementsAre(Wrong("parameters[0]",
                                "found the name ``, expected a "
                                "letter or `_`"),
                          Wrong("parameters.9a", "found the name `9a`"),
                          Wrong("parameters.a b", "found the name `a b`"),
                          Wrong("parameters.a", "found the name a second time"),
                          Wrong("parameters." + std::string(64, 'a'),
                                "up to 62 letters")));
}

TEST(ValidateSpaceTest, RefusesTooManyParametersAndCombinations) {
  SearchSpace space;
  for (int i = 0; i < 201; ++i) {
    space.parameters.push_back(
        {.name = "p" + std::to_string(i), .domain = DoubleRange{}});
  }
  EXPECT_THAT(Validate(space),
              ElementsAre(Wrong("parameters",
                                "found 201 parameters, expected "
                                "at most 200")));
  space = Space(Values({true}));
  space.forbidden.assign(1001, {{"p", true}});
  EXPECT_THAT(Validate(space),
              ElementsAre(Wrong("forbidden", "found 1001 combinations")));
}

// optimizer, and `momentum` under `when`.
SearchSpace Conditional(std::optional<Condition> when) {
  SearchSpace space;
  space.parameters = {
      {.name = "optimizer",
       .domain = Choice{{Text("sgd"), Text("momentum"), Text("adam")}}},
      {.name = "momentum", .domain = DoubleRange{}, .when = std::move(when)},
      {.name = "last", .domain = DoubleRange{}}};
  return space;
}

struct ConditionCase {
  std::string name;
  Condition when;
  std::string part;
};

class InvalidConditionTest : public testing::TestWithParam<ConditionCase> {};

TEST_P(InvalidConditionTest, IsRefusedWithTheReason) {
  EXPECT_THAT(Validate(Conditional(GetParam().when)),
              ElementsAre(Wrong("parameters.momentum.when", GetParam().part)));
}

INSTANTIATE_TEST_SUITE_P(
    All, InvalidConditionTest,
    testing::Values(
        ConditionCase{"Unknown",
                      {"optimiser", {Text("sgd")}},
                      "found `optimiser`, expected the name of a parameter; "
                      "did you mean `optimizer`?"},
        ConditionCase{
            "Itself", {"momentum", {0.5}}, "found the parameter's own name"},
        ConditionCase{"StandsAfter",
                      {"last", {0.5}},
                      "found `last`, which stands after `momentum`"},
        ConditionCase{"NoValue", {"optimizer", {}}, "found no value"},
        ConditionCase{"WrongValue",
                      {"optimizer", {Text("sgd"), Text("momentun")}},
                      "found the text `momentun`, expected one of sgd, "
                      "momentum, adam; did you mean `momentum`?"},
        ConditionCase{"WrongType",
                      {"optimizer", {int64_t{1}}},
                      "found the integer `1`, expected one of sgd"}),
    [](const auto& test) { return test.param.name; });

TEST(ValidateSpaceTest, AcceptsAConditionOnAParameterThatStandsBefore) {
  EXPECT_THAT(Validate(Conditional(
                  Condition{"optimizer", {Text("momentum"), Text("sgd")}})),
              IsEmpty());
}

TEST(ValidateSpaceTest, AsksNoIllegalDomainForItsValues) {
  SearchSpace space;
  space.parameters = {{.name = "n", .domain = Ints(0, 8, Scale::kLinear, 0)},
                      {.name = "p",
                       .domain = DoubleRange{},
                       .when = Condition{"n", {int64_t{1}}}}};
  space.forbidden = {{{"n", int64_t{1}}}};
  EXPECT_THAT(Validate(space),
              ElementsAre(Wrong("parameters.n.step", "found 0")));
}

TEST(ValidateSpaceTest, ForbiddenCombinationsNameParametersAndValues) {
  SearchSpace space = Conditional(std::nullopt);
  space.forbidden = {{{"optimizer", Text("adam")}, {"last", 0.5}},
                     {},
                     {{"momentun", 0.5}},
                     {{"momentum", 1.5}, {"optimizer", Text("sdg")}}};
  EXPECT_THAT(
      Validate(space),
      ElementsAre(
          Wrong("forbidden[1]", "found no value"),
          Wrong("forbidden[2].momentun", "did you mean `momentum`?"),
          Wrong("forbidden[3].momentum",
                "found the number `1.5`, expected a number with a point from "
                "0.0 to 1.0"),
          Wrong("forbidden[3].optimizer", "did you mean `sgd`?")));
}

TEST(ValidatePointTest, AcceptsAPointOfTheSpace) {
  const SearchSpace space =
      Conditional(Condition{"optimizer", {Text("momentum")}});
  EXPECT_THAT(ValidatePoint(space, {{"optimizer", Text("momentum")},
                                    {"momentum", 0.5},
                                    {"last", 1.0}}),
              IsEmpty());
  EXPECT_THAT(ValidatePoint(space, {{"optimizer", Text("sgd")}, {"last", 1.0}}),
              IsEmpty());
}

TEST(ValidatePointTest, FindsEverythingThatIsWrong) {
  const SearchSpace space =
      Conditional(Condition{"optimizer", {Text("momentum")}});
  EXPECT_THAT(
      ValidatePoint(
          space,
          {{"optimizer", Text("sgd")}, {"momentum", 0.5}, {"lasst", 1.0}}),
      ElementsAre(Wrong("parameters.momentum",
                        "found a value, expected none: it exists only where "
                        "`optimizer` is momentum"),
                  Wrong("parameters.last",
                        "found none, expected a number "
                        "with a point from 0.0 to 1.0"),
                  Wrong("parameters.lasst", "did you mean `last`?")));
  EXPECT_THAT(
      ValidatePoint(space, {{"optimizer", Text("adam")}, {"last", 2.0}}),
      ElementsAre(Wrong("parameters.last", "found the number `2.0`")));
}

TEST(ValidatePointTest, RefusesForbiddenCombinations) {
  SearchSpace space = Conditional(std::nullopt);
  space.forbidden = {{{"optimizer", Text("adam")}, {"last", 0.5}}};
  const Parameters point = {
      {"optimizer", Text("adam")}, {"momentum", 0.1}, {"last", 0.5}};
  EXPECT_THAT(ValidatePoint(space, point),
              ElementsAre(Wrong("parameters",
                                "found a forbidden combination: last=0.5")));
}

TEST(IsNameTest, IsALetterAndUpToSixtyTwoMore) {
  EXPECT_TRUE(IsName("a"));
  EXPECT_TRUE(IsName("_a.b-C9"));
  EXPECT_TRUE(IsName(std::string(63, 'x')));
  EXPECT_FALSE(IsName(std::string(64, 'x')));
  EXPECT_FALSE(IsName(""));
  EXPECT_FALSE(IsName("-a"));
  EXPECT_FALSE(IsName("a=b"));
  EXPECT_FALSE(IsName("\xc3\xa9"));
}

}  // namespace
}  // namespace attune
