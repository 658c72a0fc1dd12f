#include "client/child_process.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "client/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kLong = absl::Minutes(1);

class ChildProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    ATTUNE_ASSERT_OK_AND_ASSIGN(directory_, ScratchDirectory::Create());
    log_ = directory_->path() + "/log";
  }

  std::unique_ptr<ChildProcess> Shell(const std::string& script) {
    auto child = ChildProcess::Start({"/bin/sh", "-c", script}, log_);
    ATTUNE_EXPECT_OK(child);
    return *std::move(child);
  }

  std::unique_ptr<ScratchDirectory> directory_;
  std::string log_;
};

TEST_F(ChildProcessTest, SaysHowItEnded) {
  const auto good = Shell("true");
  const auto bad = Shell("exit 7");
  ASSERT_TRUE(good->WaitFor(kLong));
  ASSERT_TRUE(bad->WaitFor(kLong));
  EXPECT_TRUE(good->Succeeded());
  EXPECT_FALSE(bad->Succeeded());
  EXPECT_EQ(bad->HowItEnded(), "ended with exit code 7");
  EXPECT_FALSE(bad->WasKilled());
}

TEST_F(ChildProcessTest, CanBeKilled) {
  const auto child = Shell("exec tail -f /dev/null");
  EXPECT_FALSE(child->HasEnded());
  child->Signal(SIGKILL);
  ASSERT_TRUE(child->WaitFor(kLong));
  EXPECT_EQ(child->HowItEnded(), "was killed by signal 9 (Killed)");
  EXPECT_TRUE(child->WasKilled());
}

TEST_F(ChildProcessTest, WhatItWritesIsAppendedToTheLog) {
  ASSERT_TRUE(Shell("echo one; echo two >&2")->WaitFor(kLong));
  ASSERT_TRUE(Shell("echo three")->WaitFor(kLong));
  EXPECT_EQ(LastLines(log_, 10), "one\ntwo\nthree");
  EXPECT_EQ(LastLines(log_, 2), "two\nthree");
  EXPECT_EQ(LastLines(log_ + "x", 2), "");
}

TEST_F(ChildProcessTest, ItsErrorsMayHaveAFileOfTheirOwn) {
  const std::string errors = directory_->path() + "/errors";
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto child,
      ChildProcess::Start({"/bin/sh", "-c", "echo one; echo two >&2"}, log_,
                          errors));
  ASSERT_TRUE(child->WaitFor(kLong));
  EXPECT_EQ(LastLines(log_, 10), "one");
  EXPECT_EQ(LastLines(errors, 10), "two");
}

TEST_F(ChildProcessTest, HasAProcessGroupOfItsOwnAndNoInput) {
  ASSERT_TRUE(
      Shell("cut -d' ' -f5 /proc/$$/stat; echo $$; cat")->WaitFor(kLong));
  const std::string lines = LastLines(log_, 2);
  const size_t end = lines.find('\n');
  EXPECT_EQ(lines.substr(0, end), lines.substr(end + 1));
}

TEST_F(ChildProcessTest, BlockedSignalsAreNotInherited) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const auto child = Shell("exec tail -f /dev/null");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  child->Signal(SIGTERM);
  ASSERT_TRUE(child->WaitFor(kLong));
  EXPECT_THAT(child->HowItEnded(), HasSubstr("signal 15"));
}

TEST_F(ChildProcessTest, IsGoneWithItsObject) {
  pid_t pid = 0;
  {
    const auto child = Shell("exec tail -f /dev/null");
    pid = child->pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST_F(ChildProcessTest, AProgramThatCannotBeStartedIsAnError) {
  EXPECT_THAT(
      ChildProcess::Start({"/nowhere/attuned"}, log_),
      StatusIs(absl::StatusCode::kInternal,
               HasSubstr("cannot start /nowhere/attuned: No such file")));
  EXPECT_THAT(ChildProcess::Start({"/bin/true"}, "/nowhere/log"),
              StatusIs(absl::StatusCode::kInternal,
                       HasSubstr("cannot write the log file /nowhere/log")));
}

TEST(FindProgramTest, LooksBesideUsAndInPath) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::string beside,
                              FindProgram("client_test"));
  EXPECT_TRUE(std::filesystem::equivalent(
      beside, std::filesystem::read_symlink("/proc/self/exe")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::string shell, FindProgram("sh"));
  EXPECT_THAT(shell, testing::EndsWith("/sh"));
  EXPECT_THAT(FindProgram("no-such-program"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("`no-such-program`, neither beside")));
}

}  // namespace
}  // namespace attune
