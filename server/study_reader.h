#ifndef ATTUNE_SERVER_STUDY_READER_H_
#define ATTUNE_SERVER_STUDY_READER_H_

#include <optional>

#include "absl/status/statusor.h"
#include "core/ids.h"
#include "server/booked_study.h"
#include "server/trial_progress.h"
#include "storage/storage.h"

namespace attune {

// A trial of a study that the book does not hold whole.
struct StoredTrial {
  Trial trial;
  TrialProgress progress;
};

// What the book holds of `study`: kWhole if it can still advance (it is active
// or paused, or one of its trials runs), else kLight. Also the errors of
// Storage; DATA_LOSS if the numbers of the trials have gaps.
absl::StatusOr<BookedStudy> ReadBookedStudy(const Storage& storage,
                                            const Study& study);

// As above, with all trials whatever the study's state.
absl::StatusOr<BookedStudy> ReadWholeStudy(const Storage& storage,
                                           const Study& study);

// nullopt if there is none.
absl::StatusOr<std::optional<StoredTrial>> ReadStoredTrial(
    const Storage& storage, TrialId id);

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_READER_H_
