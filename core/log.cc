#include "core/log.h"

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace attune {
namespace {

// The one thing in Attune that a process has once: its standard error.
struct ProcessLog {
  ProcessLog()
      : logger("attune", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_pattern("%v");
    logger.flush_on(spdlog::level::trace);
  }
  spdlog::logger logger;
  std::string program;
};

// Never destroyed, so that a thread may log while the process ends.
ProcessLog& Process() {
  static auto* const process = new ProcessLog;
  return *process;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

absl::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

void AppendField(absl::string_view key, absl::string_view value,
                 std::string& line) {
  const bool quoted =
      value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
        const auto letter = static_cast<unsigned char>(c);
        return c == ' ' || c == '"' || c == '\\' || c == '=' ||
               absl::ascii_iscntrl(letter);
      });
  if (!line.empty()) line += ' ';
  if (quoted) {
    absl::StrAppend(&line, key, "=\"", absl::Utf8SafeCEscape(value), "\"");
  } else {
    absl::StrAppend(&line, key, "=", value);
  }
}

}  // namespace

void Log(LogLevel level, absl::string_view event,
         std::initializer_list<LogField> fields) {
  ProcessLog& process = Process();
  if (!process.logger.should_log(ToSpdlog(level))) return;
  std::string line;
  AppendField("time",
              absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(),
                               absl::UTCTimeZone()),
              line);
  AppendField("level", Name(level), line);
  if (!process.program.empty()) AppendField("program", process.program, line);
  AppendField("event", event, line);
  for (const auto& [key, value] : fields) AppendField(key, value, line);
  process.logger.log(ToSpdlog(level),
                     spdlog::string_view_t(line.data(), line.size()));
}

void InitLog(absl::string_view program, LogLevel lowest) {
  Process().program = std::string(program);
  Process().logger.set_level(ToSpdlog(lowest));
}

void MuteLog() { Process().logger.set_level(spdlog::level::off); }

bool ParseLogLevel(absl::string_view word, LogLevel& level) {
  for (const LogLevel candidate : {LogLevel::kDebug, LogLevel::kInfo,
                                   LogLevel::kWarning, LogLevel::kError}) {
    if (word == Name(candidate)) {
      level = candidate;
      return true;
    }
  }
  return false;
}

}  // namespace attune
