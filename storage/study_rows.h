#ifndef ATTUNE_STORAGE_STUDY_ROWS_H_
#define ATTUNE_STORAGE_STUDY_ROWS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/study.h"
#include "storage/sqlite_db.h"
#include "storage/storage.h"

// Studies and all that their specs consist of as rows of SQLite. Each function
// runs inside the caller's transaction; the contracts are those of
// storage/storage.h.
namespace attune {

// `same_spec`: the caller knows that the stored study of the revision before
// has this spec, so that only the study's own row is touched.
absl::Status WriteStudy(Database& db, const Study& study, bool same_spec);

// With all that belongs to it; OK if there is none.
absl::Status DeleteStudy(Database& db, StudyId id);

absl::StatusOr<std::vector<Study>> ReadStudies(Database& db,
                                               const StudyFilter& filter);

// The highest id that was ever committed; 0: none.
absl::StatusOr<StudyId> LastStudyId(Database& db);

}  // namespace attune

#endif  // ATTUNE_STORAGE_STUDY_ROWS_H_
