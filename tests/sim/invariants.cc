#include "tests/sim/invariants.h"

#include <algorithm>
#include <variant>

#include "core/check.h"
#include "core/ranking.h"

namespace attune {
namespace {

std::string Name(TrialId id) {
  return absl::StrCat("trial ", id.study.value, "/", id.number);
}

// Deadlines move in memory only.
Trial WithoutDeadline(Trial trial) {
  if (auto* running = std::get_if<Running>(&trial.state)) {
    running->lease.deadline = absl::Time();
  }
  return trial;
}

// What the book holds of a stored trial.
Trial AsBooked(Trial trial) {
  if (IsFinished(trial.state)) trial.attempts.clear();
  return WithoutDeadline(std::move(trial));
}

// People may note something on a trial at any time.
Trial WithoutNotes(Trial trial) {
  trial.attributes.clear();
  trial.revision = trial.change = 0;
  return trial;
}

const Attempt* FindAttempt(const Trial& trial, int number) {
  for (const Attempt& attempt : trial.attempts) {
    if (attempt.number == number) return &attempt;
  }
  return nullptr;
}

// Whether the attempts of `before` are there still, ended ones unchanged.
bool Continues(const std::vector<Attempt>& before,
               const std::vector<Attempt>& after) {
  if (after.size() < before.size()) return false;
  for (size_t i = 0; i < before.size(); ++i) {
    Attempt now = after[i];
    if (!before[i].end_time.has_value()) {
      now.end_time.reset();
      now.outcome.clear();
    }
    if (now != before[i]) return false;
  }
  return true;
}

}  // namespace

// ---- answers ----------------------------------------------------------------

void Invariants::OnAnswer(const Command& command,
                          const absl::StatusOr<Reply>& answer,
                          const StudyBook& book, absl::Time lease_end) {
  told_.OnAnswer(command, answer);
  if (const auto wrong = asked_.OnAnswer(command, answer)) Fail(*wrong);
  if (!answer.ok()) return;
  if (const auto* study = std::get_if<Study>(&*answer)) {
    // It may be deleted in the very batch, and then is never seen in storage.
    names_.try_emplace(study->id, study->spec.name);
  }
  if (const auto* lease = std::get_if<LeaseReply>(&*answer)) {
    for (const Assignment& assignment : lease->assignments) {
      OnAssignment(assignment);
      CheckLease(assignment.token, book, lease_end);
    }
  }
  if (const auto* renew = std::get_if<RenewLeases>(&command)) {
    const auto& verdicts = std::get<std::vector<Verdict>>(*answer);
    for (size_t i = 0; i < verdicts.size(); ++i) {
      if (verdicts[i] == Verdict::kLeaseLost) continue;
      CheckLease(renew->tokens[i], book, lease_end);
    }
  }
  if (const auto* report = std::get_if<ReportMeasurements>(&command)) {
    OnStored(report->token.trial, report->measurements);
    CheckLease(report->token, book, lease_end);
  }
  if (const auto* finish = std::get_if<FinishTrial>(&command)) {
    OnStored(finish->token.trial, finish->measurements);
    OnFinished(*finish);
  }
  if (const auto* release = std::get_if<ReleaseTrial>(&command)) {
    const std::optional<Trial> trial = Read(release->token.trial);
    if (!trial.has_value()) return;
    const Attempt* attempt = FindAttempt(*trial, release->token.attempt);
    if (attempt == nullptr || attempt->outcome.empty()) {
      Fail(Name(trial->id), " was released, and its attempt goes on");
    }
  }
}

// The same command may end a lease that one before it in the batch renewed.
void Invariants::CheckLease(const LeaseToken& token, const StudyBook& book,
                            absl::Time lease_end) {
  const BookedStudy* study = book.Find(token.trial.study);
  const Trial* trial =
      study == nullptr ? nullptr : study->FindTrial(token.trial.number);
  const auto* running =
      trial == nullptr ? nullptr : std::get_if<Running>(&trial->state);
  if (running == nullptr || running->lease.attempt != token.attempt) return;
  lease_ends_[{token.trial, token.attempt}] = running->lease.deadline;
  // The coordinator counts whole microseconds.
  if (running->lease.deadline + absl::Microseconds(1) < lease_end) {
    Fail("the lease of attempt ", token.attempt, " of ", Name(token.trial),
         " ends ", absl::FormatDuration(lease_end - running->lease.deadline),
         " too early");
  }
}

void Invariants::OnStart(const StudyBook& book, absl::Time lease_end) {
  lease_ends_.clear();  // were by the time of the process before
  for (const auto& [id, study] : book.studies()) {
    for (const int64_t number : study.running()) {
      const TrialId trial = {.study = id, .number = number};
      const TrialState& state = study.FindTrial(number)->state;
      CheckLease({.trial = trial, .attempt = LastAttempt(state)}, book,
                 lease_end);
    }
  }
}

void Invariants::OnAssignment(const Assignment& assignment) {
  const TrialId id = assignment.token.trial;
  CheckHolder(id, assignment.token.attempt, assignment.worker);
  const std::optional<Trial> trial = Read(id);
  if (!trial.has_value()) return;
  const Attempt* attempt = FindAttempt(*trial, assignment.token.attempt);
  if (attempt == nullptr || attempt->worker != assignment.worker) {
    Fail(Name(id), " was handed out before that was stored");
  }
  if (trial->parameters != assignment.parameters) {
    Fail(Name(id), " was handed out with other parameters than are stored");
  }
}

void Invariants::CheckHolder(TrialId id, int attempt, const WorkerId& worker) {
  const auto [place, is_new] =
      holders_.try_emplace(std::pair(id, attempt), worker);
  if (place->second != worker) {
    Fail("attempt ", attempt, " of ", Name(id), " was given to ",
         place->second.value, " and to ", worker.value);
  }
}

void Invariants::OnStored(TrialId id,
                          const std::vector<Measurement>& measurements) {
  if (measurements.empty() || MayBeGone(id.study)) return;
  const std::vector<Measurement> stored = ReadMeasurements(id);
  for (const Measurement& measurement : measurements) {
    const bool is_there = std::any_of(
        stored.begin(), stored.end(),
        [&](const Measurement& one) { return one.step == measurement.step; });
    if (!is_there) {
      Fail("step ", measurement.step, " of ", Name(id),
           " was acknowledged and is not stored");
    }
  }
}

void Invariants::OnFinished(const FinishTrial& finish) {
  const TrialId id = finish.token.trial;
  const std::optional<Trial> trial = Read(id);
  if (!trial.has_value()) return;
  const Attempt* attempt = FindAttempt(*trial, finish.token.attempt);
  if (attempt == nullptr || attempt->outcome.empty()) {
    Fail("the outcome of attempt ", finish.token.attempt, " of ", Name(id),
         " was acknowledged, and it goes on");
    return;
  }
  if (std::holds_alternative<Broken>(finish.outcome)) return;
  if (!IsFinished(trial->state) ||
      LastAttempt(trial->state) != finish.token.attempt) {
    Fail("the result of attempt ", finish.token.attempt, " of ", Name(id),
         " was taken, and the trial is ", StateName(trial->state),
         " with attempt ", LastAttempt(trial->state));
  }
}

// ---- storage ----------------------------------------------------------------

void Invariants::Check(const std::set<StudyId>& touched,
                       const StudyBook& book) {
  for (const StudyId id : touched) CheckStudy(id, book);
  if (book.HasChanges()) Fail("the book has changes that were not committed");
}

std::set<StudyId> Invariants::known_studies() const {
  std::set<StudyId> ids;
  for (const auto& [id, name] : names_) ids.insert(id);
  return ids;
}

void Invariants::CheckStudy(StudyId id, const StudyBook& book) {
  const auto studies = storage_->ListStudies({.id = id});
  const auto trials = storage_->ListTrials({.study = id});
  if (!studies.ok() || !trials.ok()) return Fail("storage cannot be read");
  if (studies->empty()) return CheckGone(id, book);
  const Study& study = studies->front();
  names_[id] = study.spec.name;
  CheckRecord(study);
  CheckPoints(study, *trials);
  if (!deletable_.contains(study.spec.name)) {
    if (const auto wrong = asked_.Compare(study, *trials)) {
      Fail("study ", study.spec.name, ": ", *wrong);
    }
  }
  CheckCounts(study, *trials);
  CheckMeasurements(id);
  CheckChanges(study, *trials);
  for (const Trial& trial : *trials) CheckHistory(trial);
  CheckTold(study, *trials);
  CheckBest(study, *trials);
  CheckBook(study, *trials, book);
}

void Invariants::CheckRecord(const Study& study) {
  const auto [place, is_new] = studies_.try_emplace(study.id, study);
  const Study& before = place->second;
  StudySpec spec = study.spec;
  spec.budget = before.spec.budget;
  if (study.revision < before.revision ||
      (study.revision == before.revision && study != before) ||
      spec != before.spec || study.create_time != before.create_time) {
    Fail("study ", study.spec.name, " went back, or what never changes did");
  }
  place->second = study;
}

void Invariants::CheckCounts(const Study& study,
                             const std::vector<Trial>& trials) {
  StateCounts expected;
  for (const Trial& trial : trials) {
    ++expected[std::string(StateName(trial.state))];
  }
  const auto counts = storage_->CountTrials(study.id);
  if (!counts.ok()) return Fail("storage cannot be read");
  if (*counts != expected) {
    Fail("the trials of study ", study.spec.name, " are counted wrong");
  }
}

void Invariants::CheckTold(const Study& study,
                           const std::vector<Trial>& trials) {
  for (const Trial& trial : trials) {
    if (const auto wrong = told_.Compare(study, trial, steps_[trial.id])) {
      Fail(Name(trial.id), ": ", *wrong);
    }
  }
  const std::set<int64_t> told = told_.NumbersOf(study.id);
  if (!told.empty() && *told.rbegin() > static_cast<int64_t>(trials.size())) {
    Fail("trial ", *told.rbegin(), " of study ", study.spec.name,
         " was handed out and is not stored");
  }
}

void Invariants::CheckGone(StudyId id, const StudyBook& book) {
  // It may also be one whose creation was not stored.
  if (names_.contains(id) && !deletable_.contains(names_[id])) {
    Fail("study ", names_[id], " is gone");
  }
  const BookedStudy* booked = book.Find(id);
  if (booked != nullptr && booked->depth() != Depth::kUnreadable) {
    Fail("the book has study ", id.value, ", which is not stored");
  }
}

void Invariants::CheckPoints(const Study& study,
                             const std::vector<Trial>& trials) {
  const Budget& budget = study.spec.budget;
  const int64_t running =
      std::count_if(trials.begin(), trials.end(), [](const Trial& trial) {
        return std::holds_alternative<Running>(trial.state);
      });
  // Fewer may be allowed than run already, also in the batch that began them.
  const auto before = studies_seen_.find(study.id);
  const bool is_old_limit =
      before != studies_seen_.end() &&
      before->second.spec.budget.max_parallel == budget.max_parallel;
  int64_t& most = most_parallel_[study.id];
  if (is_old_limit && budget.max_parallel.has_value() &&
      running > std::max(most, *budget.max_parallel)) {
    Fail("study ", study.spec.name, " runs ", running, " trials, allowed are ",
         *budget.max_parallel);
  }
  most = running;
  std::set<std::string> points;
  for (size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].id.number != static_cast<int64_t>(i) + 1) {
      Fail("study ", study.spec.name, " has a gap before ", Name(trials[i].id));
    }
    // People may repeat a point, and what they create counts for the search.
    const bool is_new =
        points.insert(CanonicalKey(trials[i].parameters)).second;
    if (!is_new && trials[i].request_id.empty() &&
        !trials[i].retry_of.has_value()) {
      Fail(Name(trials[i].id), " repeats a point");
    }
  }
}

