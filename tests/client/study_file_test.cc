#include "client/study_file.h"

#include <filesystem>
#include <fstream>
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

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr absl::string_view kStart =
    "name: s\n"
    "objective: {metric: value, goal: minimize}\n"
    "function: sphere\n";

// Each problem as `line:column: field: description`.
std::vector<std::string> ProblemsOf(absl::string_view text) {
  std::vector<std::string> lines;
  for (const FileProblem& problem : ParseStudyFile(text).problems) {
    lines.push_back(absl::StrCat(problem.at.line, ":", problem.at.column, ": ",
                                 problem.field, ": ", problem.description));
  }
  return lines;
}

// Of a sphere study with `rest` from line 4 on.
std::vector<std::string> ProblemsIn(absl::string_view rest) {
  return ProblemsOf(
      absl::StrCat(kStart, "parameters: {x: {min: 0, max: 1}}\n", rest));
}

TEST(StudyFileTest, ReadsTheWholeFormat) {
  const StudyFile file = ParseStudyFile(R"(
name: fashion-mlp
objective: {metric: validation_accuracy, goal: maximize}
algorithm: {grid: {}}
stopping:
  median:
    min_trials: 3
    warmup_steps: 2
    metric: {metric: validation_loss, goal: minimize}
budget: {max_trials: 60, max_parallel: 8, max_duration: 10m, max_failed: 4}
max_attempts: 5
seed: 42
parameters:
  optimizer: [sgd, momentum]
  momentum: {values: [0.5, 0.9], when: {optimizer: momentum}}
train:
  dataset: fashion-mnist
  hidden_layers: [256, 128]
  epochs: 10
  learning_rate: 0.1
)");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.spec.name, "fashion-mlp");
  EXPECT_THAT(file.spec.objectives,
              ElementsAre(Objective{.metric = "validation_accuracy",
                                    .goal = Goal::kMaximize}));
  EXPECT_EQ(file.spec.algorithm, Algorithm{.name = "grid"});
  EXPECT_EQ(file.spec.stopping,
            (Stopping{.name = "median",
                      .settings = {{"min_trials", int64_t{3}},
                                   {"warmup_steps", int64_t{2}}},
                      .metric = Objective{.metric = "validation_loss",
                                          .goal = Goal::kMinimize}}));
  EXPECT_EQ(file.spec.budget, (Budget{.max_trials = 60,
                                      .max_parallel = 8,
                                      .max_duration = absl::Minutes(10),
                                      .max_failed = 4}));
  EXPECT_EQ(file.spec.max_attempts, 5);
  EXPECT_EQ(file.spec.seed, 42);
  EXPECT_EQ(file.spec.space.parameters.size(), 2);
  const Parameters settings = {{"dataset", std::string("fashion-mnist")},
                               {"hidden_layers", std::string("256,128")},
                               {"epochs", int64_t{10}},
                               {"learning_rate", 0.1}};
  EXPECT_EQ(file.spec.task, Task(NetworkTask{.settings = settings}));
}

TEST(StudyFileTest, JoinsListsOfNamesAndWeights) {
  const StudyFile file = ParseStudyFile(
      "name: mine\nobjective: {metric: validation_loss, goal: minimize}\n"
      "parameters: {epochs: {min: 1, max: 2}}\n"
      "train:\n"
      "  dataset: a.csv\n"
      "  categorical: [zip, 5]\n"
      "  class_weights: [1, 2.5]\n");
  EXPECT_THAT(file.problems, IsEmpty());
  const Parameters settings = {{"dataset", std::string("a.csv")},
                               {"categorical", std::string("zip,5")},
                               {"class_weights", std::string("1,2.5")}};
  EXPECT_EQ(file.spec.task, Task(NetworkTask{.settings = settings}));
}

TEST(StudyFileTest, AListOfNamesHasNoCommasInThem) {
  const StudyFile file = ParseStudyFile(
      "name: mine\nobjective: {metric: validation_loss, goal: minimize}\n"
      "parameters: {epochs: {min: 1, max: 2}}\n"
      "train:\n"
      "  dataset: a.csv\n"
      "  categorical: [zip, 'a,b']\n");
  ASSERT_EQ(file.problems.size(), 1);
  EXPECT_EQ(file.problems[0].field, "train.categorical[1]");
}

TEST(StudyFileTest, SaysWhichLayerIsWrong) {
  EXPECT_THAT(
      ProblemsOf("name: a\nobjective: {metric: training_loss, goal: minimize}\n"
                 "parameters:\n"
                 "  layers: [[conv 3x3x8, dense 9], [dens 9]]\n"
                 "train:\n"
                 "  network: cnn\n"),
      ElementsAre(AllOf(StartsWith("4:36: parameters.layers.values[1][0]: "
                                   "found `dens 9`, expected one of conv, "),
                        EndsWith("did you mean `dense`?"))));
  EXPECT_THAT(
      ProblemsOf("name: a\nobjective: {metric: training_loss, goal: minimize}\n"
                 "train:\n"
                 "  network: cnn\n"
                 "  layers: [conv 3x3x8,\n"
                 "           pool]\n"),
      ElementsAre("6:12: train.layers[1]: found `pool`, expected `pool` with a "
                  "height and width from 1 to 31"));
}

