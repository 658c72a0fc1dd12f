#ifndef ATTUNE_STORAGE_MEASUREMENT_ROWS_H_
#define ATTUNE_STORAGE_MEASUREMENT_ROWS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/sqlite_db.h"
#include "storage/storage.h"

// Measurements as rows of SQLite, one for each metric of each step. Each
// function runs inside the caller's transaction; the contracts are those of
// storage/storage.h.
namespace attune {

absl::Status WriteMeasurements(Database& db,
                               const TrialMeasurements& measurements);

absl::StatusOr<std::vector<TrialMeasurements>> ReadMeasurements(
    Database& db, const MeasurementFilter& filter);

}  // namespace attune

#endif  // ATTUNE_STORAGE_MEASUREMENT_ROWS_H_
