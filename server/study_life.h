#ifndef ATTUNE_SERVER_STUDY_LIFE_H_
#define ATTUNE_SERVER_STUDY_LIFE_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial_machine.h"
#include "server/command.h"
#include "server/study_book.h"
#include "server/trial_source.h"

namespace attune {

// The life of a study: what people may do to it, and when it is over. Changes
// the book only.
class StudyLife {
 public:
  // Both must outlive it.
  StudyLife(StudyBook* book, TrialSource* source, size_t max_open_studies)
      : book_(book), source_(source), max_open_studies_(max_open_studies) {}

  // A study that is there with the same spec is the answer. ALREADY_EXISTS
  // (another spec), INVALID_ARGUMENT, RESOURCE_EXHAUSTED (too many are open).
  absl::StatusOr<Study> Create(const CreateStudy& command, absl::Time now);
  // NOT_FOUND, here and below; FAILED_PRECONDITION (reason STUDY_STATE) for a
  // study that is not in a state for it. Asking twice is as asking once.
  // ABORTED, here and below, for another revision than the wanted one.
  absl::StatusOr<StudyId> Delete(const DeleteStudy& command);
  // A completed study that may go on by its new budget is active again.
  // INVALID_ARGUMENT for a budget that is wrong.
  absl::StatusOr<Study> Update(const UpdateStudy& command, absl::Time now);
  absl::StatusOr<Study> Pause(absl::string_view name, absl::Time now);
  absl::StatusOr<Study> Resume(absl::string_view name, absl::Time now);
  absl::StatusOr<Study> Stop(absl::string_view name, absl::Time now);

  // Applies `event` to a trial of the book. Completes its study if it was the
  // last one, pauses it if too many have failed. The errors of Advance().
  absl::Status AdvanceTrial(TrialId id, const TrialEvent& event,
                            absl::Time now);

  // Makes a completed study active, that got a trial after its end.
  absl::Status Reopen(StudyId id, absl::Time now);

  // Completes the study if none of its trials waits or runs and there will be
  // no other.
  void CompleteIfDone(StudyId id, absl::Time now);

  // Ends the studies whose max_duration is over: waiting trials are cancelled,
  // running ones asked to stop.
  void EndOverdue(absl::Time now);

  // Reads the study's trials, if the book has only its record.
  absl::Status MakeWhole(StudyId id);

 private:
  // `last` is the trial that has just failed.
  void PauseIfFailing(TrialId last, absl::Time now);
  absl::Status SetState(StudyId id, StudyState state, absl::string_view reason,
                        absl::Time now);
  void StopRunning(StudyId id, absl::string_view reason, absl::Time now);
  void CancelWaiting(StudyId id, absl::string_view reason, absl::Time now);

  StudyBook* const book_;
  TrialSource* const source_;
  const size_t max_open_studies_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_LIFE_H_
