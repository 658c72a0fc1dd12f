#include "server/pending_writes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr StudyId kStudy = {7};
constexpr TrialId kTrial = {.study = kStudy, .number = 3};

TEST(PendingWritesTest, ManyChangesOfARecordAreOneStepOfItsRevision) {
  PendingWrites writes;
  EXPECT_EQ(writes.TouchTrial(kTrial, 4), 5);
  EXPECT_EQ(writes.TouchTrial(kTrial, 5), 5);
  EXPECT_EQ(writes.TouchStudy(kStudy, 0), 1);
  EXPECT_EQ(writes.TouchStudy(kStudy, 1), 1);
  writes.Clear();
  EXPECT_EQ(writes.TouchTrial(kTrial, 5), 6);
}

TEST(PendingWritesTest, ADeletedStudyTakesItsWritesAlong) {
  PendingWrites writes;
  writes.TouchStudy(kStudy, 2);
  writes.TouchTrial(kTrial, 0);
  writes.AddMeasurement(kTrial, {.step = 1, .metrics = {{"loss", 1.0}}});
  const TrialId other = {.study = {8}, .number = 3};
  writes.TouchTrial(other, 1);
  writes.DeleteStudy(kStudy);
  EXPECT_THAT(writes.studies(), IsEmpty());
  EXPECT_THAT(writes.measurements(), IsEmpty());
  EXPECT_THAT(writes.trials(), SizeIs(1));
  EXPECT_THAT(writes.deleted(), ElementsAre(kStudy));
  EXPECT_THAT(writes.touched(), ElementsAre(kStudy, StudyId{8}));
}

TEST(PendingWritesTest, AStudyThatWasNeverStoredNeedsNoDeletion) {
  PendingWrites writes;
  writes.TouchStudy(kStudy, 0);
  writes.DeleteStudy(kStudy);
  EXPECT_TRUE(writes.empty());
  EXPECT_THAT(writes.touched(), ElementsAre(kStudy));
}

}  // namespace
}  // namespace attune
