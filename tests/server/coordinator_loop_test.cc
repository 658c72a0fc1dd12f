#include "server/coordinator_loop.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/failing_storage.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using Result = absl::StatusOr<Reply>;

class CoordinatorLoopTest : public testing::Test {
 protected:
  CoordinatorLoopTest() {
    auto coordinator = Coordinator::Open(&storage_, {}, clock_.Now());
    ATTUNE_CHECK(coordinator.ok());
    loop_ = std::make_unique<CoordinatorLoop>(*std::move(coordinator), &clock_);
  }

  std::future<Result> Post(Command command) {
    std::promise<Result> promise;
    std::future<Result> result = promise.get_future();
    loop_->Post({.command = std::move(command),
                 .done = [promise = std::move(promise)](Result reply) mutable {
                   promise.set_value(std::move(reply));
                 }});
    return result;
  }
  Result Do(Command command) { return Post(std::move(command)).get(); }

  static LeaseTrials LeaseOf(absl::string_view worker, absl::Duration wait) {
    return {{.workers = {{std::string(worker)}}, .wait = wait}};
  }

  MemoryStorage storage_;
  FakeClock clock_;
  std::unique_ptr<CoordinatorLoop> loop_;
};

TEST_F(CoordinatorLoopTest, AnswersManyThreads) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 40;
  ATTUNE_ASSERT_OK(Do(CreateStudy{spec}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      const LeaseTrials lease =
          LeaseOf(std::to_string(i), absl::ZeroDuration());
      while (true) {
        const Result result = Do(lease);
        ATTUNE_CHECK(result.ok());
        const auto& reply = std::get<LeaseReply>(*result);
        if (reply.assignments.empty()) return;
        ATTUNE_EXPECT_OK(
            Do(FinishTrial{reply.assignments[0].token,
                           {{.step = 1, .metrics = {{"loss", 1.0}}}},
                           Finished()}));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(*storage_.CountTrials({1}), (StateCounts{{"completed", 40}}));
}

TEST_F(CoordinatorLoopTest, TicksWhenTheClockSaysSo) {
  ATTUNE_ASSERT_OK(Do(CreateStudy{MakeStudySpec()}));
  ATTUNE_ASSERT_OK(Do(LeaseOf("a", absl::ZeroDuration())));
  clock_.Advance(absl::Seconds(61));
  // Any call wakes the loop; the tick follows it.
  ATTUNE_ASSERT_OK(Do(PauseStudy{"test-study"}));
  loop_->Close();
  EXPECT_EQ(*storage_.CountTrials({1}), (StateCounts{{"waiting", 1}}));
}

TEST_F(CoordinatorLoopTest, ClosingAnswersAllThatItHolds) {
  ATTUNE_ASSERT_OK(Do(CreateStudy{MakeStudySpec()}));
  ATTUNE_ASSERT_OK(Do(PauseStudy{"test-study"}));
  std::future<Result> waiting = Post(LeaseOf("a", absl::Seconds(30)));
  std::vector<std::future<Result>> posted;
  for (int i = 0; i < 1200; ++i) posted.push_back(Post(RenewLeases{}));
  loop_->Close();
  loop_->Close();
  for (std::future<Result>& result : posted) ATTUNE_EXPECT_OK(result.get());
  const Result none = waiting.get();
  ATTUNE_ASSERT_OK(none);
  EXPECT_THAT(std::get<LeaseReply>(*none).assignments, testing::IsEmpty());
}

TEST_F(CoordinatorLoopTest, RefusesCallsOnceClosed) {
  loop_->Close();
  const Result result = Do(RenewLeases{});
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(result, HasReason(reason::kShuttingDown));
}

// A storage whose commits wait until the test lets them go.
class GatedStorage : public FailingStorage {
 public:
  explicit GatedStorage(Storage* inner) : FailingStorage(inner) {
    fail_commit = [this] {
      entered_.set_value();
      gate_.get_future().wait();
      fail_commit = [] { return false; };
      return false;
    };
  }
  void AwaitCommit() { entered_.get_future().wait(); }
  void Open() { gate_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> gate_;
};

TEST(CoordinatorLoopOverloadTest, ShedsNewWorkAndKeepsWhatRuns) {
  MemoryStorage memory;
  GatedStorage storage(&memory);
  const FakeClock clock;
  auto coordinator = Coordinator::Open(&storage, {}, clock.Now());
  ATTUNE_ASSERT_OK(coordinator);
  CoordinatorLoop loop(*std::move(coordinator), &clock);
  std::atomic<int> answered = 0;
  const auto post = [&](Command command) {
    loop.Post({.command = std::move(command),
               .done = [&answered](const Result&) { ++answered; }});
  };
  post(CreateStudy{MakeStudySpec()});
  storage.AwaitCommit();  // the loop is busy with it
  for (size_t i = 0; i < CoordinatorLoop::kMaxQueued; ++i) {
    post(RenewLeases{});
  }
  EXPECT_EQ(loop.queued(), CoordinatorLoop::kMaxQueued);
  absl::Status shed;
  loop.Post(
      {.command = CreateStudy{MakeStudySpec("another")},
       .done = [&shed](const Result& result) { shed = result.status(); }});
  EXPECT_TRUE(absl::IsResourceExhausted(shed));
  EXPECT_EQ(Reason(shed), reason::kOverloaded);
  post(RenewLeases{});
  EXPECT_EQ(loop.queued(), CoordinatorLoop::kMaxQueued + 1);
  storage.Open();
  loop.Close();
  EXPECT_EQ(answered, CoordinatorLoop::kMaxQueued + 2);
}

}  // namespace
}  // namespace attune
