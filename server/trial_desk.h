#ifndef ATTUNE_SERVER_TRIAL_DESK_H_
#define ATTUNE_SERVER_TRIAL_DESK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/coordinator_api.h"
#include "core/trial.h"
#include "core/trial_machine.h"
#include "server/command.h"
#include "server/study_book.h"
#include "server/study_life.h"
#include "server/trial_source.h"

namespace attune {

// What people and their programs do to trials: create, ask for, cancel, stop
// and retry them. Changes the book only. Errors of all: NOT_FOUND;
// FAILED_PRECONDITION with a reason that says what stands against it;
// UNAVAILABLE if the study cannot be read.
class TrialDesk {
 public:
  // All must outlive it.
  TrialDesk(StudyBook* book, TrialSource* source, StudyLife* life)
      : book_(book), source_(source), life_(life) {}

  // Also INVALID_ARGUMENT, for points that are not in the search space and for
  // a request_id that stands for other trials.
  absl::StatusOr<std::vector<Trial>> Create(const CreateTrials& command,
                                            absl::Time now);
  absl::StatusOr<LeaseReply> Suggest(const SuggestTrials& command,
                                     absl::Time now);
  // Also ABORTED, for another revision than the wanted one.
  absl::StatusOr<Trial> Update(const UpdateTrial& command);
  absl::StatusOr<Trial> Cancel(const CancelTrial& command, absl::Time now);
  absl::StatusOr<Trial> Stop(const StopTrial& command, absl::Time now);
  absl::StatusOr<Trial> Retry(const RetryTrial& command, absl::Time now);

 private:
  // The study with all its trials.
  absl::StatusOr<const BookedStudy*> FindWhole(absl::string_view name);
  // Whole records, from storage where the book holds less.
  absl::StatusOr<Trial> FindTrial(const BookedStudy& study,
                                  int64_t number) const;
  absl::StatusOr<std::vector<Trial>> Select(
      const BookedStudy& study, const std::vector<int64_t>& numbers) const;
  // Applies what a person wishes of a trial.
  absl::StatusOr<Trial> Apply(const std::string& study, int64_t number,
                              const TrialEvent& event, absl::Time now);
  // Adds `planned` to the study, which is active then or paused.
  absl::StatusOr<std::vector<Trial>> Add(const BookedStudy& study,
                                         std::vector<Trial> planned,
                                         absl::Time now);
  LeaseReply AnswerSuggest(const BookedStudy& study,
                           const std::vector<int64_t>& numbers,
                           const std::string& request_id) const;

  StudyBook* const book_;
  TrialSource* const source_;
  StudyLife* const life_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_TRIAL_DESK_H_
