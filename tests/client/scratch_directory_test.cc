#include "client/scratch_directory.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(ScratchDirectoryTest, IsRemovedUnlessItIsKept) {
  std::string path;
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto directory,
                                ScratchDirectory::Create());
    path = directory->path();
    std::ofstream(path + "/file") << "x";
    EXPECT_LT(path.size(), 80);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto directory,
                                ScratchDirectory::Create());
    path = directory->path();
    directory->Keep();
  }
  EXPECT_TRUE(std::filesystem::remove(path));
}

TEST(ScratchDirectoryTest, WhatAKilledProcessLeftIsRemovedByTheNext) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto alive, ScratchDirectory::Create());
  std::string killed = alive->path() + "/attune-" + std::string(6, 'k');
  std::string kept = alive->path() + "/attune-" + std::string(6, 'l');
  // A folder of our own, so that nothing else is swept.
  setenv("TMPDIR", alive->path().c_str(), 1);
  const pid_t child = fork();
  if (child == 0) {
    auto directory = ScratchDirectory::Create();
    if (!directory.ok()) _exit(1);
    std::ofstream((*directory)->path() + "/socket") << "x";
    std::filesystem::rename((*directory)->path(), killed);
    kill(getpid(), SIGKILL);
  }
  int end = 0;
  ASSERT_EQ(waitpid(child, &end, 0), child);
  ASSERT_TRUE(WIFSIGNALED(end));
  ASSERT_TRUE(std::filesystem::exists(killed + "/socket"));
  std::filesystem::create_directory(kept);  // nobody's, as far as is known
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto first, ScratchDirectory::Create());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto second, ScratchDirectory::Create());
  unsetenv("TMPDIR");
  EXPECT_FALSE(std::filesystem::exists(killed));
  EXPECT_TRUE(std::filesystem::exists(kept));
  EXPECT_TRUE(std::filesystem::exists(first->path()));
  EXPECT_TRUE(std::filesystem::exists(second->path()));
}

}  // namespace
}  // namespace attune
