#include "client/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~Pipe() {
    CloseReader();
    close(ends_[1]);
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void CloseReader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }

 private:
  std::array<int, 2> ends_ = {};
};

TEST(TerminalTest, APipeIsNoTerminal) {
  const Pipe pipe;
  EXPECT_EQ(TerminalWidth(pipe.writer()), std::nullopt);
  EXPECT_FALSE(UseColor(ColorMode::kAuto, pipe.writer()));
  EXPECT_TRUE(UseColor(ColorMode::kAlways, pipe.writer()));
}

// A terminal of the test's own, if the machine has them.
class PseudoTerminal : public testing::Test {
 protected:
  void SetUp() override {
    master_ = posix_openpt(O_RDWR | O_NOCTTY);
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) {
      GTEST_SKIP() << "there are no pseudo-terminals here";
    }
    terminal_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
    ASSERT_GE(terminal_, 0);
  }
  void TearDown() override {
    close(terminal_);
    close(master_);
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
  }

  int master_ = -1;
  int terminal_ = -1;
};

TEST_F(PseudoTerminal, HasColourUnlessItIsUnwanted) {
  unsetenv("NO_COLOR");
  setenv("TERM", "xterm", 1);
  EXPECT_TRUE(UseColor(ColorMode::kAuto, terminal_));
  EXPECT_FALSE(UseColor(ColorMode::kNever, terminal_));
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(UseColor(ColorMode::kAuto, terminal_));
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(UseColor(ColorMode::kAuto, terminal_));
}

TEST_F(PseudoTerminal, HasAWidth) {
  EXPECT_GT(TerminalWidth(terminal_).value_or(0), 0);
}

TEST(WriteToTest, WritesAll) {
  const Pipe pipe;
  ATTUNE_EXPECT_OK(WriteTo(pipe.writer(), "some text"));
  std::array<char, 32> buffer = {};
  EXPECT_EQ(read(pipe.reader(), buffer.data(), buffer.size()), 9);
  EXPECT_STREQ(buffer.data(), "some text");
}

TEST(WriteToTest, AReaderThatHasGoneIsNoError) {
  signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.CloseReader();
  ATTUNE_EXPECT_OK(WriteTo(pipe.writer(), "nobody reads this"));
}

TEST(WriteToTest, AFullDiskIsAnError) {
  const int full = open("/dev/full", O_WRONLY);
  if (full < 0) GTEST_SKIP() << "there is no /dev/full here";
  EXPECT_THAT(WriteTo(full, "text"),
              StatusIs(absl::StatusCode::kDataLoss,
                       testing::HasSubstr("No space left on device")));
  close(full);
}

TEST(SignalWaiterTest, CatchesWhatWouldEndTheProcess) {
  const SignalWaiter signals;
  EXPECT_FALSE(signals.WaitFor(absl::ZeroDuration()));
  raise(SIGINT);
  EXPECT_TRUE(signals.WaitFor(absl::ZeroDuration()));
  EXPECT_FALSE(signals.WaitFor(absl::ZeroDuration()));
  raise(SIGTERM);
  EXPECT_TRUE(signals.WaitFor(absl::Minutes(1)));
}

TEST(SignalWaiterTest, ForgetsThemAtItsEnd) {
  {
    const SignalWaiter signals;
    raise(SIGTERM);
  }
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);
}

}  // namespace
}  // namespace attune