// Whoever reads what changed after a number misses nothing: each change has a
// higher number than all that could be seen before it.
void Invariants::CheckChanges(const Study& study,
                              const std::vector<Trial>& trials) {
  const int64_t seen = seen_changes_.try_emplace(study.id, -1).first->second;
  int64_t highest = std::max(seen, study.change);
  const auto before = studies_seen_.find(study.id);
  if (before != studies_seen_.end() && before->second != study &&
      study.change <= seen) {
    Fail("a change of study ", study.spec.name, " is missed by its readers");
  }
  studies_seen_.insert_or_assign(study.id, study);
  for (const Trial& trial : trials) {
    highest = std::max(highest, trial.change);
    size_t& steps = seen_steps_[trial.id];
    const auto last = last_.find(trial.id);
    const bool changed = last == last_.end() || last->second != trial ||
                         steps != steps_[trial.id].size();
    if (changed && trial.change <= seen) {
      Fail("a change of ", Name(trial.id), " is missed by its readers");
    }
    steps = steps_[trial.id].size();
  }
  seen_changes_[study.id] = highest;
}

void Invariants::CheckHistory(const Trial& trial) {
  for (const Attempt& attempt : trial.attempts) {
    CheckHolder(trial.id, attempt.number, attempt.worker);
  }
  const auto [place, is_new] = last_.try_emplace(trial.id, trial);
  if (is_new) return;
  const Trial& before = place->second;
  if (IsFinished(before.state) && WithoutNotes(trial) != WithoutNotes(before)) {
    Fail(Name(trial.id), " was finished, and changed");
  }
  if (trial.revision < before.revision ||
      LastAttempt(trial.state) < LastAttempt(before.state)) {
    Fail(Name(trial.id), " went back to an earlier attempt or revision");
  }
  if (!Continues(before.attempts, trial.attempts)) {
    Fail(Name(trial.id), ": its past attempts changed");
  }
  if (trial.parameters != before.parameters || trial.tag != before.tag ||
      trial.seen_revision != before.seen_revision ||
      trial.create_time != before.create_time) {
    Fail(Name(trial.id), ": what never changes did");
  }
  CheckExpiry(trial);
  place->second = trial;
}

