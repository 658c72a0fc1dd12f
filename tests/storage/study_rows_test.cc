#include "storage/study_rows.h"

#include <string>

#include "tests/testing/builders.h"
#include "tests/testing/schema_test.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class StudyRowsTest : public SchemaTest {
 protected:
  void Store(const StudySpec& spec) {
    ASSERT_THAT(WriteStudy(*db_, MakeStudy(spec), false), IsOk());
  }

  void ExpectUnreadable(const std::string& problem) {
    EXPECT_THAT(ReadStudies(*db_, {}),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr("table studies, row of studies/1"),
                               HasSubstr(problem))));
  }
};

TEST_F(StudyRowsTest, WordsAreLegal) {
  Store(MakeStudySpec());
  EXPECT_FALSE(Allows("studies", "state = 'resting'"));
  EXPECT_FALSE(Allows("studies", "algorithm_settings = '[]'"));
  EXPECT_FALSE(Allows("studies", "stopping_settings = '3'"));
  EXPECT_FALSE(Allows("studies", "task = 'any'"));
  EXPECT_FALSE(Allows("studies", "seed = -1"));
  EXPECT_FALSE(Allows("studies", "revision = 0"));
  EXPECT_FALSE(Allows("objectives", "goal = 'better'"));
}

TEST_F(StudyRowsTest, AMetricThatDecidesHasAGoal) {
  Store(MakeStudySpec());
  EXPECT_FALSE(Allows("studies", "stopping_metric = 'm'"));
  EXPECT_FALSE(Allows("studies", "stopping_goal = 'minimize'"));
  EXPECT_TRUE(
      Allows("studies", "stopping_metric = 'm', stopping_goal = 'minimize'"));
}

TEST_F(StudyRowsTest, OnlyAFunctionTaskHasAFunction) {
  Store(MakeStudySpec());
  EXPECT_FALSE(Allows("studies", "function_name = 'sphere'"));
  EXPECT_FALSE(Allows("studies", "task = 'function'"));
  EXPECT_TRUE(Allows("studies", "task = 'function', function_name = 'sphere'"));
}

TEST_F(StudyRowsTest, TouchesOnlyTheStudysRowIfItsSpecIsTheSame) {
  StudySpec spec = MakeStudySpec();
  spec.space = MakeSpaceOfAllDomains();
  Store(spec);
  Study study = MakeStudy(spec);
  study.revision = 2;
  ATTUNE_ASSERT_OK_AND_ASSIGN(const int64_t before,
                              db_->QueryInt("SELECT total_changes()"));
  ATTUNE_ASSERT_OK(WriteStudy(*db_, study, /*same_spec=*/true));
  EXPECT_THAT(db_->QueryInt("SELECT total_changes()"),
              IsOkAndHolds(before + 1));
}

TEST_F(StudyRowsTest, RemembersTheHighestIdOfADeletedStudy) {
  EXPECT_THAT(LastStudyId(*db_), IsOkAndHolds(StudyId{0}));
  Store(MakeStudySpec());
  ATTUNE_ASSERT_OK(DeleteStudy(*db_, {1}));
  EXPECT_THAT(LastStudyId(*db_), IsOkAndHolds(StudyId{1}));
  EXPECT_THAT(db_->QueryInt("SELECT count(*) FROM objectives"),
              IsOkAndHolds(0));
}

TEST_F(StudyRowsTest, NamesTheRowOfAnUnknownWord) {
  Store(MakeStudySpec());
  ASSERT_TRUE(Allows("studies", "algorithm = 'luck'"));
  ExpectUnreadable("algorithm: found `luck`");
  Damage("studies", "state = 'resting'");
  ExpectUnreadable("state: found 'resting'");
}

TEST_F(StudyRowsTest, NamesTheRowsOfUnknownStoppingTaskAndGoal) {
  Store(MakeStudySpec());
  Damage("objectives", "goal = 'better'");
  ExpectUnreadable("goal: found 'better'");
  ASSERT_TRUE(Allows("objectives", "goal = 'maximize'"));
  Damage("studies", "task = 'any'");
  ExpectUnreadable("task: found 'any'");
  ASSERT_TRUE(Allows("studies", "stopping = 'never'"));
  ExpectUnreadable("stopping: found `never`");
}

TEST_F(StudyRowsTest, NamesTheSettingThatCannotBeRead) {
  StudySpec spec = MakeStudySpec();
  spec.task = NetworkTask{{{"epochs", int64_t{3}}}};
  Store(spec);
  ASSERT_TRUE(Allows("train_settings", "value = 'null'"));
  ExpectUnreadable("table train_settings, 'epochs': found null");
}

}  // namespace
}  // namespace attune
