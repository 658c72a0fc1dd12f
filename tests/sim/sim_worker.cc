#include "tests/sim/sim_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace attune {

SimWorker::SimWorker(const std::string& host, FlakyNetwork* network,
                     const Clock* clock, Rng rng)
    : host_(host),
      coordinator_(network),
      clock_(clock),
      rng_(rng),
      start_time_(clock->Now()) {}

void SimWorker::Start() {
  is_up_ = true;
  // A program that names itself as it likes comes back under the same name.
  if (start_ == 0 || rng_.Below(3) > 0) ++start_;
  keeper_ = std::make_unique<LeaseKeeper>(&coordinator_, clock_, RetryPolicy(),
                                          rng_.Split("keeper"));
  keeper_due_ = clock_->Now();
  const int count = 1 + static_cast<int>(rng_.Below(3));
  for (int i = 0; i < count; ++i) {
    SlotOptions options;
    options.with_task = false;  // its runner needs none
    options.worker = {absl::StrCat(host_, ":1.", start_, "/", i)};
    options.lease_wait = absl::Seconds(rng_.Below(2) == 0 ? 0 : 20);
    options.session.max_pending = 2 + rng_.Below(6);
    options.session.max_per_call = 1 + rng_.Below(options.session.max_pending);
    slots_.push_back(
        {.slot =
             std::make_unique<Slot>(options,
                                    SessionContext{.coordinator = &coordinator_,
                                                   .runner = &runner_,
                                                   .clock = clock_},
                                    keeper_.get(), Rng(rng_.Bits())),
         .due = clock_->Now() + absl::Seconds(rng_.Uniform(0.0, 2.0))});
  }
}

absl::Time SimWorker::NextStep() const {
  if (!is_up_) return start_time_;
  absl::Time next = keeper_due_;
  for (const SteppedSlot& stepped : slots_) next = std::min(next, stepped.due);
  return std::max(next, stalled_until_);
}

void SimWorker::Step() {
  if (!is_up_) return Start();
  const absl::Time now = clock_->Now();
  std::vector<SteppedSlot*> due;
  for (SteppedSlot& stepped : slots_) {
    if (stepped.due <= now) due.push_back(&stepped);
  }
  const bool keeper_is_due = keeper_due_ <= now;
  const size_t choices = due.size() + (keeper_is_due ? 1 : 0);
  if (choices == 0) return;
  const size_t choice = rng_.Below(choices);
  if (choice < due.size()) {
    StepSlot(*due[choice]);
  } else {
    keeper_due_ = keeper_->Step();
  }
  const bool all_done = std::all_of(
      slots_.begin(), slots_.end(),
      [](const SteppedSlot& stepped) { return stepped.slot->done(); });
  if (all_done) Kill(absl::Seconds(rng_.Uniform(0.0, 20.0)));
}

void SimWorker::StepSlot(SteppedSlot& stepped) {
  const absl::Time next = stepped.slot->Step();
  // Training takes a while, and so does everything else a little.
  const bool trains = stepped.slot->session() != nullptr;
  const absl::Duration pause =
      absl::Seconds(rng_.Uniform(0.001, trains ? 4.0 : 0.2));
  stepped.due = std::max(next, clock_->Now() + pause);
  // A new lease may be due for renewal before the keeper's last word.
  keeper_due_ = std::min(keeper_due_, clock_->Now() + absl::Seconds(1));
}

void SimWorker::Kill(absl::Duration down_time) {
  slots_.clear();
  keeper_.reset();
  is_up_ = false;
  start_time_ = clock_->Now() + down_time;
  stalled_until_ = absl::InfinitePast();
}

void SimWorker::Stall(absl::Duration duration) {
  stalled_until_ = clock_->Now() + duration;
}

void SimWorker::Leave() {
  const bool at_once = rng_.Below(2) == 0;
  for (SteppedSlot& stepped : slots_) {
    if (at_once) {
      stepped.slot->HandBack();
    } else {
      stepped.slot->Drain();
    }
    stepped.due = std::min(stepped.due, clock_->Now());
  }
}

}  // namespace attune