// No lease is taken away before its end.
void Invariants::CheckExpiry(const Trial& trial) {
  if (trial.attempts.empty()) return;
  const Attempt& last = trial.attempts.back();
  const auto lease_end = lease_ends_.find({trial.id, last.number});
  if (last.outcome == cause::kLeaseExpired && lease_end != lease_ends_.end() &&
      *last.end_time < lease_end->second) {
    Fail("the lease of attempt ", last.number, " of ", Name(trial.id),
         " was taken away ",
         absl::FormatDuration(lease_end->second - *last.end_time),
         " too early");
  }
}

void Invariants::CheckMeasurements(StudyId id) {
  const auto found = storage_->ListMeasurements({.study = id});
  if (!found.ok()) return Fail("storage cannot be read");
  std::map<TrialId, Steps> stored;
  for (const TrialMeasurements& of_trial : *found) {
    for (const Measurement& measurement : of_trial.measurements) {
      if (!stored[of_trial.trial]
               .try_emplace(measurement.step, measurement)
               .second) {
        Fail(Name(of_trial.trial), " has step ", measurement.step, " twice");
      }
    }
  }
  for (const auto& [trial, steps] : stored) {
    Steps& before = steps_[trial];
    for (const auto& [step, measurement] : before) {
      const auto now = steps.find(step);
      if (now == steps.end() || !(now->second == measurement)) {
        Fail("step ", step, " of ", Name(trial), " lost its first values");
      }
    }
    before = steps;
  }
}

