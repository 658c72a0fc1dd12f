#include "tests/sim/sim_runner.h"

#include <cstdint>
#include <limits>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

#include "core/random.h"
#include "core/trial.h"

namespace attune {
namespace {

class SimRun : public TrialRun {
 public:
  SimRun(const Assignment& assignment, Rng rng)
      : objectives_(assignment.objectives),
        rng_(rng),
        steps_(1 + static_cast<int64_t>(rng_.Below(8))),
        kind_(rng_.Below(20)) {
    Rng of_attempt =
        rng_.Split(static_cast<uint64_t>(assignment.token.attempt));
    by_attempt_ = of_attempt.Uniform(0.0, 0.1);
    if (of_attempt.Below(12) == 0) {
      breaks_at_ = static_cast<int64_t>(of_attempt.Below(8));
    }
  }

  absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token stop) override {
    if (stop.stop_requested()) return absl::CancelledError("stopped");
    if (step_ == breaks_at_) return Outcome(Broken{"the disk is gone"});
    if (step_ == steps_) return End();
    ++step_;
    const double value =
        rng_.Uniform() / static_cast<double>(step_) + by_attempt_;
    Measurement measurement = {.step = step_, .metrics = {{"seconds", 0.1}}};
    double& first = measurement.metrics[objectives_.front().metric];
    first = value;
    for (size_t i = 1; i < objectives_.size(); ++i) {
      measurement.metrics[objectives_[i].metric] =
          static_cast<double>(steps_ % 4);
    }
    if (kind_ == 2) first = std::numeric_limits<double>::quiet_NaN();
    if (kind_ == 1) measurement.metrics.erase(objectives_.front().metric);
    return measurement;
  }

 private:
  Outcome End() const {
    if (kind_ == 0) return Diverged{"the loss is not finite"};
    return Finished();
  }

  const std::vector<Objective> objectives_;
  Rng rng_;
  const int64_t steps_;
  const uint64_t kind_;
  double by_attempt_ = 0.0;
  int64_t breaks_at_ = -1;
  int64_t step_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TrialRun>> SimRunner::Start(
    const Assignment& assignment) {
  return std::make_unique<SimRun>(assignment, Rng(assignment.seed));
}

}  // namespace attune
