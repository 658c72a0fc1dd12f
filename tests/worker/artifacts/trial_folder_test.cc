#include "worker/artifacts/trial_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"
#include "worker/artifacts/durable_file.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

const absl::Time kCreated = absl::FromUnixSeconds(1'700'000'000);

class TrialFolderTest : public testing::Test {
 protected:
  TrialFolder Folder(int64_t number, int attempt = 1) const {
    return TrialFolder(directory_.path(),
                       {.token = {.trial = {.study = {7}, .number = number},
                                  .attempt = attempt},
                        .study = "mlp",
                        .study_create_time = kCreated});
  }

  // Keeps a model of trial `number` and says that the trial has ended.
  void End(int64_t number, const std::string& objective, int64_t keep) {
    const TrialFolder folder = Folder(number);
    ASSERT_THAT(
        folder.WriteModel({.metadata = {{kObjectiveMetadata, objective}}}),
        IsOk());
    ASSERT_THAT(folder.KeepBest(Goal::kMaximize, keep), IsOk());
    ASSERT_THAT(folder.Discard(), IsOk());
  }
  bool HasModel(int64_t number) const {
    return fs::exists(Folder(number).model_path());
  }

  TemporaryDirectory directory_;
};

TEST_F(TrialFolderTest, IsNamedByStudyAndTrial) {
  EXPECT_EQ(Folder(12).path(),
            directory_.File(ArtifactFolder("mlp", kCreated) + "/12"));
}

TEST_F(TrialFolderTest, LetsTheNextAttemptReadTheCheckpoint) {
  const TensorFile checkpoint = {.metadata = {{"epoch", "3"}}};
  EXPECT_THAT(Folder(1).ReadCheckpoint(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Folder(1, 1).WriteCheckpoint(checkpoint), IsOk());
  EXPECT_THAT(Folder(1, 2).ReadCheckpoint(), IsOkAndHolds(checkpoint));
}

TEST_F(TrialFolderTest, SaysThatACheckpointIsDamaged) {
  EXPECT_THAT(Folder(1).WriteCheckpoint({}), IsOk());
  fs::resize_file(Folder(1).checkpoint_path(), 9);
  EXPECT_THAT(Folder(1).ReadCheckpoint(),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(TrialFolderTest, SetsACheckpointAsideUntilTheTrialEnds) {
  const TrialFolder folder = Folder(1);
  const TensorFile checkpoint = {.metadata = {{"epoch", "3"}}};
  EXPECT_THAT(folder.WriteCheckpoint(checkpoint), IsOk());
  EXPECT_THAT(folder.SetCheckpointAside(), IsOk());
  EXPECT_THAT(folder.ReadCheckpoint(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_TRUE(fs::exists(folder.refused_path()));
  EXPECT_THAT(Folder(1, 2).RemoveUnfinished(), IsOk());
  EXPECT_TRUE(fs::exists(folder.refused_path()));
  EXPECT_THAT(folder.SetCheckpointAside(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(folder.Discard(), IsOk());
  EXPECT_FALSE(fs::exists(folder.path()));
}

TEST_F(TrialFolderTest, KeepsTheModelsOfTheBestTrials) {
  End(1, "0.5", 2);
  End(2, "0.9", 2);
  End(3, "0.1", 2);
  End(4, "0.7", 2);
  EXPECT_FALSE(HasModel(1));
  EXPECT_TRUE(HasModel(2));
  EXPECT_FALSE(HasModel(3));
  EXPECT_TRUE(HasModel(4));
}

TEST_F(TrialFolderTest, LeavesAloneWhatAnotherDatabaseCallsTheSame) {
  const TrialFolder other(
      directory_.path(),
      {.token = {.trial = {.study = {7}, .number = 1}},
       .study = "mlp",
       .study_create_time = kCreated - absl::Microseconds(1)});
  ASSERT_THAT(other.WriteCheckpoint({}), IsOk());
  ASSERT_THAT(other.WriteModel({.metadata = {{kObjectiveMetadata, "0.9"}}}),
              IsOk());
  EXPECT_THAT(Folder(1).ReadCheckpoint(),
              StatusIs(absl::StatusCode::kNotFound));
  End(1, "0.5", 1);
  EXPECT_TRUE(HasModel(1));
  EXPECT_TRUE(fs::exists(other.model_path()));
}

TEST_F(TrialFolderTest, KeepsAConfusionMatrixAsLongAsItsModel) {
  ASSERT_THAT(Folder(1).WriteConfusion("label,a\na,3\n"), IsOk());
  End(1, "0.5", 1);
  EXPECT_THAT(ReadWholeFile(Folder(1).confusion_path()),
              IsOkAndHolds("label,a\na,3\n"));
  End(2, "0.75", 1);
  EXPECT_FALSE(fs::exists(Folder(1).path()));
}

TEST_F(TrialFolderTest, KeepsTheEarlierOfEquals) {
  End(2, "0.5", 1);
  End(1, "0.5", 1);
  EXPECT_TRUE(HasModel(1));
  EXPECT_FALSE(HasModel(2));
}

TEST_F(TrialFolderTest, RanksWhatHasNoObjectiveLast) {
  End(1, "nan", 1);
  End(2, "-1e9", 1);
  EXPECT_FALSE(HasModel(1));
  EXPECT_TRUE(HasModel(2));
}

TEST_F(TrialFolderTest, LeavesNothingOfATrialWithoutAModel) {
  const TrialFolder folder = Folder(1);
  EXPECT_THAT(folder.WriteCheckpoint({}), IsOk());
  std::ofstream(folder.checkpoint_path() + ".1") << "half of one";
  EXPECT_THAT(folder.Discard(), IsOk());
  EXPECT_FALSE(fs::exists(folder.path()));
  EXPECT_THAT(folder.Discard(), IsOk());
}

TEST_F(TrialFolderTest, RemovesWhatLostAttemptsWereWriting) {
  const TrialFolder folder = Folder(1, 3);
  EXPECT_THAT(folder.WriteCheckpoint({}), IsOk());
  for (const char* attempt : {".1", ".2", ".3", ".4"}) {
    std::ofstream(folder.checkpoint_path() + attempt) << "half of one";
  }
  EXPECT_THAT(folder.RemoveUnfinished(), IsOk());
  EXPECT_THAT(folder.ReadCheckpoint(), IsOk());
  EXPECT_FALSE(fs::exists(folder.checkpoint_path() + ".1"));
  EXPECT_FALSE(fs::exists(folder.checkpoint_path() + ".2"));
  EXPECT_TRUE(fs::exists(folder.checkpoint_path() + ".3"));
  EXPECT_TRUE(fs::exists(folder.checkpoint_path() + ".4"));
}

TEST_F(TrialFolderTest, LeavesOtherTrialsThatRunAlone) {
  EXPECT_THAT(Folder(2).WriteCheckpoint({}), IsOk());
  End(1, "0.5", 1);
  EXPECT_THAT(Folder(2).ReadCheckpoint(), IsOk());
}

}  // namespace
}  // namespace attune
