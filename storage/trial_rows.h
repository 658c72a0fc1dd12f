#ifndef ATTUNE_STORAGE_TRIAL_ROWS_H_
#define ATTUNE_STORAGE_TRIAL_ROWS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/trial.h"
#include "storage/sqlite_db.h"
#include "storage/storage.h"

// Trials and their attempts as rows of SQLite. Each
// function runs inside the caller's transaction; the contracts are those of
// storage/storage.h.
namespace attune {

absl::Status WriteTrial(Database& db, const Trial& trial);

absl::StatusOr<std::vector<Trial>> ReadTrials(Database& db,
                                              const TrialFilter& filter);
absl::StatusOr<StateCounts> ReadCounts(Database& db, StudyId study);

}  // namespace attune

#endif  // ATTUNE_STORAGE_TRIAL_ROWS_H_
