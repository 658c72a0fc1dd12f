#include "server/study_reader.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// So many trials are read at a time: what the book does not keep of them is in
// memory of a few of them only.
constexpr int64_t kPageSize = 1000;

// The measurements of `trials` that decisions need: those of the unfinished
// ones, and those of all if a stopping rule compares them.
absl::StatusOr<std::vector<TrialMeasurements>> ReadMeasurements(
    const Storage& storage, const BookedStudy& study,
    const std::vector<Trial>& trials) {
  std::vector<int64_t> numbers;
  for (const Trial& trial : trials) {
    if (!study.curve_metric().empty() || !IsFinished(trial.state)) {
      numbers.push_back(trial.id.number);
    }
  }
  if (numbers.empty()) return std::vector<TrialMeasurements>();
  return storage.ListMeasurements(
      {.study = study.study().id, .numbers = std::move(numbers)});
}

// Adds the trials that follow those in `booked`, at most a page of them;
// returns how many.
absl::StatusOr<int64_t> ReadPage(const Storage& storage, BookedStudy& booked) {
  const Study& study = booked.study();
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Trial> trials,
                          storage.ListTrials({.study = study.id,
                                              .after_number = booked.created(),
                                              .limit = kPageSize}));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<TrialMeasurements> measurements,
                          ReadMeasurements(storage, booked, trials));
  for (const TrialMeasurements& of_trial : measurements) {
    for (const Measurement& measurement : of_trial.measurements) {
      booked.AddMeasurement(of_trial.trial.number, measurement);
    }
  }
  for (Trial& trial : trials) {
    const int64_t number = trial.id.number;
    if (number != booked.created() + 1) {
      return absl::DataLossError(
          absl::StrCat("reading the trials of study ", study.spec.name,
                       ": found trial ", number, " after trial ",
                       booked.created(), ", expected numbers without gaps"));
    }
    const bool is_finished = IsFinished(trial.state);
    booked.PutTrial(std::move(trial));
    if (is_finished) booked.DropStored(number);
  }
  return static_cast<int64_t>(trials.size());
}

absl::StatusOr<bool> HasRunningTrial(const Storage& storage, StudyId study) {
  ATTUNE_ASSIGN_OR_RETURN(const StateCounts counts, storage.CountTrials(study));
  const auto running = counts.find("running");
  return running != counts.end() && running->second > 0;
}

}  // namespace

absl::StatusOr<BookedStudy> ReadWholeStudy(const Storage& storage,
                                           const Study& study) {
  BookedStudy booked(study, Depth::kWhole);
  int64_t read = kPageSize;
  while (read == kPageSize) {
    ATTUNE_ASSIGN_OR_RETURN(read, ReadPage(storage, booked));
  }
  return booked;
}

absl::StatusOr<BookedStudy> ReadBookedStudy(const Storage& storage,
                                            const Study& study) {
  bool can_advance =
      study.state == StudyState::kActive || study.state == StudyState::kPaused;
  if (study.state == StudyState::kStopped) {
    ATTUNE_ASSIGN_OR_RETURN(can_advance, HasRunningTrial(storage, study.id));
  }
  if (!can_advance) return BookedStudy(study, Depth::kLight);
  return ReadWholeStudy(storage, study);
}

absl::StatusOr<std::optional<StoredTrial>> ReadStoredTrial(
    const Storage& storage, TrialId id) {
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<Trial> trials,
      storage.ListTrials({.study = id.study, .number = id.number}));
  if (trials.empty()) return std::nullopt;
  StoredTrial stored = {.trial = std::move(trials.front()), .progress = {}};
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<TrialMeasurements> measurements,
      storage.ListMeasurements(
          {.study = id.study, .numbers = std::vector<int64_t>{id.number}}));
  for (const TrialMeasurements& of_trial : measurements) {
    for (const Measurement& measurement : of_trial.measurements) {
      stored.progress.Add(measurement);
    }
  }
  return stored;
}

}  // namespace attune