void Invariants::CheckBest(const Study& study,
                           const std::vector<Trial>& trials) {
  const Goal goal = study.spec.objectives.front().goal;
  const Trial* best = nullptr;
  for (const Trial& trial : trials) {
    const auto* completed = std::get_if<Completed>(&trial.state);
    if (completed == nullptr) continue;
    if (best == nullptr ||
        Better(completed->objectives[0],
               std::get<Completed>(best->state).objectives[0], goal)) {
      best = &trial;
    }
  }
  const auto listed = storage_->ListTrials(
      {.study = study.id, .order = TrialOrder::kBestFirst, .limit = 1});
  if (!listed.ok()) return Fail("storage cannot be read");
  if ((best == nullptr) != listed->empty() ||
      (best != nullptr && listed->front() != *best)) {
    Fail("the best trial of study ", study.spec.name, " is not the best");
  }
  if (study.spec.objectives.size() < 2) return;
  std::set<int64_t> front;
  for (const Trial& trial : ParetoFront(trials, study.spec.objectives)) {
    front.insert(trial.id.number);
  }
  if (front != PlainFront(trials, study.spec.objectives)) {
    Fail("the front of study ", study.spec.name, " is not the front");
  }
}

// ---- the book ---------------------------------------------------------------

void Invariants::CheckBook(const Study& study, const std::vector<Trial>& trials,
                           const StudyBook& book) {
  const BookedStudy* booked = book.Find(study.id);
  if (booked == nullptr) {
    return Fail("the book lacks study ", study.spec.name);
  }
  if (booked->depth() == Depth::kUnreadable) return;
  if (booked->study() != study) {
    Fail("the book has another record of study ", study.spec.name);
  }
  if (booked->depth() == Depth::kLight) return;
  if (booked->created() != static_cast<int64_t>(trials.size())) {
    return Fail("the book has ", booked->created(), " trials of study ",
                study.spec.name, ", stored are ", trials.size());
  }
  for (size_t i = 0; i < trials.size(); ++i) {
    const Trial& in_book = booked->trials()[i];
    if (WithoutDeadline(in_book) != AsBooked(trials[i])) {
      Fail("the book has another record of ", Name(trials[i].id));
    }
    const int64_t number = trials[i].id.number;
    if (booked->waiting().contains(number) !=
            std::holds_alternative<Waiting>(trials[i].state) ||
        booked->running().contains(number) !=
            std::holds_alternative<Running>(trials[i].state)) {
      Fail("the book's indexes are wrong about ", Name(trials[i].id));
    }
    if (IsFinished(trials[i].state)) continue;
    for (const auto& [step, measurement] : steps_[trials[i].id]) {
      if (!booked->progress(number).HasStep(step)) {
        Fail("the book lacks step ", step, " of ", Name(trials[i].id));
      }
    }
  }
}

