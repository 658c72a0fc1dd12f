#include "tests/sim/cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace attune {
namespace {

// A guard against a simulation whose time stands still.
constexpr int kMaxSteps = 200'000;

bool OnSqlite(const SimOptions& options) {
  if (options.store == StoreKind::kBySeed) return options.seed % 4 == 0;
  return options.store != StoreKind::kMemory;
}

}  // namespace

Cluster::Cluster(const SimOptions& options)
    : rng_(Rng(options.seed).Split("cluster")),
      trace_(&clock_, options.verbose),
      faults_(Faults::Draw(rng_.Split("faults"))),
      store_(MakeStore(options)),
      storage_({.store = store_.get(),
                .faults = &faults_,
                .clock = &clock_,
                .trace = &trace_,
                .bug = options.bug},
               rng_.Split("storage")),
      invariants_(&storage_.truth()),
      host_({.storage = &storage_,
             .clock = &clock_,
             .invariants = &invariants_,
             .trace = &trace_,
             .bug = options.bug}),
      network_(&host_, &clock_, &faults_, &trace_, rng_.Split("network")),
      planned_(PlanStudies(rng_.Split("studies"))),
      person_(planned_, &network_, &clock_, rng_.Split("person")),
      calm_time_(clock_.Now() + absl::Seconds(rng_.Uniform(20.0, 300.0))),
      restart_time_(clock_.Now()) {
  invariants_.AllowDeletion(SimPerson::kDoomed);
  if (planned_.back().spec.name == kOwnStudy) {
    std::vector<StudySpec> specs;
    for (const PlannedStudy& planned : planned_) specs.push_back(planned.spec);
    program_.emplace(specs, &network_, &clock_, rng_.Split("program"));
  }
  const size_t workers = 1 + rng_.Below(4);
  for (size_t i = 0; i < workers; ++i) {
    workers_.push_back(
        std::make_unique<SimWorker>(absl::StrCat("w", i), &network_, &clock_,
                                    rng_.Split("worker").Split(i)));
  }
}

std::unique_ptr<SimStore> Cluster::MakeStore(const SimOptions& options) {
  const bool on_sqlite = OnSqlite(options);
  if (!on_sqlite || options.store == StoreKind::kSqliteOnGoodDisk) {
    faults_.MakeDiskGood();
  }
  if (!on_sqlite) return std::make_unique<MemoryStore>();
  return std::make_unique<SqliteStore>(&faults_, &clock_, &trace_,
                                       rng_.Split("store"));
}

SimResult Cluster::Run() {
  SimResult result = {.violation = std::nullopt, .longest_rest = LongestRest()};
  bool is_over = false;
  for (int step = 0; step < kMaxSteps && !is_over; ++step) {
    Step();
    if (invariants_.violation().has_value()) break;
    if (!calm_ && clock_.Now() >= calm_time_) CalmDown();
    if (calm_ && clock_.Now() > calm_time_ + result.longest_rest) break;
    if (calm_ && step % 50 == 0) is_over = AllStudiesCompleted();
  }
  result.rest = clock_.Now() - calm_time_;
  if (!is_over) {
    invariants_.Fail("the studies did not come to their end");
  } else {
    CheckEnd();
  }
  result.violation = invariants_.violation();
  if (result.violation.has_value()) {
    trace_.Add("VIOLATED: ", *result.violation);
  }
  result.trace = trace_.text();
  return result;
}

// As if each attempt that may be to come ran alone: the longest trial, the
// longest wait for a worker, and the person who resumes a study after it.
absl::Duration Cluster::LongestRest() const {
  int64_t attempts = 0;
  for (const PlannedStudy& planned : planned_) {
    // And what a person adds.
    const int64_t trials = planned.spec.budget.max_trials.value_or(16) + 8;
    attempts += trials * planned.spec.max_attempts;
  }
  return absl::Minutes(5) + attempts * absl::Minutes(1);
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
  const bool was_up = host_.is_up();
  due[rng_.Below(due.size())]();
  if (!calm_) MaybeBreakSomething();
  if (was_up && !host_.is_up()) {
    restart_time_ = clock_.Now() + absl::Seconds(rng_.Uniform(0.0, 30.0));
  }
  host_.Check();
}

std::vector<std::pair<absl::Time, Cluster::Action>> Cluster::NextActions() {
  std::vector<std::pair<absl::Time, Action>> actions;
  actions.emplace_back(person_.NextStep(), [this] { person_.Step(); });
  for (const std::unique_ptr<SimWorker>& worker : workers_) {
    actions.emplace_back(worker->NextStep(),
                         [one = worker.get()] { one->Step(); });
  }
  if (program_.has_value() && host_.is_up()) {
    actions.emplace_back(program_->NextStep(),
                         [this] { program_->Step(storage_.truth()); });
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
  MaybeBreakMachine();
}

void Cluster::MaybeBreakMachine() {
  if (host_.is_up() && Happens(faults_.crash_coordinator)) {
    host_.Crash(Happens(faults_.cut_power));
  }
  if (Happens(faults_.fill_disk)) {
    store_->FillFor(absl::Seconds(rng_.Uniform(0.0, 30.0)));
  }
  if (Happens(faults_.jump_clock)) {
    clock_.Advance(absl::Seconds(rng_.Uniform(-20.0, 40.0)));
    trace_.Add("the clock jumps");
  }
}

void Cluster::CalmDown() {
  trace_.Add("all is calm");
  calm_ = true;
  calm_time_ = clock_.Now();
  faults_ = Faults();
  store_->Empty();
  person_.CalmDown();
  if (program_.has_value()) program_->CalmDown();
}

bool Cluster::AllStudiesCompleted() const {
  if (!host_.is_up()) return false;
  return std::all_of(
      planned_.begin(), planned_.end(), [this](const PlannedStudy& planned) {
        const auto found =
            storage_.truth().ListStudies({.name = planned.spec.name});
        return found.ok() && found->size() == 1 &&
               found->front().state == StudyState::kCompleted;
      });
}

void Cluster::CheckEnd() {
  // A coordinator that starts now must find what the old one held.
  host_.Check();
  host_.Crash(/*cut_power=*/true);
  host_.Start();
  if (!host_.is_up()) return invariants_.Fail("storage cannot be read");
  for (const PlannedStudy& planned : planned_) {
    invariants_.CheckEnd(planned.spec.name, planned.points);
  }
}

SimResult Simulate(const SimOptions& options) { return Cluster(options).Run(); }

}  // namespace attune
