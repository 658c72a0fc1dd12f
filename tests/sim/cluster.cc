#include "tests/sim/cluster.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "storage/memory_storage.h"

namespace attune {
namespace {

constexpr int kMaxSteps = 60'000;

// Makes a stale token the current one.
void IgnoreAttempt(LeaseToken& token, const StudyBook& book) {
  const BookedStudy* study = book.Find(token.trial.study);
  const Trial* trial =
      study == nullptr ? nullptr : study->FindTrial(token.trial.number);
  if (trial != nullptr) token.attempt = LastAttempt(trial->state);
}

}  // namespace

Cluster::Cluster(const SimOptions& options, Storage* storage)
    : rng_(Rng(options.seed).Split("cluster")),
      storage_rng_(rng_.Split("storage")),
      trace_(&clock_, options.verbose),
      faults_(Faults::Draw(rng_.Split("faults"))),
      inner_storage_(storage),
      failing_storage_(storage),
      storage_(&failing_storage_),
      invariants_(storage),
      host_(&storage_, &clock_, &invariants_, &trace_),
      network_(&host_, &clock_, &faults_, &trace_, rng_.Split("network")),
      planned_(PlanStudies(rng_.Split("studies"))),
      person_(planned_, &network_, &clock_, rng_.Split("person")),
      calm_time_(clock_.Now() + absl::Seconds(rng_.Uniform(20.0, 300.0))),
      restart_time_(clock_.Now()) {
  failing_storage_.fail_commit = [this] {
    return storage_rng_.Uniform() < faults_.fail_commit;
  };
  failing_storage_.fail_read = [this] {
    return storage_rng_.Uniform() < faults_.fail_read;
  };
  invariants_.AllowDeletion(SimPerson::kDoomed);
  const size_t workers = 1 + rng_.Below(4);
  for (size_t i = 0; i < workers; ++i) {
    workers_.push_back(
        std::make_unique<SimWorker>(absl::StrCat("w", i), &network_, &clock_,
                                    rng_.Split("worker").Split(i)));
  }
  PlantBug(options.bug);
}

void Cluster::PlantBug(PlantedBug bug) {
  if (bug == PlantedBug::kCommitLost) {
    failing_storage_.forget_commit = [this] {
      return storage_rng_.Uniform() < 0.001;
    };
  }
  if (bug == PlantedBug::kAttemptIgnored) {
    host_.tamper = [](Command& command, const StudyBook& book) {
      if (auto* report = std::get_if<ReportMeasurements>(&command)) {
        IgnoreAttempt(report->token, book);
      }
      if (auto* finish = std::get_if<FinishTrial>(&command)) {
        IgnoreAttempt(finish->token, book);
      }
    };
  }
}

SimResult Cluster::Run() {
  bool is_over = false;
  for (int step = 0; step < kMaxSteps && !is_over; ++step) {
    Step();
    if (invariants_.violation().has_value()) break;
    if (!calm_ && clock_.Now() >= calm_time_) CalmDown();
    if (calm_ && step % 50 == 0) is_over = AllStudiesCompleted();
  }
  if (!is_over) {
    invariants_.Fail("the studies did not come to their end");
  } else {
    CheckEnd();
  }
  if (invariants_.violation().has_value()) {
    trace_.Add("VIOLATED: ", *invariants_.violation());
  }
  return {.violation = invariants_.violation(), .trace = trace_.text()};
}

bool Cluster::Happens(double probability) {
  return probability > 0.0 && rng_.Uniform() < probability;
}

void Cluster::Step() {
  const absl::Time now = clock_.Now();
  absl::Time next = absl::InfiniteFuture();
  std::vector<Action> due;
  for (auto& [time, action] : NextActions()) {
    next = std::min(next, time);
    if (time <= now) due.push_back(std::move(action));
  }
  if (due.empty()) {
    clock_.SetTime(next);
    return;
  }
  due[rng_.Below(due.size())]();
  if (!calm_) MaybeBreakSomething();
  host_.Check();
}

std::vector<std::pair<absl::Time, Cluster::Action>> Cluster::NextActions() {
  std::vector<std::pair<absl::Time, Action>> actions;
  actions.emplace_back(person_.NextStep(), [this] { person_.Step(); });
  for (const std::unique_ptr<SimWorker>& worker : workers_) {
    actions.emplace_back(worker->NextStep(),
                         [one = worker.get()] { one->Step(); });
  }
  if (!host_.is_up()) {
    actions.emplace_back(restart_time_, [this] {
      restart_time_ = clock_.Now() + absl::Seconds(1);
      host_.Start();
    });
    return actions;
  }
  actions.emplace_back(host_.NextTick(), [this] { host_.Tick(); });
  actions.emplace_back(network_.NextDelivery(), [this] { network_.Deliver(); });
  return actions;
}

void Cluster::MaybeBreakSomething() {
  SimWorker& worker = *workers_[rng_.Below(workers_.size())];
  if (Happens(faults_.crash_worker)) {
    trace_.Add("a worker dies");
    worker.Kill(absl::Seconds(rng_.Uniform(0.0, 30.0)));
  }
  if (Happens(faults_.stall_worker)) {
    trace_.Add("a worker stalls");
    worker.Stall(absl::Seconds(rng_.Uniform(1.0, 40.0)));
  }
  if (Happens(faults_.leave_worker)) {
    trace_.Add("a worker leaves");
    worker.Leave();
  }
  if (Happens(faults_.crash_coordinator) && host_.is_up()) {
    host_.Crash();
    restart_time_ = clock_.Now() + absl::Seconds(rng_.Uniform(0.0, 30.0));
  }
  if (Happens(faults_.jump_clock)) {
    clock_.Advance(-absl::Seconds(rng_.Uniform(0.0, 20.0)));
    trace_.Add("the clock jumps back");
  }
}

void Cluster::CalmDown() {
  trace_.Add("all is calm");
  calm_ = true;
  faults_ = Faults();
  person_.CalmDown();
}

bool Cluster::AllStudiesCompleted() const {
  return std::all_of(
      planned_.begin(), planned_.end(), [this](const PlannedStudy& planned) {
        const auto found =
            inner_storage_->ListStudies({.name = planned.spec.name});
        return found.ok() && found->size() == 1 &&
               found->front().state == StudyState::kCompleted;
      });
}

void Cluster::CheckEnd() {
  std::set<StudyId> all;
  const auto studies = inner_storage_->ListStudies({});
  if (!studies.ok()) return invariants_.Fail("storage cannot be read");
  for (const Study& study : *studies) all.insert(study.id);
  // A coordinator that starts now must find what the old one held.
  host_.Check();
  host_.Crash();
  host_.Start();
  host_.CheckAll(all);
  for (const PlannedStudy& planned : planned_) {
    invariants_.CheckEnd(planned.spec.name, planned.trials);
  }
}

SimResult Simulate(const SimOptions& options) {
  MemoryStorage storage;
  return Cluster(options, &storage).Run();
}

}  // namespace attune