TEST(StudyFileTest, TakesAWordForAlgorithmStoppingAndFunction) {
  const StudyFile file =
      ParseStudyFile(absl::StrCat(kStart,
                                  "parameters: {x: {min: 0, max: 1}}\n"
                                  "algorithm: grid\nstopping: median\n"));
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.spec.algorithm, Algorithm{.name = "grid"});
  EXPECT_EQ(file.spec.stopping, Stopping(Stopping{.name = "median"}));
  EXPECT_EQ(file.spec.task, Task(FunctionTask{.name = "sphere"}));
}

TEST(StudyFileTest, AFileOfProgramsOfOnesOwnHasNoTask) {
  const StudyFile file = ParseStudyFile(
      "name: mine\nobjective: {metric: score, goal: maximize}\n"
      "parameters: {x: [a, b]}\n");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.spec.task, Task(std::monostate()));
}

TEST(StudyFileTest, AFileOfProgramsOfOnesOwnNeedsNoParameters) {
  const StudyFile file = ParseStudyFile(
      "name: mine\nobjective: {metric: score, goal: maximize}\n");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_FALSE(HasSearch(file.spec));
}

TEST(StudyFileTest, AttributesAreTheirTexts) {
  const StudyFile file = ParseStudyFile(absl::StrCat(
      kStart,
      "parameters: {x: {min: 0, max: 1}}\n"
      "attributes: {owner: anna, ticket: 17, share: 1.50, draft: true, "
      "note: ''}\n"));
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.attributes, (Attributes{{"owner", "anna"},
                                         {"ticket", "17"},
                                         {"share", "1.50"},
                                         {"draft", "true"},
                                         {"note", ""}}));
}

TEST(StudyFileTest, AnAttributeThatIsNoneStandsAtItsPlace) {
  EXPECT_THAT(
      ProblemsIn("attributes:\n  1st: x\n  team: [a, b]\n  lead:\n"),
      ElementsAre(StartsWith("6:3: attributes.1st: found the name `1st`, "
                             "expected a letter"),
                  StartsWith("7:3: attributes.team: found a list, expected a "
                             "text, a number, true or false"),
                  StartsWith("8:3: attributes.lead: found nothing")));
  EXPECT_THAT(ProblemsIn("attributes: anna\n"),
              ElementsAre("5:13: attributes: found `anna`, expected a map such "
                          "as {owner: anna}"));
}

TEST(StudyFileTest, TooManyAttributesAreOneProblem) {
  std::string text = "attributes:\n";
  for (int i = 0; i < 65; ++i) absl::StrAppend(&text, "  a", i, ": x\n");
  EXPECT_THAT(ProblemsIn(text),
              ElementsAre("5:1: attributes: found 65 attributes, expected at "
                          "most 64"));
}

TEST(StudyFileTest, AnEmptyFileIsNoStudy) {
  EXPECT_THAT(ProblemsOf(""), ElementsAre(HasSubstr("found an empty file")));
  EXPECT_THAT(ProblemsOf("# only a comment\n"),
              ElementsAre(HasSubstr("found an empty file")));
  EXPECT_THAT(ProblemsOf("- a\n"),
              ElementsAre("1:1: : found a list, expected a map such as "
                          "`name: my-study`"));
}

TEST(StudyFileTest, NamesWhatIsMissing) {
  EXPECT_THAT(ProblemsOf("seed: 1\n"),
              ElementsAre("1:1: name: found none, expected the name of the "
                          "study",
                          AllOf(StartsWith("1:1: objective: found none"),
                                HasSubstr("{metric: NAME, goal: minimize}"))));
}

TEST(StudyFileTest, NamesTheNearestKey) {
  EXPECT_THAT(ProblemsIn("budgets: {max_trials: 3}\n"),
              ElementsAre(AllOf(StartsWith("5:1: budgets: found an unknown "
                                           "key, expected one of name, "),
                                EndsWith("did you mean `budget`?"))));
  EXPECT_THAT(ProblemsIn("budget: {max_trails: 3}\n"),
              ElementsAre(AllOf(StartsWith("5:10: budget.max_trails: "),
                                EndsWith("did you mean `max_trials`?"))));
}

TEST(StudyFileTest, NamesTheNearestWord) {
  EXPECT_THAT(ProblemsIn("algorithm: randon\n"),
              ElementsAre(AllOf(
                  StartsWith("5:12: algorithm: found `randon`, expected one of "
                             "random, grid, "),
                  EndsWith("; did you mean `random`?"))));
  EXPECT_THAT(ProblemsIn("stopping: {medain: {}}\n"),
              ElementsAre(AllOf(StartsWith("5:12: stopping.medain: "),
                                EndsWith("did you mean `median`?"))));
}

