#ifndef ATTUNE_STORAGE_SQLITE_LOG_H_
#define ATTUNE_STORAGE_SQLITE_LOG_H_

struct sqlite3_file;

namespace attune {

// From now on what SQLite appends to `log`, its open write-ahead log, is held
// back and written in one piece when SQLite syncs it, instead of in two for
// each page. What the sync does not return OK for may be lost, as before; but
// now an error of a write is an error of that sync. Ends with the file.
// REQUIRES: the connection syncs its log with each commit (synchronous=FULL),
// before others are told of what is in it.
void GatherLogWrites(sqlite3_file* log);

}  // namespace attune

#endif  // ATTUNE_STORAGE_SQLITE_LOG_H_
