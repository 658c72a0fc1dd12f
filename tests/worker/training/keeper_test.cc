#include "worker/training/keeper.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"
#include "worker/artifacts/durable_file.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KeeperTest : public testing::Test {
 protected:
  Keeper Make(const std::string& folder, double learning_rate = 0.1) {
    return Keeper(MakeAssignment(learning_rate),
                  {.artifact_dir = folder,
                   .checkpoint_interval = absl::Seconds(10),
                   .warn =
                       [this](const absl::Status& status) {
                         warnings_.emplace_back(status.message());
                       }},
                  &clock_);
  }
  static Assignment MakeAssignment(double learning_rate) {
    return {.token = {.trial = {.study = {1}, .number = 2}},
            .study = "mlp",
            .parameters = {{"learning_rate", learning_rate}},
            .task = NetworkTask{
                .settings = {{"epochs", int64_t{3}}, {"learning_rate", 1.0}}}};
  }
  TrialFolder Folder() const { return {folder_.path(), MakeAssignment(0.1)}; }
  std::string Checkpoint() const { return Folder().checkpoint_path(); }

  FakeClock clock_;
  TemporaryDirectory folder_;
  std::vector<std::string> warnings_;
};

TEST_F(KeeperTest, KeepsNothingWithoutAFolder) {
  Keeper keeper = Make("");
  clock_.Advance(absl::Hours(1));
  EXPECT_FALSE(keeper.is_on());
  EXPECT_FALSE(keeper.IsDue());
  EXPECT_FALSE(keeper.Resume().has_value());
  keeper.KeepCheckpoint({});
  keeper.KeepModel({}, 1, 0.5);
  keeper.KeepBest(Goal::kMinimize, 1);
  keeper.Discard();
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(KeeperTest, IsDueOnceAnInterval) {
  Keeper keeper = Make(folder_.path());
  EXPECT_FALSE(keeper.IsDue());
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(keeper.IsDue());
  keeper.KeepCheckpoint({});
  EXPECT_FALSE(keeper.IsDue());
}

TEST_F(KeeperTest, ResumesWhatAnotherAttemptKept) {
  EXPECT_FALSE(Make(folder_.path()).Resume().has_value());
  Make(folder_.path()).KeepCheckpoint({.epoch = 7});
  EXPECT_EQ(Make(folder_.path()).Resume()->epoch, 7);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(KeeperTest, RemovesWhatEarlierAttemptsLeftHalfWritten) {
  Make(folder_.path()).KeepCheckpoint({.epoch = 7});
  const std::string half = Checkpoint() + ".0";  // this attempt is the first
  std::ofstream(half) << "half of one";
  EXPECT_EQ(Make(folder_.path()).Resume()->epoch, 7);
  EXPECT_FALSE(std::filesystem::exists(half));
}

TEST_F(KeeperTest, DoesNotResumeAnotherTraining) {
  Make(folder_.path(), 0.1).KeepCheckpoint({.epoch = 7});
  EXPECT_FALSE(Make(folder_.path(), 0.2).Resume().has_value());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("another training")));
  EXPECT_TRUE(std::filesystem::exists(Folder().refused_path()));
  // Said once.
  EXPECT_FALSE(Make(folder_.path(), 0.2).Resume().has_value());
  EXPECT_EQ(warnings_.size(), 1);
}

TEST_F(KeeperTest, SaysThatACheckpointIsDamaged) {
  Make(folder_.path()).KeepCheckpoint({.epoch = 7});
  std::filesystem::resize_file(Checkpoint(), 100);
  EXPECT_FALSE(Make(folder_.path()).Resume().has_value());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr(Checkpoint())));
}

TEST_F(KeeperTest, SaysWhatCouldNotBeKeptAndGoesOn) {
  const std::string file = folder_.File("file");
  ASSERT_THAT(WriteFileDurably(file, file + ".1", "no folder"), IsOk());
  Make(file).KeepCheckpoint({});
  EXPECT_FALSE(Make(file).KeepModel({}, 1, 0.5));
  EXPECT_THAT(warnings_,
              ElementsAre(HasSubstr("trial 2 of study mlp, keeping a "
                                    "checkpoint"),
                          HasSubstr("keeping the model")));
}

TEST_F(KeeperTest, FillsInTheModelWhatIsKnownOfTheTrial) {
  Model kept;
  kept.shape.inputs = nn::Table(1, 0);
  kept.shape.targets.resize(1, 0);
  kept.scaling.mean.setZero(1);
  kept.scaling.scale.setOnes(1);
  kept.scaling.target_mean.setZero(1);
  kept.scaling.target_scale.setOnes(1);
  EXPECT_TRUE(Make(folder_.path()).KeepModel(kept, 3, 0.75));
  const std::string bytes = ReadWholeFile(Folder().model_path()).value();
  const Model model =
      ModelFromTensors(DecodeTensors(bytes, "model").value()).value();
  EXPECT_EQ(model.settings,
            (Parameters{{"epochs", int64_t{3}}, {"learning_rate", 0.1}}));
  EXPECT_EQ(model.about.at("study"), "mlp");
  EXPECT_EQ(model.about.at("trial"), "2");
  EXPECT_EQ(model.about.at("epoch"), "3");
  EXPECT_EQ(model.about.at("objective"), "0.75");
}

TEST_F(KeeperTest, RemovesTheCheckpointAtTheEnd) {
  Keeper keeper = Make(folder_.path());
  keeper.KeepCheckpoint({});
  keeper.Discard();
  EXPECT_FALSE(std::filesystem::exists(Checkpoint()));
}

}  // namespace
}  // namespace attune
