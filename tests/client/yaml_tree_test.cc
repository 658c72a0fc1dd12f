#include "client/yaml_tree.h"

#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/study_file.h"
#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// One problem, with a part of its description.
testing::Matcher<FileProblem> Problem(int line, int column,
                                      const std::string& part) {
  return AllOf(
      Field("at", &FileProblem::at, Position{.line = line, .column = column}),
      Field("description", &FileProblem::description, HasSubstr(part)));
}

std::vector<FileProblem> ProblemsOf(absl::string_view text) {
  std::vector<FileProblem> problems;
  ParseYaml(text, problems);
  return problems;
}

TEST(YamlTreeTest, KeepsPlacesOrderAndQuotes) {
  std::vector<FileProblem> problems;
  const auto root = ParseYaml("b: 1\na:\n  c: \"x\"\n  d: [e, ~]\n", problems);
  ASSERT_THAT(problems, IsEmpty());
  ASSERT_TRUE(root.has_value());
  ASSERT_THAT(root->entries, SizeIs(2));
  EXPECT_EQ(root->entries[0].key, "b");
  EXPECT_TRUE(root->entries[0].value.plain);
  EXPECT_EQ(root->entries[0].value.at, (Position{.line = 1, .column = 4}));
  const YamlNode& a = root->entries[1].value;
  EXPECT_EQ(root->entries[1].at, (Position{.line = 2, .column = 1}));
  ASSERT_THAT(a.entries, SizeIs(2));
  EXPECT_EQ(a.entries[0].value.text, "x");
  EXPECT_FALSE(a.entries[0].value.plain);
  ASSERT_THAT(a.entries[1].value.items, SizeIs(2));
  EXPECT_EQ(a.entries[1].value.items[1].kind, YamlNode::Kind::kNull);
}

TEST(YamlTreeTest, CountsColumnsInCharacters) {
  std::vector<FileProblem> problems;
  const auto root = ParseYaml("a: [äöü, x]\n", problems);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->entries[0].value.items[1].at,
            (Position{.line = 1, .column = 10}));
}

TEST(YamlTreeTest, ReadsPastAByteOrderMarkAndCarriageReturns) {
  std::vector<FileProblem> problems;
  const auto root = ParseYaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n",
      problems);
  ASSERT_TRUE(root.has_value());
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(root->entries, SizeIs(2));
  EXPECT_EQ(root->entries[1].value.text, "2");
  EXPECT_EQ(root->entries[1].at, (Position{.line = 2, .column = 1}));
}

TEST(YamlTreeTest, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(ProblemsOf("a: 1\nb: {c: 1, c: 2}\na: 3\n"),
              ElementsAre(Problem(2, 11, "the key `c` a second time"),
                          Problem(3, 1, "the first is in line 1")));
}

TEST(YamlTreeTest, RefusesAliasesAndMergeKeys) {
  EXPECT_THAT(ProblemsOf("a: &x {b: 1}\nc: *x\nd: {<<: {b: 1}}\n"),
              ElementsAre(Problem(2, 4, "found an alias"),
                          Problem(3, 5, "found a merge key")));
  EXPECT_THAT(ProblemsOf("a: *x\n"),
              ElementsAre(Problem(1, 4, "found an alias")));
}

TEST(YamlTreeTest, RefusesTagsAndOddKeys) {
  EXPECT_THAT(ProblemsOf("a: !!str 1\n[b]: 2\n: 3\n"),
              ElementsAre(Problem(1, 4, "found the tag"),
                          Problem(2, 1, "a list or map as a key"),
                          Problem(3, 1, "found no key")));
}

TEST(YamlTreeTest, RefusesASecondDocument) {
  EXPECT_THAT(ProblemsOf("a: 1\n---\nb: 2\n"),
              ElementsAre(Problem(2, 1, "found a second document")));
  EXPECT_THAT(ProblemsOf("  a: 1\n b: 2\n"),
              ElementsAre(Problem(2, 2, "begin in the same column")));
}

TEST(YamlTreeTest, ExplainsATab) {
  EXPECT_THAT(ProblemsOf("a:\n\tb: 1\n"),
              ElementsAre(Problem(2, 1, "found a tab, expected spaces")));
}

TEST(YamlTreeTest, ExplainsWhatIsNotClosed) {
  EXPECT_THAT(ProblemsOf("a: 1\nb: {c: [1, 2}\n"),
              ElementsAre(Problem(2, 13, "closing bracket of another kind")));
  EXPECT_THAT(ProblemsOf("a: 1\nb: [c, d\n"),
              ElementsAre(Problem(2, 4, "a `[` without its `]`")));
  EXPECT_THAT(ProblemsOf("a: 1\nb: {c: 1\n"),
              ElementsAre(Problem(2, 4, "a `{` without its `}`")));
  EXPECT_THAT(ProblemsOf("a: 1\nb: \"c\nd: 1\n"),
              ElementsAre(Problem(2, 4, "without its closing `\"`")));
  EXPECT_THAT(ProblemsOf("a: 'b\n"),
              ElementsAre(Problem(1, 4, "without its closing `'`")));
  EXPECT_THAT(ProblemsOf("a: \"b\\\"c\"\nd: 'e''f'\n"), IsEmpty());
}

TEST(YamlTreeTest, ExplainsAMisplacedColon) {
  EXPECT_THAT(ProblemsOf("a: b: c\n"),
              ElementsAre(Problem(1, 5, "found a `:` where none can stand")));
}

TEST(YamlTreeTest, RefusesWhatIsNotText) {
  EXPECT_THAT(ProblemsOf(absl::string_view("a: 1\nb: \0", 9)),
              ElementsAre(Problem(2, 4, "found the byte 0x00")));
  EXPECT_THAT(ProblemsOf("a: \xFF\n"),
              ElementsAre(Problem(1, 4, "found the byte 0xFF")));
  EXPECT_THAT(ProblemsOf("\x7F"
                         "ELF"),
              ElementsAre(Problem(1, 1, "0x7F")));
}

TEST(YamlTreeTest, RefusesWhatIsTooLargeOrTooDeep) {
  EXPECT_THAT(ProblemsOf(std::string(kMaxYamlBytes + 1, ' ')),
              ElementsAre(Problem(1, 1, "more than 1048576 bytes")));
  EXPECT_THAT(ProblemsOf(std::string(100000, '[')),
              ElementsAre(Field(&FileProblem::description,
                                HasSubstr("nested too deeply"))));
}

// Whatever stands in a file, reading it ends with a study or with problems.
TEST(YamlTreeTest, SurvivesGarbage) {
  constexpr absl::string_view kPieces[] = {
      "a",  ": ",  "\n", "  ",   "- ",    "[",    "]",          "{",     "}",
      "\"", "'",   "#",  "|\n",  ">",     "&x ",  "*x",         "!t ",   "? ",
      ",",  "1e9", "~",  "\t",   "---\n", "%",    "parameters", "min",   "@",
      "\r", "...", "<<", "name", "train", "when", "forbidden",  "values"};
  Rng rng(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint64_t left = rng.Below(40); left > 0; --left) {
      absl::StrAppend(&text, kPieces[rng.Below(std::size(kPieces))]);
    }
    const StudyFile file = ParseStudyFile(text);
    EXPECT_FALSE(file.problems.empty()) << text;
  }
}

}  // namespace
}  // namespace attune