TEST(StudyFileTest, SaysAllProblemsAtOnceInTheirOrder) {
  EXPECT_THAT(
      ProblemsOf("name: S\n"
                 "objective: {metric: value, goal: lowest}\n"
                 "budget: {max_trials: many, max_duration: 10}\n"
                 "parameters:\n"
                 "  x: {min: a, max: 1.0}\n"
                 "  y: {min: 2, max: 1}\n"
                 "function: spheer\n"),
      ElementsAre(
          StartsWith("1:7: name: found `S`"),
          "2:34: objective.goal: found `lowest`, expected one of minimize, "
          "maximize",
          "3:22: budget.max_trials: found `many`, expected an integer",
          "3:42: budget.max_duration: found `10`, expected a duration such as "
          "90s, 10m or 1h30m",
          "5:12: parameters.x.min: found `a`, expected a number",
          StartsWith("6:20: parameters.y.max: found 1, expected at least min"),
          AllOf(StartsWith("7:11: function.name: found `spheer`"),
                EndsWith("did you mean `sphere`?"))));
}

TEST(StudyFileTest, ProblemsOfYamlComeWithTheOthers) {
  EXPECT_THAT(ProblemsIn("seed: -1\nseed: 2\n"),
              ElementsAre("5:7: seed: found `-1`, expected an integer of at "
                          "least 0",
                          HasSubstr("6:1: : found the key `seed` a second")));
}

TEST(StudyFileTest, OneTaskIsEnough) {
  EXPECT_THAT(ProblemsIn("train: {}\n"),
              ElementsAre("5:1: function: found beside `train`, expected one "
                          "of them"));
}

TEST(StudyFileTest, RandomHasNoSettings) {
  EXPECT_THAT(ProblemsIn("algorithm: {random: {trials: 3}}\n"),
              ElementsAre("5:22: algorithm.random.trials: found an unknown "
                          "key, expected none: `random` has no settings"));
}

TEST(StudyFileTest, ASettingOutOfRangeStandsAtItsValue) {
  EXPECT_THAT(
      ProblemsOf("name: s\n"
                 "objective: {metric: validation_loss, goal: minimize}\n"
                 "parameters:\n"
                 "  learning_rat: {min: 0.1, max: 0.2}\n"
                 "train:\n"
                 "  epochs: 0\n"),
      ElementsAre(AllOf(StartsWith("4:3: parameters.learning_rat: "),
                        HasSubstr("did you mean `learning_rate`?")),
                  StartsWith("6:11: train.epochs: found")));
}

TEST(StudyFileTest, TheExamplesAreLegal) {
  int examples = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(ATTUNE_SOURCE_DIR "/examples")) {
    if (entry.path().extension() != ".yaml") continue;
    ++examples;
    ATTUNE_EXPECT_OK(ReadStudyFile(entry.path().string()));
  }
  EXPECT_GE(examples, 5);
}

class StudyFileOnDisk : public testing::Test {
 protected:
  StudyFileOnDisk()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(folder_);
  }
  ~StudyFileOnDisk() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, absl::string_view text) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  const std::filesystem::path folder_;
};

TEST_F(StudyFileOnDisk, IsRead) {
  const std::string path = Write(
      "s.yaml", absl::StrCat(kStart, "parameters: {x: {min: 0, max: 1}}\n"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyFile file, ReadStudyFile(path));
  EXPECT_EQ(file.spec.name, "s");
}

TEST_F(StudyFileOnDisk, ProblemsNameTheFileOnePerLine) {
  const std::string path = Write("s.yaml", "name: s\nsed: 1\n");
  EXPECT_THAT(ReadStudyFile(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(StartsWith(path + ":1:1: objective: "),
                             HasSubstr("\n" + path + ":2:1: sed: "))));
}

TEST_F(StudyFileOnDisk, ARefusalOfTheCoordinatorGetsItsPlaces) {
  const std::string path =
      Write("s.yaml",
            absl::StrCat(kStart, "parameters: {x: {min: 0.0, max: 1.0}}\n"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const StudyFile file, ReadStudyFile(path));
  EXPECT_THAT(
      WithPlaces(InvalidFields({{"parameters.x.points", "found none"}}), file),
      StatusIs(absl::StatusCode::kInvalidArgument,
               path + ":4:14: parameters.x.points: found none"));
  const absl::Status other = absl::UnavailableError("gone");
  EXPECT_EQ(WithPlaces(other, file), other);
}

TEST_F(StudyFileOnDisk, AMissingFileOrADirectoryIsNamed) {
  EXPECT_THAT(ReadStudyFile(folder_ / "none.yaml"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("none.yaml: cannot open the study file: No "
                                 "such file")));
  EXPECT_THAT(ReadStudyFile(folder_),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("found a directory")));
}

TEST_F(StudyFileOnDisk, AHugeFileIsNotReadWhole) {
  const std::string path = Write("s.yaml", std::string(3 << 20, ' '));
  EXPECT_THAT(ReadStudyFile(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("found a file of more than")));
}

}  // namespace
}  // namespace attune
