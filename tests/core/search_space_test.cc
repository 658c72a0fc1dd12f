#include "core/search_space.h"

#include <cmath>
#include <limits>
#include <string>

#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string Text(const char* text) { return text; }

TEST(ContainsTest, BoundsBelongToARange) {
  const DoubleRange range{.min = -1.0, .max = 2.0};
  EXPECT_TRUE(Contains(range, -1.0));
  EXPECT_TRUE(Contains(range, 2.0));
  EXPECT_FALSE(Contains(range, std::nextafter(2.0, 3.0)));
  EXPECT_FALSE(Contains(range, kNan));
  EXPECT_FALSE(Contains(range, kInf));
}

TEST(ContainsTest, AValueHasTheTypeOfItsDomain) {
  EXPECT_FALSE(Contains(DoubleRange{.min = 0.0, .max = 2.0}, int64_t{1}));
  EXPECT_FALSE(Contains(IntRange{.min = 0, .max = 2}, 1.0));
  EXPECT_FALSE(Contains(IntRange{.min = 0, .max = 2}, true));
  EXPECT_FALSE(Contains(Discrete{{int64_t{1}, 2.0}}, 1.0));
  EXPECT_TRUE(Contains(Discrete{{int64_t{1}, 2.0}}, 2.0));
  EXPECT_FALSE(Contains(Choice{{Text("1"), true}}, int64_t{1}));
  EXPECT_TRUE(Contains(Choice{{Text("1"), true}}, true));
}

TEST(ContainsTest, StepsForgiveRoundingAndNothingElse) {
  const DoubleRange range{
      .min = 0.1, .max = 0.9, .scale = Scale::kLinear, .step = 0.1};
  EXPECT_TRUE(Contains(range, 0.3));
  EXPECT_TRUE(Contains(range, 0.1 + 0.2));
  EXPECT_TRUE(Contains(range, 0.9));
  EXPECT_FALSE(Contains(range, 0.35));
  EXPECT_FALSE(Contains(range, 0.3 + 1e-9));
}

TEST(ContainsTest, IntegersAreOnASteps) {
  const IntRange range{
      .min = -1, .max = 10, .scale = Scale::kLinear, .step = 4};
  EXPECT_TRUE(Contains(range, int64_t{-1}));
  EXPECT_TRUE(Contains(range, int64_t{7}));
  EXPECT_FALSE(Contains(range, int64_t{8}));
  EXPECT_FALSE(Contains(range, int64_t{11}));
}

ParameterSpec Conditional() {
  return {.name = "momentum",
          .domain = DoubleRange{},
          .when = Condition{.parameter = "optimizer",
                            .any_of = {Text("momentum"), Text("nesterov")}}};
}

TEST(IsActiveTest, FollowsTheConditionsParameter) {
  const SearchSpace space{
      .parameters = {{.name = "optimizer",
                      .domain = Choice{{Text("momentum"), Text("nesterov"),
                                        Text("adam")}}},
                     Conditional()}};
  const ParameterSpec& spec = space.parameters[1];
  EXPECT_TRUE(IsActive(space, spec, {{"optimizer", Text("nesterov")}}));
  EXPECT_FALSE(IsActive(space, spec, {{"optimizer", Text("adam")}}));
  EXPECT_FALSE(IsActive(space, spec, {}));
  EXPECT_TRUE(IsActive(space, {.name = "x", .domain = DoubleRange{}}, {}));
}

// 0.0, 0.1, ... 0.5, of which 0.3 is computed as 0.30000000000000004.
SearchSpace Stepped() {
  return {.parameters = {
              {.name = "dropout",
               .domain = DoubleRange{.min = 0.0, .max = 0.5, .step = 0.1}},
              {.name = "x",
               .domain = IntRange{},
               .when = Condition{.parameter = "dropout", .any_of = {0.3}}}}};
}
constexpr double kComputed = 3 * 0.1;

