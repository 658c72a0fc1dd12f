#include "core/list_query.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Kind = QueryField::Kind;

const QueryFields& Fields() {
  static const auto& fields = *new QueryFields(
      {{.name = "number", .kind = Kind::kNumber},
       {.name = "state", .kind = Kind::kWord, .words = {"active", "paused"}},
       {.name = "name", .kind = Kind::kText},
       {.name = "time", .kind = Kind::kTime},
       {.name = "any", .kind = Kind::kAny, .has_entries = true}});
  return fields;
}

using Thing = std::map<std::string, FieldValue>;  // by the path as written

FieldReader ReaderOf(const Thing& thing) {
  return [&thing](const FieldPath& path) -> FieldValue {
    const std::string name = path.entry.empty()
                                 ? path.name
                                 : absl::StrCat(path.name, ".", path.entry);
    const auto found = thing.find(name);
    return found == thing.end() ? FieldValue() : found->second;
  };
}

const Thing& AThing() {
  static const auto& thing =
      *new Thing({{"number", 7.0},
                  {"state", "paused"},
                  {"name", "my \"net\""},
                  {"time", absl::FromUnixSeconds(1'000'000'000)},
                  {"any.rate", 0.01},
                  {"any.kind", "adam"},
                  {"any.nan", std::numeric_limits<double>::quiet_NaN()},
                  {"any.top 3", 0.5}});
  return thing;
}

bool Fits(absl::string_view filter) {
  const absl::StatusOr<ListFilter> parsed = ParseFilter(filter, Fields());
  EXPECT_THAT(parsed, IsOk()) << filter;
  return parsed.ok() && Matches(*parsed, ReaderOf(AThing()));
}

std::string FilterError(absl::string_view filter) {
  const std::vector<Violation> violations =
      Violations(ParseFilter(filter, Fields()).status());
  if (violations.size() != 1) return absl::StrCat(violations.size());
  EXPECT_EQ(violations[0].field, "filter");
  return violations[0].description;
}

std::string OrderError(absl::string_view order) {
  const std::vector<Violation> violations =
      Violations(ParseOrder(order, Fields()).status());
  if (violations.size() != 1) return absl::StrCat(violations.size());
  EXPECT_EQ(violations[0].field, "order_by");
  return violations[0].description;
}

// The names of the things in that order.
std::string Sorted(absl::string_view order_by, std::vector<Thing> things) {
  const absl::StatusOr<ListOrder> order = ParseOrder(order_by, Fields());
  EXPECT_THAT(order, IsOk());
  if (!order.ok()) return "";
  std::stable_sort(things.begin(), things.end(),
                   [&](const Thing& a, const Thing& b) {
                     return ComesBefore(*order, OrderKey(*order, ReaderOf(a)),
                                        OrderKey(*order, ReaderOf(b)));
                   });
  return absl::StrJoin(things, " ", [](std::string* out, const Thing& thing) {
    absl::StrAppend(out, std::get<std::string>(thing.at("name")));
  });
}

TEST(ListFilterTest, ComparesNumbers) {
  EXPECT_TRUE(Fits("number = 7"));
  EXPECT_TRUE(Fits("number=7.0"));
  EXPECT_FALSE(Fits("number != 7"));
  EXPECT_TRUE(Fits("number < 8"));
  EXPECT_FALSE(Fits("number < 7"));
  EXPECT_TRUE(Fits("number <= 7"));
  EXPECT_TRUE(Fits("number > -1e3"));
  EXPECT_FALSE(Fits("number >= inf"));
}

TEST(ListFilterTest, ComparesTextsWordsAndTimes) {
  EXPECT_TRUE(Fits(R"(name = "my \"net\"")"));
  EXPECT_TRUE(Fits("name > m"));
  EXPECT_TRUE(Fits("state = PAUSED"));
  EXPECT_TRUE(Fits("state != active"));
  EXPECT_TRUE(Fits("time = 2001-09-09T01:46:40Z"));
  EXPECT_TRUE(Fits("time < \"2001-09-09T01:46:40.5+00:00\""));
  EXPECT_FALSE(Fits("time > 2001-09-09T03:46:40+01:00"));
}

TEST(ListFilterTest, EveryComparisonMustHold) {
  EXPECT_TRUE(Fits(""));
  EXPECT_TRUE(Fits("  "));
  EXPECT_TRUE(Fits("any.rate<0.1 AND any.kind=adam and number>1"));
  EXPECT_FALSE(Fits("any.rate<0.1 AND any.kind=sgd"));
}

TEST(ListFilterTest, NamesThatAreNotPlainAreQuoted) {
  EXPECT_TRUE(Fits("any.\"top 3\" = 0.5"));
}

TEST(ListFilterTest, WhatIsAbsentFitsNothing) {
  EXPECT_FALSE(Fits("any.other = 1"));
  EXPECT_FALSE(Fits("any.other != 1"));
}

TEST(ListFilterTest, OtherTypesAndNanAreOnlyUnequal) {
  EXPECT_TRUE(Fits("any.kind != 1"));
  EXPECT_FALSE(Fits("any.kind = 1"));
  EXPECT_FALSE(Fits("any.kind < 1"));
  EXPECT_FALSE(Fits("any.rate = \"0.01\"")) << "a quoted number is a text";
  EXPECT_TRUE(Fits("any.nan != 1"));
  EXPECT_FALSE(Fits("any.nan = nan"));
  EXPECT_FALSE(Fits("any.nan < 1"));
}

TEST(ListFilterTest, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(FilterError("number"),
            "column 7: found the end, expected one of = != < <= > >=");
  EXPECT_EQ(FilterError("number == 7"),
            "column 9: found `= 7`, expected a value");
  EXPECT_EQ(FilterError("number = x"),
            "column 10: found `x`, expected a number");
  EXPECT_EQ(FilterError("state = running"),
            "column 9: found `running`, expected one of active, paused");
  EXPECT_EQ(FilterError("state < active"),
            "column 7: found an order, expected = or !=, as state has none");
  EXPECT_EQ(FilterError("time > yesterday"),
            "column 8: found `yesterday`, expected a time such as "
            "2026-01-31T12:00:00Z");
  EXPECT_EQ(FilterError("rate < 1"),
            "column 1: found `rate`, expected one of the fields number, state, "
            "name, time, any.NAME");
  EXPECT_EQ(FilterError("any < 1"),
            "column 1: found `any`, expected one of the fields number, state, "
            "name, time, any.NAME");
  EXPECT_EQ(FilterError("number = 1 OR number = 2"),
            "column 12: found `OR number = 2`, expected AND or the end");
  EXPECT_EQ(FilterError("number = 1 AND"),
            "column 15: found the end, expected a field");
  EXPECT_EQ(FilterError("name = \"a"),
            "column 8: found a text that does not end, expected a closing "
            "`\"`");
}

TEST(ListFilterTest, HasLimits) {
  EXPECT_EQ(FilterError(std::string(4097, ' ')),
            "column 1: found 4097 bytes, expected at most 4096");
  std::vector<std::string> terms(32, "number=1");
  EXPECT_THAT(ParseFilter(absl::StrJoin(terms, " AND "), Fields()), IsOk());
  terms.emplace_back("number=1");
  EXPECT_EQ(FilterError(absl::StrJoin(terms, " AND ")),
            "column 417: found one more, expected at most 32, as there are "
            "already");
}

TEST(ListOrderTest, SortsByOneTermAfterTheOther) {
  const Thing a = {{"name", "a"}, {"number", 1.0}, {"any.x", 5.0}};
  const Thing b = {{"name", "b"}, {"number", 1.0}, {"any.x", 6.0}};
  const Thing c = {{"name", "c"}, {"number", 0.0}, {"any.x", 7.0}};
  EXPECT_EQ(Sorted("", {b, a, c}), "b a c");
  EXPECT_EQ(Sorted("number", {b, a, c}), "c b a");
  EXPECT_EQ(Sorted("number asc, any.x DESC", {a, b, c}), "c b a");
  EXPECT_EQ(Sorted("number desc, any.x", {b, a, c}), "a b c");
}

TEST(ListOrderTest, WhatIsAbsentOrNanComesLastEitherWay) {
  const Thing absent = {{"name", "absent"}};
  const Thing nan = {{"name", "nan"}, {"any.x", std::nan("")}};
  const Thing one = {{"name", "one"}, {"any.x", 1.0}};
  const Thing two = {{"name", "two"}, {"any.x", 2.0}};
  const Thing text = {{"name", "text"}, {"any.x", "0"}};
  EXPECT_EQ(Sorted("any.x", {absent, two, text, nan, one}),
            "one two text absent nan");
  EXPECT_EQ(Sorted("any.x desc", {absent, two, text, nan, one}),
            "two one text absent nan");
}

TEST(ListOrderTest, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(OrderError("numbers"),
            "column 1: found `numbers`, expected one of the fields number, "
            "state, name, time, any.NAME");
  EXPECT_EQ(OrderError("number down"),
            "column 8: found `down`, expected `asc`, `desc`, `,` or the end");
  EXPECT_EQ(OrderError("number,"), "column 8: found the end, expected a field");
}

}  // namespace
}  // namespace attune
