// The queries of docs/storage.md and the views they use.
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "storage/sqlite_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Trial OfStudy(int64_t study, Trial trial) {
  trial.id.study = {study};
  return trial;
}

// Two studies, as a coordinator leaves them.
void Fill(Storage& storage) {
  StudySpec mlp = MakeStudySpec("fashion-mlp");
  mlp.objectives = {{"validation_accuracy", Goal::kMaximize}};
  std::vector<Trial> trials;
  for (int64_t n = 1; n <= 7; ++n) {
    trials.push_back(MakeCompletedTrial(
        n, 0.125 * static_cast<double>(n * 3 % 7),
        {{"optimizer", std::string(n % 2 == 0 ? "adam" : "sgd")},
         {"dropout", 0.25}}));
  }
  trials.push_back(MakeTrial(
      8, Running{.lease = {.worker = {"w"}, .attempt = 2}, .lost = 1}));
  trials.push_back(OfStudy(2, MakeCompletedTrial(1, 2.0)));
  trials.push_back(OfStudy(2, MakeCompletedTrial(2, 1.0)));
  ATTUNE_ASSERT_OK(storage.Commit(
      {.studies = {MakeStudy(mlp, 1), MakeStudy(MakeStudySpec("second"), 2)},
       .trials = trials,
       .measurements = {
           {{{1}, 1},
            {{1, {{"training_loss", 0.9}, {"validation_loss", 1.0}}},
             {2, {{"training_loss", 0.25}, {"validation_loss", 0.5}}}}},
           {{{1}, 8},
            {{1, {{"down", -kInfinity}, {"nan", NAN}, {"up", kInfinity}}}}}}}));
}

class StorageDocTest : public testing::Test {
 protected:
  StorageDocTest() {
    auto storage = SqliteStorage::Open(path_);
    EXPECT_THAT(storage, IsOk());
    Fill(**storage);
  }

  // The rows of a query, columns separated by `|` as in sqlite3.
  std::vector<std::string> Rows(const std::string& sql, int columns) {
    auto db = Database::Open(path_, DatabaseMode::kReadOnly, {});
    EXPECT_THAT(db, IsOk());
    std::vector<std::string> rows;
    auto statement = (*db)->Prepare(sql.c_str());
    EXPECT_THAT(statement, IsOk()) << sql;
    while (statement.ok()) {
      const auto more = statement->Step();
      EXPECT_THAT(more, IsOk()) << sql;
      if (!more.ok() || !*more) break;
      rows.push_back(statement->String(0));
      for (int i = 1; i < columns; ++i) {
        absl::StrAppend(&rows.back(), "|", statement->Text(i));
      }
    }
    return rows;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("attune.db");
};

std::vector<std::string> QueriesOfTheDocument() {
  std::ifstream file(std::string(ATTUNE_SOURCE_DIR) + "/docs/storage.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> queries;
  const std::vector<std::string> parts = absl::StrSplit(text, "```sql\n");
  for (size_t i = 1; i < parts.size(); ++i) {
    queries.push_back(parts[i].substr(0, parts[i].find("```")));
  }
  return queries;
}

TEST_F(StorageDocTest, EveryQueryOfTheDocumentFindsRows) {
  const std::vector<std::string> queries = QueriesOfTheDocument();
  EXPECT_GE(queries.size(), 3);
  for (const std::string& query : queries) {
    EXPECT_FALSE(Rows(query, 1).empty()) << query;
  }
}

TEST_F(StorageDocTest, BestTrialsAreInOrderWithinEachStudy) {
  EXPECT_THAT(
      Rows("SELECT study, rank, trial, objective FROM best_trials", 4),
      ElementsAre("fashion-mlp|1|2|0.75", "fashion-mlp|2|4|0.625",
                  "fashion-mlp|3|6|0.5", "fashion-mlp|4|1|0.375",
                  "fashion-mlp|5|3|0.25", "fashion-mlp|6|5|0.125",
                  "fashion-mlp|7|7|0.0", "second|1|2|1.0", "second|2|1|2.0"));
  EXPECT_THAT(Rows("SELECT * FROM best_trials LIMIT 2", 3),
              ElementsAre("fashion-mlp|1|2", "fashion-mlp|2|4"));
  EXPECT_THAT(Rows("SELECT * FROM best_trials WHERE study = 'second'", 3),
              ElementsAre("second|1|2", "second|2|1"));
}

TEST_F(StorageDocTest, BestTrialsHaveTheColumnsOfTrialsFlatAndTheRank) {
  const auto columns = [&](const std::string& view) {
    return Rows(
        absl::StrCat("SELECT name FROM pragma_table_info('", view, "')"), 1);
  };
  EXPECT_THAT(
      columns("trials_flat"),
      ElementsAre("study", "trial", "state", "objective", "parameters",
                  "metrics", "worker", "attempts", "started", "finished"));
  EXPECT_THAT(
      columns("best_trials"),
      ElementsAre("study", "rank", "trial", "state", "objective", "parameters",
                  "metrics", "worker", "attempts", "started", "finished"));
}

TEST_F(StorageDocTest, TrialsFlatShowsAWholeTrial) {
  EXPECT_THAT(
      Rows("SELECT * FROM trials_flat WHERE trial = 1 AND study <> 'second'",
           10),
      ElementsAre("fashion-mlp|1|completed|0.375|"
                  "{\"dropout\":0.25,\"optimizer\":\"sgd\"}|"
                  "{\"training_loss\":0.25,\"validation_loss\":0.5}|worker/1|1|"
                  "2023-11-14T22:13:30.000Z|2023-11-14T22:13:35.000Z"));
}

TEST_F(StorageDocTest, TrialsFlatShowsTheLastAttemptOfARunningTrial) {
  EXPECT_THAT(Rows("SELECT state, worker, attempts, finished IS NULL,"
                   " objective IS NULL FROM trials_flat WHERE trial = 8",
                   5),
              ElementsAre("running|w|2|1|1"));
}

TEST_F(StorageDocTest, TrialsFlatShowsWhatIsNotFiniteAsText) {
  EXPECT_THAT(
      Rows("SELECT metrics FROM trials_flat WHERE trial = 8", 1),
      ElementsAre(
          "{\"down\":\"-Infinity\",\"nan\":\"NaN\",\"up\":\"Infinity\"}"));
}

TEST_F(StorageDocTest, TrialsFlatShowsAnEmptyObjectForNoMetrics) {
  EXPECT_THAT(Rows("SELECT metrics FROM trials_flat WHERE study = 'second'", 1),
              ElementsAre("{}", "{}"));
}

}  // namespace
}  // namespace attune
