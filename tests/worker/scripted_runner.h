#ifndef ATTUNE_TESTS_WORKER_SCRIPTED_RUNNER_H_
#define ATTUNE_TESTS_WORKER_SCRIPTED_RUNNER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/trial_runner.h"

namespace attune {

// Runs trials that report steps 1, 2, ... `steps` and then end as `outcome`.
struct ScriptedRunner : public TrialRunner {
  int64_t steps = 3;
  absl::StatusOr<Outcome> outcome = Outcome(Finished{});
  absl::Status start = absl::OkStatus();
  std::function<void()> before_start = [] {};
  // Called before each step with its number.
  std::function<void(int64_t)> before_step = [](int64_t) {};
  int starts = 0;
  int64_t advanced = 0;  // steps, over all trials
  int discarded = 0;     // trials

  absl::StatusOr<std::unique_ptr<TrialRun>> Start(const Assignment&) override {
    ++starts;
    before_start();
    if (!start.ok()) return start;
    return std::make_unique<Run>(this);
  }

  void Discard(const Assignment&) override { ++discarded; }

 private:
  class Run : public TrialRun {
   public:
    explicit Run(ScriptedRunner* runner) : runner_(runner) {}

    absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
        std::stop_token stop) override {
      runner_->before_step(step_ + 1);
      if (stop.stop_requested()) return absl::CancelledError("stopped");
      if (step_ == runner_->steps) {
        if (!runner_->outcome.ok()) return runner_->outcome.status();
        return *runner_->outcome;
      }
      ++step_;
      ++runner_->advanced;
      return Measurement{.step = step_, .metrics = {{"value", 1.0}}};
    }

   private:
    ScriptedRunner* runner_;
    int64_t step_ = 0;
  };
};

}  // namespace attune

#endif  // ATTUNE_TESTS_WORKER_SCRIPTED_RUNNER_H_
