#include "storage/migrations.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune {
namespace {

absl::Status Refuse(absl::string_view message) {
  return absl::FailedPreconditionError(message);
}

absl::Status Apply(Database& db, absl::Span<const Migration> migrations,
                   const Migration& migration) {
  ATTUNE_ASSIGN_OR_RETURN(Transaction transaction,
                          Transaction::Begin(db, Transaction::Kind::kWrite));
  // Another process may have been faster.
  ATTUNE_ASSIGN_OR_RETURN(const int64_t version, SchemaVersion(db, migrations));
  if (version >= migration.version) return absl::OkStatus();
  ATTUNE_RETURN_IF_ERROR(db.Execute(std::string(migration.sql)));
  ATTUNE_ASSIGN_OR_RETURN(
      const int64_t broken,
      db.QueryInt("SELECT count(*) FROM pragma_foreign_key_check"));
  if (broken > 0) {
    return absl::DataLossError(
        absl::StrCat(db.path(), ": ", broken, " rows belong to no other after ",
                     "migration ", migration.version, "; it was undone"));
  }
  ATTUNE_RETURN_IF_ERROR(
      db.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId,
                              "; PRAGMA user_version = ", migration.version)));
  return transaction.Commit();
}

}  // namespace

absl::StatusOr<int64_t> SchemaVersion(Database& db,
                                      absl::Span<const Migration> migrations) {
  ATTUNE_CHECK(!migrations.empty());
  ATTUNE_ASSIGN_OR_RETURN(const int64_t application,
                          db.QueryInt("PRAGMA application_id"));
  ATTUNE_ASSIGN_OR_RETURN(const int64_t version,
                          db.QueryInt("PRAGMA user_version"));
  ATTUNE_ASSIGN_OR_RETURN(const int64_t tables,
                          db.QueryInt("SELECT count(*) FROM sqlite_master"));
  if (application == 0 && version == 0 && tables == 0) return 0;
  if (application != kApplicationId) {
    return Refuse(absl::StrCat(
        db.path(), " is a SQLite database of another program: its ",
        "application_id is ", application, ", that of Attune's is ",
        kApplicationId, "; choose another file"));
  }
  const int64_t newest = migrations.back().version;
  if (version > newest) {
    return Refuse(absl::StrCat(
        db.path(), " was written by a newer Attune: its schema has version ",
        version, ", this program knows versions up to ", newest));
  }
  return version;
}

absl::Status Migrate(Database& db, absl::Span<const Migration> migrations) {
  ATTUNE_ASSIGN_OR_RETURN(const int64_t version, SchemaVersion(db, migrations));
  if (version >= migrations.back().version) return absl::OkStatus();
  ATTUNE_ASSIGN_OR_RETURN(const int64_t keys,
                          db.QueryInt("PRAGMA foreign_keys"));
  // A table that is made anew is dropped on the way, and what belongs to its
  // rows must not go with it. Within a transaction this cannot be switched.
  ATTUNE_RETURN_IF_ERROR(db.Execute("PRAGMA foreign_keys = OFF"));
  absl::Status status;
  for (const Migration& migration : migrations) {
    if (!status.ok()) break;
    if (migration.version > version) status = Apply(db, migrations, migration);
  }
  status.Update(db.Execute(absl::StrCat("PRAGMA foreign_keys = ", keys)));
  return status;
}

}  // namespace attune
