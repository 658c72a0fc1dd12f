#ifndef ATTUNE_STORAGE_MIGRATIONS_H_
#define ATTUNE_STORAGE_MIGRATIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "storage/sqlite_db.h"

namespace attune {

// `PRAGMA application_id` of Attune's files: "Attn".
inline constexpr int64_t kApplicationId = 0x4174746e;

// One step of the schema: the file migrations/NNNN_*.sql, NNNN being the
// version that a database has after it.
struct Migration {
  int64_t version = 0;
  absl::string_view sql;
};

// All of them: versions 1, 2, 3...
absl::Span<const Migration> Migrations();

// The schema version of a database; 0 for one that is empty.
// FAILED_PRECONDITION if it belongs to another program or is newer than
// `migrations` (the message names both versions), DATA_LOSS if it is no
// database.
absl::StatusOr<int64_t> SchemaVersion(Database& db,
                                      absl::Span<const Migration> migrations);

// Brings the schema to the last version, each migration in one transaction.
// Errors as SchemaVersion(); a migration that fails leaves the version before.
absl::Status Migrate(Database& db, absl::Span<const Migration> migrations);

}  // namespace attune

#endif  // ATTUNE_STORAGE_MIGRATIONS_H_
