#include "tests/testing/simulated_disk.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AnyOf;

class SimulatedDiskTest : public testing::Test {
 protected:
  SimulatedDisk disk_{Rng(1)};
  const std::shared_ptr<DiskFile> file_ = disk_.Create("file");
};

TEST_F(SimulatedDiskTest, KeepsWhatWasSyncedWhenThePowerFails) {
  disk_.Write(*file_, 3, "abc");
  disk_.Sync(*file_);
  disk_.CutPower();
  ASSERT_NE(disk_.Find("file"), nullptr);
  EXPECT_EQ(disk_.Find("file")->bytes(), std::string("\0\0\0abc", 6));
}

TEST_F(SimulatedDiskTest, KeepsWhatWasWrittenWhenTheProcessDies) {
  disk_.Write(*file_, 0, "abc");
  disk_.Kill();
  EXPECT_EQ(disk_.Find("file")->bytes(), "abc");
}

TEST_F(SimulatedDiskTest, LosesWhatWasNotSyncedSectorBySector) {
  const std::string before(2 * SimulatedDisk::kSector, 'a');
  const std::string after(2 * SimulatedDisk::kSector, 'b');
  const std::string half = before.substr(SimulatedDisk::kSector);
  bool was_torn = false;
  for (int i = 0; i < 50; ++i) {
    disk_.SyncNames();
    disk_.Write(*file_, 0, before);
    disk_.Sync(*file_);
    disk_.Write(*file_, 0, after);
    disk_.CutPower();
    const std::string& left = file_->bytes();
    const std::string torn = after.substr(SimulatedDisk::kSector);
    ASSERT_THAT(left, AnyOf(before, after, half + torn, torn + half));
    was_torn |= left != before && left != after;
    disk_.Start();
  }
  EXPECT_TRUE(was_torn);
}

TEST_F(SimulatedDiskTest, LosesANameThatWasNotSynced) {
  bool is_lost = false;
  for (int i = 0; i < 50 && !is_lost; ++i) {
    SimulatedDisk disk((Rng(static_cast<uint64_t>(i))));
    disk.Create("file");
    disk.CutPower();
    is_lost = disk.Find("file") == nullptr;
  }
  EXPECT_TRUE(is_lost);
}

TEST_F(SimulatedDiskTest, BringsADeletedFileBackUnlessThatWasSynced) {
  disk_.SyncNames();
  disk_.Delete("file");
  bool is_back = false;
  for (int i = 0; i < 50 && !is_back; ++i) {
    disk_.CutPower();
    is_back = disk_.Find("file") != nullptr;
    disk_.Start();
    if (!is_back) {
      disk_.Create("file");
      disk_.SyncNames();
      disk_.Delete("file");
    }
  }
  EXPECT_TRUE(is_back);
  disk_.Delete("file");
  disk_.SyncNames();
  disk_.CutPower();
  EXPECT_EQ(disk_.Find("file"), nullptr);
}

TEST_F(SimulatedDiskTest, NeverWritesWhatASyncFailedOn) {
  disk_.SyncNames();
  disk_.fault = [](DiskCall call) {
    return call == DiskCall::kSync ? DiskFault::kFails : DiskFault::kNone;
  };
  const std::string bytes(64 * SimulatedDisk::kSector, 'a');
  disk_.Write(*file_, 0, bytes);
  EXPECT_EQ(disk_.Sync(*file_), DiskFault::kFails);
  EXPECT_EQ(file_->bytes(), bytes);  // as the process sees it
  disk_.fault = [](DiskCall) { return DiskFault::kNone; };
  EXPECT_EQ(disk_.Sync(*file_), DiskFault::kNone);
  disk_.CutPower();
  EXPECT_NE(file_->bytes(), bytes);
}

TEST_F(SimulatedDiskTest, HasNoRoomBeyondItsCapacity) {
  disk_.capacity = 10;
  EXPECT_EQ(disk_.Write(*file_, 0, "0123456789"), DiskFault::kNone);
  EXPECT_EQ(disk_.Write(*file_, 9, "!"), DiskFault::kNone);
  EXPECT_EQ(disk_.Write(*file_, 10, "!"), DiskFault::kFull);
}

TEST_F(SimulatedDiskTest, DoesNothingForAProcessThatDied) {
  disk_.fault = [](DiskCall) { return DiskFault::kDies; };
  EXPECT_EQ(disk_.Write(*file_, 0, "abc"), DiskFault::kDies);
  disk_.fault = [](DiskCall) { return DiskFault::kNone; };
  EXPECT_EQ(disk_.Write(*file_, 0, "abc"), DiskFault::kDies);
  EXPECT_EQ(disk_.Sync(*file_), DiskFault::kDies);
  EXPECT_EQ(disk_.Delete("file"), DiskFault::kDies);
  EXPECT_EQ(disk_.Find("file")->bytes(), "");
  disk_.Start();
  EXPECT_EQ(disk_.Write(*file_, 0, "abc"), DiskFault::kNone);
}

}  // namespace
}  // namespace attune
