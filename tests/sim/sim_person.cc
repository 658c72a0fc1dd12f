#include "tests/sim/sim_person.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/sim_program.h"

namespace attune {
namespace {

StudySpec BaseSpec(const std::string& name, Rng& rng) {
  StudySpec spec;
  spec.name = name;
  spec.objectives = {
      {.metric = "loss",
       .goal = rng.Below(2) == 0 ? Goal::kMinimize : Goal::kMaximize}};
  spec.space.parameters = {{.name = "rate", .domain = DoubleRange{}},
                           {.name = "width", .domain = IntRange{.max = 64}}};
  spec.budget.max_trials = 3 + static_cast<int64_t>(rng.Below(13));
  spec.max_attempts = 1 + static_cast<int>(rng.Below(4));
  spec.seed = rng.Below(1000);
  if (rng.Below(2) == 0) {
    spec.budget.max_parallel = 1 + static_cast<int64_t>(rng.Below(3));
  }
  if (rng.Below(3) == 0) {
    spec.budget.max_failed = 1 + static_cast<int64_t>(rng.Below(3));
  }
  if (rng.Below(2) == 0) {
    spec.stopping = Stopping{
        .name = "median",
        .settings = {{"min_trials", int64_t{2}}, {"warmup_steps", int64_t{1}}}};
  }
  return spec;
}

PlannedStudy GridStudy(const std::string& name, Rng& rng) {
  PlannedStudy planned = {.spec = BaseSpec(name, rng)};
  const auto rows = static_cast<int64_t>(1 + rng.Below(4));
  const auto columns = static_cast<int64_t>(1 + rng.Below(4));
  planned.spec.algorithm = Algorithm{.name = "grid"};
  planned.spec.space.parameters = {
      {.name = "a", .domain = IntRange{.min = 1, .max = rows}},
      {.name = "b", .domain = DoubleRange{.points = columns}}};
  if (rng.Below(2) == 0) planned.spec.budget.max_trials = std::nullopt;
  planned.points = rows * columns;
  return planned;
}

}  // namespace

std::vector<PlannedStudy> PlanStudies(Rng rng) {
  std::vector<PlannedStudy> planned;
  const size_t count = 1 + rng.Below(3);
  for (size_t i = 0; i < count; ++i) {
    const std::string name = absl::StrCat("study-", i);
    if (rng.Below(3) == 0) {
      planned.push_back(GridStudy(name, rng));
      continue;
    }
    planned.push_back({.spec = BaseSpec(name, rng)});
  }
  if (rng.Below(3) == 0) {
    planned.back().spec.budget.max_duration =
        absl::Seconds(rng.Uniform(10.0, 200.0));
  }
  // Of a program that brings its own loop.
  if (rng.Below(2) == 0)
    planned.push_back({.spec = OwnStudy(rng.Split("own"))});
  return planned;
}

SimPerson::SimPerson(std::vector<PlannedStudy> planned, FlakyNetwork* network,
                     const Clock* clock, Rng rng)
    : planned_(std::move(planned)),
      network_(network),
      clock_(clock),
      rng_(rng),
      next_(clock->Now()) {}

void SimPerson::Step() {
  next_ = clock_->Now() + absl::Seconds(rng_.Uniform(0.1, 8.0));
  if (created_ < planned_.size()) {
    // Until it is there. Somebody may have changed its budget before that was
    // heard, and then it is there as another one.
    const auto answer =
        network_->Call(CreateStudy{planned_[created_].spec}, link_);
    if (answer.ok() || absl::IsAlreadyExists(answer.status())) ++created_;
  } else if (calm_) {
    // One after the other, as a delayed call may have stopped it.
    const std::string& name = planned_[resumed_++ % planned_.size()].spec.name;
    (void)network_->Call(ResumeStudy{name}, link_);
  } else {
    Meddle();
  }
}

void SimPerson::Meddle() {
  const std::string& name = planned_[rng_.Below(planned_.size())].spec.name;
  switch (rng_.Below(12)) {
    case 0:
      (void)network_->Call(PauseStudy{name}, link_);
      break;
    case 1:
      (void)network_->Call(StopStudy{name}, link_);
      break;
    case 2:
    case 3:
    case 4:
    case 5:
      (void)network_->Call(ResumeStudy{name}, link_);
      break;
    case 6: {
      StudySpec spec = planned_.front().spec;
      spec.name = kDoomed;
      doom_created_ |= network_->Call(CreateStudy{spec}, link_).ok();
      break;
    }
    case 7:
      if (doom_created_) (void)network_->Call(DeleteStudy{kDoomed}, link_);
      break;
    default:
      break;
  }
}

}  // namespace attune
