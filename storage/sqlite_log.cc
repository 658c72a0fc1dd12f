#include "storage/sqlite_log.h"

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>

namespace attune {
namespace {

// SQLite writes no more in one call, and takes a multiple of the next number
// for a full disk.
constexpr size_t kMostGathered = 0x1ffff;

// Stands in for the methods of one file, with what is held back. SQLite knows
// its first member only.
struct GatheredLog {
  sqlite3_io_methods methods = {};
  const sqlite3_io_methods* file_methods = nullptr;
  std::string gathered;
  sqlite3_int64 offset = 0;  // of the first byte of `gathered`

  sqlite3_int64 End() const {
    return offset + static_cast<sqlite3_int64>(gathered.size());
  }
};

static_assert(std::is_standard_layout_v<GatheredLog>);

GatheredLog& LogOf(sqlite3_file* file) {
  return *reinterpret_cast<GatheredLog*>(
      const_cast<sqlite3_io_methods*>(file->pMethods));
}

int WriteGathered(sqlite3_file* file) {
  GatheredLog& log = LogOf(file);
  if (log.gathered.empty()) return SQLITE_OK;
  const int code = log.file_methods->xWrite(
      file, log.gathered.data(), static_cast<int>(log.gathered.size()),
      log.offset);
  // If it failed so does the commit, whose place the next one takes.
  log.gathered.clear();
  return code;
}

int Write(sqlite3_file* file, const void* bytes, int size,
          sqlite3_int64 offset) {
  GatheredLog& log = LogOf(file);
  if (offset != log.End() ||
      log.gathered.size() + static_cast<size_t>(size) > kMostGathered) {
    if (const int code = WriteGathered(file); code != SQLITE_OK) return code;
    log.offset = offset;
  }
  log.gathered.append(static_cast<const char*>(bytes),
                      static_cast<size_t>(size));
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  if (const int code = WriteGathered(file); code != SQLITE_OK) return code;
  return LogOf(file).file_methods->xRead(file, bytes, size, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (const int code = WriteGathered(file); code != SQLITE_OK) return code;
  return LogOf(file).file_methods->xTruncate(file, size);
}

int Sync(sqlite3_file* file, int flags) {
  if (const int code = WriteGathered(file); code != SQLITE_OK) return code;
  return LogOf(file).file_methods->xSync(file, flags);
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  if (const int code = WriteGathered(file); code != SQLITE_OK) return code;
  return LogOf(file).file_methods->xFileSize(file, size);
}

int Close(sqlite3_file* file) {
  const int written = WriteGathered(file);
  const std::unique_ptr<GatheredLog> log(&LogOf(file));
  file->pMethods = log->file_methods;
  const int closed = file->pMethods->xClose(file);
  return closed == SQLITE_OK ? written : closed;
}

}  // namespace

void GatherLogWrites(sqlite3_file* log) {
  auto gathered = std::make_unique<GatheredLog>();
  gathered->methods = *log->pMethods;
  gathered->file_methods = log->pMethods;
  // The first version has no maps of a file that would go past these.
  gathered->methods.iVersion = 1;
  gathered->methods.xClose = &Close;
  gathered->methods.xRead = &Read;
  gathered->methods.xWrite = &Write;
  gathered->methods.xTruncate = &Truncate;
  gathered->methods.xSync = &Sync;
  gathered->methods.xFileSize = &FileSize;
  log->pMethods = &gathered.release()->methods;  // Close() takes it back
}

}  // namespace attune