// ---- the end ----------------------------------------------------------------

void Invariants::CheckEnd(const std::string& name,
                          std::optional<int64_t> points) {
  const auto studies = storage_->ListStudies({.name = name});
  if (!studies.ok() || studies->size() != 1) {
    return Fail("at the end there is no study ", name);
  }
  const Study& study = studies->front();
  if (study.state != StudyState::kCompleted) {
    Fail("at the end study ", name, " is ", ToString(study.state));
  }
  const auto trials = storage_->ListTrials({.study = study.id});
  if (!trials.ok()) return Fail("storage cannot be read");
  for (const Trial& trial : *trials) {
    if (!IsFinished(trial.state)) {
      Fail("at the end ", Name(trial.id), " is ", StateName(trial.state));
    }
  }
  const Budget& budget = study.spec.budget;
  if (budget.max_duration.has_value()) return;
  const auto created = static_cast<int64_t>(trials->size());
  const int64_t most = budget.max_trials.value_or(created);
  const int64_t least = std::min(most, points.value_or(most));
  // A person may have lowered the limit since.
  if (created < least) {
    Fail("at the end study ", name, " has ", created, " trials, expected ",
         least);
  }
}

// ---- reading ----------------------------------------------------------------

std::optional<Trial> Invariants::Read(TrialId id) {
  const auto trials =
      storage_->ListTrials({.study = id.study, .number = id.number});
  if (!trials.ok()) {
    Fail("storage cannot be read");
    return std::nullopt;
  }
  if (trials->empty()) {
    if (!MayBeGone(id.study)) Fail(Name(id), " is not stored");
    return std::nullopt;
  }
  return trials->front();
}

std::vector<Measurement> Invariants::ReadMeasurements(TrialId id) {
  const auto found = storage_->ListMeasurements(
      {.study = id.study, .numbers = std::vector<int64_t>{id.number}});
  if (!found.ok()) Fail("storage cannot be read");
  if (!found.ok() || found->empty()) return {};
  return found->front().measurements;
}

bool Invariants::MayBeGone(StudyId id) const {
  const auto name = names_.find(id);
  return name != names_.end() && deletable_.contains(name->second);
}

}  // namespace attune
