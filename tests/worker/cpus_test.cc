#include "worker/cpus.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

class CgroupCoresTest : public testing::Test {
 protected:
  CgroupCoresTest() {
    root_ = testing::TempDir() + "cgroup-" + std::to_string(getpid());
    fs::remove_all(root_);
  }
  ~CgroupCoresTest() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(root_ + "/" + path).parent_path());
    std::ofstream(root_ + "/" + path) << text;
  }
  std::string root_;
};

TEST_F(CgroupCoresTest, ReadsTheQuotaOfAContainer) {
  Write("cpu.max", "150000 100000\n");
  EXPECT_EQ(CgroupCores(root_, "0::/\n"), 1.5);
}

TEST_F(CgroupCoresTest, TakesMaxForNoLimit) {
  Write("cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupCores(root_, "0::/\n"), std::nullopt);
}

TEST_F(CgroupCoresTest, TakesTheLeastOfAllGroupsAbove) {
  Write("a/cpu.max", "200000 100000\n");
  Write("a/b/cpu.max", "400000 100000\n");
  Write("a/b/c/cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupCores(root_, "0::/a/b/c\n"), 2.0);
}

TEST_F(CgroupCoresTest, ReadsTheFirstVersionOfControlGroups) {
  Write("cpu,cpuacct/job/cpu.cfs_quota_us", "50000\n");
  Write("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(CgroupCores(root_, "9:memory:/job\n4:cpu,cpuacct:/job\n"), 0.5);
}

TEST_F(CgroupCoresTest, TakesMinusOneForNoLimit) {
  Write("cpu/cpu.cfs_quota_us", "-1\n");
  Write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(CgroupCores(root_, "4:cpu:/\n"), std::nullopt);
}

TEST_F(CgroupCoresTest, FindsNothingWhereThereIsNothing) {
  EXPECT_EQ(CgroupCores(root_, ""), std::nullopt);
  EXPECT_EQ(CgroupCores(root_, "0::/gone\n"), std::nullopt);
}

TEST(UsableCoresTest, IsAtLeastOne) { EXPECT_GE(UsableCores(), 1); }

}  // namespace
}  // namespace attune
