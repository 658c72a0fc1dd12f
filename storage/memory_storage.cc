#include "storage/memory_storage.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/ranking.h"
#include "core/status_macros.h"
#include "storage/micros.h"
#include "storage/storage_errors.h"

namespace attune {
namespace {

using Records = MemoryStorage::Records;
using Record = MemoryStorage::Record;

// What takes back the changes of a commit that fails, the last one first.
using Undo = std::vector<std::function<void()>>;

void Delete(StudyId id, Records& records, Undo& undo) {
  const auto found = records.find(id);
  if (found == records.end()) return;
  undo.push_back([&records, id, record = std::move(found->second)] {
    records.emplace(id, record);
  });
  records.erase(found);
}

absl::Status Put(const Study& study, Records& records, Undo& undo) {
  const auto found = records.find(study.id);
  const bool is_new = found == records.end();
  const Study before = is_new ? Study{.id = study.id} : found->second.study;
  if (study.revision != before.revision + 1) {
    return RevisionMismatch(ResourceName(study.id), before.revision,
                            study.revision);
  }
  for (const auto& [id, other] : records) {
    if (id != study.id && other.study.spec.name == study.spec.name) {
      return NameTaken(study.spec.name);
    }
  }
  records[study.id].study = InMicros(study);
  undo.push_back([&records, is_new, before] {
    records[before.id].study = before;
    if (is_new) records.erase(before.id);
  });
  return absl::OkStatus();
}

absl::Status Put(const Trial& trial, Records& records, Undo& undo) {
  const auto record = records.find(trial.id.study);
  if (record == records.end()) {
    return trial.revision == 1
               ? NoOwner(ResourceName(trial.id), ResourceName(trial.id.study))
               : RevisionMismatch(ResourceName(trial.id), 0, trial.revision);
  }
  auto& trials = record->second.trials;
  const auto found = trials.find(trial.id.number);
  const bool is_new = found == trials.end();
  const Trial before = is_new ? Trial{.id = trial.id} : found->second;
  if (trial.revision != before.revision + 1) {
    return RevisionMismatch(ResourceName(trial.id), before.revision,
                            trial.revision);
  }
  trials[trial.id.number] = InMicros(trial);
  undo.push_back([&trials, is_new, before] {
    trials[before.id.number] = before;
    if (is_new) trials.erase(before.id.number);
  });
  return absl::OkStatus();
}

void RaiseChange(const TrialMeasurements& reported, Records& records,
                 Undo& undo) {
  const auto record = records.find(reported.trial.study);
  if (record == records.end()) return;
  const auto found = record->second.trials.find(reported.trial.number);
  if (found == record->second.trials.end()) return;
  Trial& trial = found->second;
  if (trial.change >= reported.change) return;
  undo.push_back([&trial, before = trial.change] { trial.change = before; });
  trial.change = reported.change;
}

absl::Status Put(const TrialMeasurements& reported, Records& records,
                 Undo& undo) {
  const TrialId id = reported.trial;
  RaiseChange(reported, records, undo);
  for (const Measurement& measurement : reported.measurements) {
    if (measurement.metrics.empty()) continue;
    const auto record = records.find(id.study);
    if (record == records.end() || !record->second.trials.count(id.number)) {
      return NoOwner(absl::StrCat("measurements of ", ResourceName(id),
                                  ", step ", measurement.step),
                     ResourceName(id));
    }
    auto& steps = record->second.measurements[id.number];
    if (steps.emplace(measurement.step, measurement).second) {
      undo.push_back([&steps, step = measurement.step] { steps.erase(step); });
    }
  }
  return absl::OkStatus();
}

absl::Status Apply(const WriteBatch& batch, Records& records, Undo& undo) {
  for (const StudyId id : batch.deleted_studies) Delete(id, records, undo);
  for (const Study& study : batch.studies) {
    ATTUNE_RETURN_IF_ERROR(Put(study, records, undo));
  }
  for (const Trial& trial : batch.trials) {
    ATTUNE_RETURN_IF_ERROR(Put(trial, records, undo));
  }
  for (const TrialMeasurements& reported : batch.measurements) {
    ATTUNE_RETURN_IF_ERROR(Put(reported, records, undo));
  }
  return absl::OkStatus();
}

bool Fits(const Trial& trial, const TrialFilter& filter) {
  const std::string state(StateName(trial.state));
  const auto& states = filter.states;
  return trial.id.number > filter.after_number &&
         trial.change > filter.after_change &&
         trial.id.number == filter.number.value_or(trial.id.number) &&
         (!filter.finished.has_value() ||
          *filter.finished == IsFinished(trial.state)) &&
         (states.empty() ||
          std::find(states.begin(), states.end(), state) != states.end()) &&
         (filter.order != TrialOrder::kBestFirst || state == "completed");
}

Measurement Latest(const std::vector<Measurement>& measurements) {
  return {.step = measurements.back().step,
          .metrics = LatestMetrics(measurements)};
}

template <typename T>
void Limit(int64_t limit, std::vector<T>& values) {
  if (limit > 0 && static_cast<int64_t>(values.size()) > limit) {
    values.erase(values.begin() + limit, values.end());
  }
}

}  // namespace

absl::Status MemoryStorage::Commit(const WriteBatch& batch) {
  MutexLock lock(&mutex_);
  Undo undo;
  absl::Status status = Apply(batch, records_, undo);
  if (!status.ok()) {
    std::for_each(undo.rbegin(), undo.rend(),
                  [](auto& take_back) { take_back(); });
    return status;
  }
  for (const Study& study : batch.studies) {
    last_id_ = std::max(last_id_, study.id);
  }
  return status;
}

absl::StatusOr<StudyId> MemoryStorage::NextStudyId() {
  MutexLock lock(&mutex_);
  ++last_id_.value;
  return last_id_;
}

absl::StatusOr<std::vector<Study>> MemoryStorage::ListStudies(
    const StudyFilter& filter) const {
  MutexLock lock(&mutex_);
  std::vector<Study> studies;
  for (const auto& [id, record] : records_) {
    if (id > filter.after && id == filter.id.value_or(id) &&
        record.study.spec.name ==
            filter.name.value_or(record.study.spec.name)) {
      studies.push_back(record.study);
    }
  }
  Limit(filter.limit, studies);
  return studies;
}

absl::StatusOr<std::vector<Trial>> MemoryStorage::ListTrials(
    const TrialFilter& filter) const {
  MutexLock lock(&mutex_);
  std::vector<Trial> trials;
  const auto record = records_.find(filter.study);
  if (record == records_.end()) return trials;
  for (const auto& [number, trial] : record->second.trials) {
    if (Fits(trial, filter)) trials.push_back(trial);
  }
  if (filter.order == TrialOrder::kBestFirst) {
    trials = BestTrials(trials, record->second.study.spec.objectives[0].goal,
                        filter.limit);
  }
  if (filter.order == TrialOrder::kByChange) {
    std::stable_sort(
        trials.begin(), trials.end(),
        [](const Trial& a, const Trial& b) { return a.change < b.change; });
  }
  Limit(filter.limit, trials);
  return trials;
}

absl::StatusOr<std::vector<TrialMeasurements>> MemoryStorage::ListMeasurements(
    const MeasurementFilter& filter) const {
  MutexLock lock(&mutex_);
  std::vector<TrialMeasurements> read;
  const auto record = records_.find(filter.study);
  if (record == records_.end()) return read;
  for (const auto& [number, steps] : record->second.measurements) {
    const auto& wanted = filter.numbers;
    if (steps.empty() ||
        (wanted.has_value() &&
         std::find(wanted->begin(), wanted->end(), number) == wanted->end())) {
      continue;
    }
    TrialMeasurements& of_trial = read.emplace_back();
    of_trial.trial = {.study = filter.study, .number = number};
    for (const auto& [step, measurement] : steps) {
      of_trial.measurements.push_back(measurement);
    }
    if (filter.latest_only) {
      of_trial.measurements = {Latest(of_trial.measurements)};
    }
  }
  return read;
}

absl::StatusOr<StateCounts> MemoryStorage::CountTrials(StudyId study) const {
  MutexLock lock(&mutex_);
  StateCounts counts;
  const auto record = records_.find(study);
  if (record == records_.end()) return counts;
  for (const auto& [number, trial] : record->second.trials) {
    ++counts[std::string(StateName(trial.state))];
  }
  return counts;
}

}  // namespace attune
