#ifndef ATTUNE_STORAGE_SPACE_ROWS_H_
#define ATTUNE_STORAGE_SPACE_ROWS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/search_space.h"
#include "storage/sqlite_db.h"

// The search space of a study as rows of SQLite: `parameters` and `forbidden`.
namespace attune {

// In place of the one that is stored, if any.
absl::Status WriteSpace(Database& db, StudyId study, const SearchSpace& space);

absl::StatusOr<SearchSpace> ReadSpace(Database& db, StudyId study);

}  // namespace attune

#endif  // ATTUNE_STORAGE_SPACE_ROWS_H_
