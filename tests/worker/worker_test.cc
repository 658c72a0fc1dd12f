#include "worker/worker.h"

#include <condition_variable>
#include <deque>
#include <latch>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "core/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/fake_coordinator.h"
#include "worker/function_runner.h"

namespace attune {
namespace {

// As FakeCoordinator, for many workers and threads.
class SharedCoordinator : public CoordinatorApi {
 public:
  SharedCoordinator(int trials, bool exhausted) : exhausted_(exhausted) {
    for (int i = 1; i <= trials; ++i) trials_.push_back(MakeAssignment(i));
  }

  absl::StatusOr<LeaseReply> LeaseTrials(const LeaseRequest& request) override {
    const MutexLock lock(&mutex_);
    ++lease_calls_;
    changed_.NotifyAll();
    if (trials_.empty()) return LeaseReply{.exhausted = exhausted_};
    Assignment assignment = std::move(trials_.front());
    trials_.pop_front();
    assignment.worker = request.workers[0];
    assignment.lease_duration = lease_duration;
    return LeaseReply{.assignments = {assignment}};
  }
  absl::StatusOr<std::vector<Verdict>> RenewLeases(
      absl::Span<const LeaseToken> tokens) override {
    return std::vector<Verdict>(tokens.size(), renewal);
  }
  absl::StatusOr<Verdict> ReportMeasurements(
      const LeaseToken&, absl::Span<const Measurement>) override {
    return Verdict::kContinue;
  }
  absl::Status FinishTrial(const LeaseToken& token,
                           absl::Span<const Measurement>,
                           const Outcome&) override {
    const MutexLock lock(&mutex_);
    ++finished_[token];
    changed_.NotifyAll();
    return finish;
  }
  absl::Status ReleaseTrial(const LeaseToken& token) override {
    const MutexLock lock(&mutex_);
    ++released_[token];
    return absl::OkStatus();
  }

  void AwaitLeaseCalls(int count) {
    const MutexLock lock(&mutex_);
    while (lease_calls_ < count) changed_.Wait(&mutex_);
  }
  void AwaitFinished(size_t trials) {
    const MutexLock lock(&mutex_);
    while (finished_.size() < trials) changed_.Wait(&mutex_);
  }
  std::map<LeaseToken, int> finished() {
    const MutexLock lock(&mutex_);
    return finished_;
  }
  std::map<LeaseToken, int> released() {
    const MutexLock lock(&mutex_);
    return released_;
  }

  // To be set before there are threads.
  absl::Duration lease_duration = absl::Seconds(60);
  Verdict renewal = Verdict::kContinue;
  absl::Status finish = absl::OkStatus();

 private:
  const bool exhausted_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Assignment> trials_ ABSL_GUARDED_BY(mutex_);
  int lease_calls_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<LeaseToken, int> finished_ ABSL_GUARDED_BY(mutex_);
  std::map<LeaseToken, int> released_ ABSL_GUARDED_BY(mutex_);
};

// Trains until it is asked to stop.
class EndlessRunner : public TrialRunner {
 public:
  explicit EndlessRunner(int trials) : running_(trials) {}
  absl::StatusOr<std::unique_ptr<TrialRun>> Start(const Assignment&) override {
    return std::make_unique<Run>(&running_);
  }
  void AwaitRunning() { running_.wait(); }

 private:
  class Run : public TrialRun {
   public:
    explicit Run(std::latch* running) : running_(running) {}
    absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
        std::stop_token stop) override {
      running_->count_down();
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock<std::mutex> lock(mutex);
      never.wait(lock, stop, [] { return false; });
      return absl::CancelledError("stopped");
    }

   private:
    std::latch* running_;
  };
  std::latch running_;
};

WorkerOptions Options(int slots) {
  return {.process = "test:1.0",
          .slots = slots,
          // Whoever is not woken sleeps for ever, and the test with it.
          .slot = {.exit_when_done = true, .idle_pause = absl::Hours(1000)}};
}

TEST(WorkerTest, RunsEveryTrialOnceOverItsSlots) {
  SharedCoordinator coordinator(50, /*exhausted=*/true);
  FunctionRunner runner;
  SystemClock clock;
  Worker worker(Options(4), &coordinator, &runner, &clock);
  EXPECT_THAT(worker.Run(), IsOk());
  const std::map<LeaseToken, int> finished = coordinator.finished();
  EXPECT_EQ(finished.size(), 50);
  for (const auto& [token, times] : finished) EXPECT_EQ(times, 1);
}

TEST(WorkerTest, WakesItsSlotsToDrain) {
  SharedCoordinator coordinator(0, /*exhausted=*/false);
  FunctionRunner runner;
  SystemClock clock;
  Worker worker(Options(3), &coordinator, &runner, &clock);
  std::thread signal([&] {
    coordinator.AwaitLeaseCalls(3);
    worker.Drain();
  });
  EXPECT_THAT(worker.Run(), IsOk());
  signal.join();
}

TEST(WorkerTest, HandsBackTheTrialsThatRun) {
  SharedCoordinator coordinator(2, /*exhausted=*/false);
  EndlessRunner runner(2);
  SystemClock clock;
  Worker worker(Options(2), &coordinator, &runner, &clock);
  std::thread signal([&] {
    runner.AwaitRunning();
    worker.Drain();
    worker.HandBack();
  });
  EXPECT_THAT(worker.Run(), IsOk());
  signal.join();
  EXPECT_EQ(coordinator.released().size(), 2);
  EXPECT_TRUE(coordinator.finished().empty());
}

TEST(WorkerTest, CutsShortATrialWhoseRenewalFindsItLost) {
  SharedCoordinator coordinator(1, /*exhausted=*/true);
  coordinator.lease_duration = absl::Milliseconds(1);
  coordinator.renewal = Verdict::kLeaseLost;
  EndlessRunner runner(1);
  SystemClock clock;
  Worker worker(Options(1), &coordinator, &runner, &clock);
  EXPECT_THAT(worker.Run(), IsOk());
  EXPECT_TRUE(coordinator.released().empty());
  EXPECT_TRUE(coordinator.finished().empty());
}

TEST(WorkerTest, SaysWhatItCouldNotDeliver) {
  SharedCoordinator coordinator(2, /*exhausted=*/false);
  coordinator.finish = Away();
  FunctionRunner runner;
  SystemClock clock;
  WorkerOptions options = Options(2);
  options.slot.drain_patience = absl::ZeroDuration();
  Worker worker(options, &coordinator, &runner, &clock);
  std::thread signal([&] {
    coordinator.AwaitFinished(2);
    worker.Drain();
  });
  EXPECT_THAT(worker.Run(),
              StatusIs(absl::StatusCode::kUnavailable,
                       testing::AllOf(testing::HasSubstr("trial 1 of"),
                                      testing::HasSubstr("trial 2 of"))));
  signal.join();
}

}  // namespace
}  // namespace attune