TEST(IsSameValueTest, ComparesByTheStepWhereThereIsOne) {
  ASSERT_NE(kComputed, 0.3);
  const Domain stepped = Stepped().parameters[0].domain;
  EXPECT_TRUE(IsSameValue(stepped, kComputed, 0.3));
  EXPECT_FALSE(IsSameValue(stepped, 0.2, 0.3));
  EXPECT_FALSE(IsSameValue(stepped, int64_t{0}, 0.0));
  EXPECT_FALSE(IsSameValue(DoubleRange{}, kComputed, 0.3));
  EXPECT_TRUE(IsSameValue(DoubleRange{}, 0.3, 0.3));
  EXPECT_FALSE(IsSameValue(Choice{{kComputed, 0.3}}, kComputed, 0.3));
}

TEST(IsActiveTest, FindsAComputedStepInTheCondition) {
  const SearchSpace space = Stepped();
  EXPECT_TRUE(IsActive(space, space.parameters[1], {{"dropout", kComputed}}));
  EXPECT_FALSE(IsActive(space, space.parameters[1], {{"dropout", 0.2}}));
}

TEST(IsForbiddenTest, FindsAComputedStepInACombination) {
  SearchSpace space = Stepped();
  space.forbidden = {{{"dropout", 0.3}}};
  EXPECT_TRUE(IsForbidden(space, {{"dropout", kComputed}}));
  EXPECT_FALSE(IsForbidden(space, {{"dropout", 0.2}}));
}

TEST(IsForbiddenTest, NeedsEveryValueOfOneCombination) {
  SearchSpace space;
  space.forbidden = {{{"a", int64_t{1}}, {"b", true}}, {{"c", 0.5}}};
  EXPECT_TRUE(IsForbidden(space, {{"a", int64_t{1}}, {"b", true}, {"c", 0.1}}));
  EXPECT_TRUE(IsForbidden(space, {{"c", 0.5}}));
  EXPECT_FALSE(IsForbidden(space, {{"a", int64_t{1}}, {"b", false}}));
  EXPECT_FALSE(IsForbidden(space, {{"a", int64_t{1}}}));
  EXPECT_FALSE(IsForbidden(SearchSpace{}, {{"c", 0.5}}));
}

TEST(CardinalityTest, CountsTheValues) {
  EXPECT_EQ(Cardinality(DoubleRange{}), std::nullopt);
  EXPECT_EQ(Cardinality(DoubleRange{.min = 1.0, .max = 1.0}), 1);
  EXPECT_EQ(Cardinality(DoubleRange{
                .min = 0.0, .max = 0.3, .scale = Scale::kLinear, .step = 0.1}),
            4);
  EXPECT_EQ(Cardinality(IntRange{.min = -3, .max = 4}), 8);
  EXPECT_EQ(Cardinality(IntRange{
                .min = 0, .max = 10, .scale = Scale::kLinear, .step = 4}),
            3);
  EXPECT_EQ(Cardinality(Choice{{true, false}}), 2);
}

TEST(CardinalityTest, TheProductSaturates) {
  SearchSpace space;
  EXPECT_EQ(ProductCardinality(space), 1);
  space.parameters = {{.name = "a", .domain = IntRange{.min = 1, .max = 6}},
                      {.name = "b", .domain = Choice{{true, false}}}};
  EXPECT_EQ(ProductCardinality(space), 12);
  for (int i = 0; i < 3; ++i) {
    space.parameters.push_back(
        {.name = "big", .domain = IntRange{.min = 0, .max = kMaxInteger}});
  }
  EXPECT_EQ(ProductCardinality(space), std::numeric_limits<int64_t>::max());
  space.parameters.push_back({.name = "x", .domain = DoubleRange{}});
  EXPECT_EQ(ProductCardinality(space), std::nullopt);
}

TEST(DescribeTest, SaysWhatAValueMustBe) {
  EXPECT_EQ(Describe(DoubleRange{.min = 0.0, .max = 0.5}),
            "a number with a point from 0.0 to 0.5");
  EXPECT_EQ(Describe(IntRange{
                .min = 0, .max = 8, .scale = Scale::kLinear, .step = 2}),
            "an integer from 0 to 8 in steps of 2");
  EXPECT_EQ(Describe(Choice{{Text("sgd"), true}}), "one of sgd, true");
  Discrete many;
  for (int64_t i = 0; i < 100; ++i) many.values.emplace_back(i);
  EXPECT_THAT(Describe(many), HasSubstr("10, 11, ... (100 values)"));
}

}  // namespace
}  // namespace attune
