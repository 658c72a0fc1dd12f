#ifndef ATTUNE_CORE_LOG_H_
#define ATTUNE_CORE_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace attune {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// A field of an event. Values with spaces, quotes or control characters are
// quoted and escaped when they are written.
using LogField = std::pair<absl::string_view, std::string>;

// One event a line on stderr, `key=value`:
//   time=2026-01-02T03:04:05.678Z level=info program=attuned event=listening
//   address=127.0.0.1:7070
// Thread-safe. Events below the level are dropped.
void Log(LogLevel level, absl::string_view event,
         std::initializer_list<LogField> fields = {});

// Sets the program's name and the lowest level that is written. Call it once,
// before there are threads.
void InitLog(absl::string_view program, LogLevel lowest);

// From now on nothing is written, until InitLog(): for tests of thousands of
// failures.
void MuteLog();

// Of "debug", "info", "warning", "error"; false for any other word.
bool ParseLogLevel(absl::string_view word, LogLevel& level);

}  // namespace attune

#endif  // ATTUNE_CORE_LOG_H_
