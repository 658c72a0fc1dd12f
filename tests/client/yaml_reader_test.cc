#include "client/yaml_reader.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What `a: TEXT` is read as.
std::optional<ParameterValue> Read(absl::string_view text) {
  std::vector<FileProblem> problems;
  const auto root = ParseYaml(absl::StrCat("a: ", text), problems);
  FieldLog log;
  return ReadValue({root->entries[0].value, "a"}, log);
}

ParameterValue Text(const char* text) { return std::string(text); }

TEST(YamlReaderTest, NumbersAreAsInYaml12) {
  EXPECT_EQ(Read("1"), ParameterValue(int64_t{1}));
  EXPECT_EQ(Read("+7"), ParameterValue(int64_t{7}));
  EXPECT_EQ(Read("-010"), ParameterValue(int64_t{-10}));
  EXPECT_EQ(Read("1.0"), ParameterValue(1.0));
  EXPECT_EQ(Read("1e-4"), ParameterValue(1e-4));
  EXPECT_EQ(Read("1E2"), ParameterValue(100.0));
  EXPECT_EQ(Read(".5"), ParameterValue(0.5));
  EXPECT_EQ(Read("+5."), ParameterValue(5.0));
  EXPECT_EQ(Read("-.inf"), ParameterValue(-INFINITY));
  EXPECT_TRUE(std::isnan(std::get<double>(*Read(".NaN"))));
}

TEST(YamlReaderTest, WordsOfYaml11StayTexts) {
  EXPECT_EQ(Read("yes"), Text("yes"));
  EXPECT_EQ(Read("off"), Text("off"));
  EXPECT_EQ(Read("1_000"), Text("1_000"));
  EXPECT_EQ(Read("12:30"), Text("12:30"));
  EXPECT_EQ(Read("0x1F"), Text("0x1F"));
  EXPECT_EQ(Read("1e"), Text("1e"));
  EXPECT_EQ(Read("inf"), Text("inf"));
}

TEST(YamlReaderTest, QuotesMakeATextAndTrueIsATruthValue) {
  EXPECT_EQ(Read("true"), ParameterValue(true));
  EXPECT_EQ(Read("FALSE"), ParameterValue(false));
  EXPECT_EQ(Read("\"true\""), Text("true"));
  EXPECT_EQ(Read("'1'"), Text("1"));
}

TEST(YamlReaderTest, AnIntegerThatDoesNotFitIsRefused) {
  EXPECT_EQ(Read("99999999999999999999"), std::nullopt);
  EXPECT_EQ(Read("[1]"), std::nullopt);
  EXPECT_EQ(Read("~"), std::nullopt);
}

TEST(YamlReaderTest, ABreakInAFieldBreaksItsParts) {
  FieldLog log;
  log.MarkBroken("a.b");
  EXPECT_TRUE(log.IsBroken("a.b"));
  EXPECT_TRUE(log.IsBroken("a.b.c"));
  EXPECT_TRUE(log.IsBroken("a.b[2]"));
  EXPECT_FALSE(log.IsBroken("a"));
  EXPECT_FALSE(log.IsBroken("a.bc"));
}

TEST(YamlReaderTest, AFieldWithoutPlaceStandsWhereItsWholeStands) {
  FieldLog log;
  log.Place("a", {.line = 2, .column = 1});
  log.Place("a.b[1]", {.line = 3, .column = 5});
  EXPECT_EQ(log.Find("a.b[1].c"), (Position{.line = 3, .column = 5}));
  EXPECT_EQ(log.Find("a.b[0]"), (Position{.line = 2, .column = 1}));
  EXPECT_EQ(log.Find("z"), Position{});
}

TEST(YamlReaderTest, ProblemsComeInTheOrderOfTheFile) {
  FieldLog log;
  log.Add({.line = 3, .column = 1}, "c", "third");
  log.Add({.line = 1, .column = 9}, "b", "second");
  log.Add({.line = 1, .column = 2}, "a", "first");
  std::vector<std::string> order;
  for (const FileProblem& problem : log.TakeProblems()) {
    order.push_back(problem.description);
  }
  EXPECT_THAT(order, ElementsAre("first", "second", "third"));
}

TEST(YamlReaderTest, AMisspelledKeyIsNotAlsoMissing) {
  std::vector<FileProblem> problems;
  const auto root = ParseYaml("minn: 1\n", problems);
  FieldLog log;
  const MapReader map({*root, ""}, {"min", "max"}, log);
  EXPECT_EQ(map.Required("min", "a number"), std::nullopt);
  EXPECT_TRUE(log.IsBroken("min"));
  problems = log.TakeProblems();
  ASSERT_EQ(problems.size(), 1);
  EXPECT_EQ(problems[0].description,
            "found an unknown key, expected one of min, max; did you mean "
            "`min`?");
}

TEST(YamlReaderTest, SaysWhatWasFound) {
  EXPECT_EQ(FoundIn({}), "nothing");
  EXPECT_EQ(FoundIn({.kind = YamlNode::Kind::kList}), "a list");
  EXPECT_EQ(
      FoundIn(
          {.kind = YamlNode::Kind::kScalar, .text = "a\nb", .plain = false}),
      "the text `a\\nb`");
  const std::string longest(100, 'x');
  EXPECT_EQ(
      FoundIn(
          {.kind = YamlNode::Kind::kScalar, .text = longest, .plain = true}),
      absl::StrCat("`", longest.substr(0, 60), "...`"));
}

}  // namespace
}  // namespace attune
