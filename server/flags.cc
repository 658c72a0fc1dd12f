#include "server/flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/exit_code.h"
#include "core/usage.h"
#include "core/version.h"
#include "server/listen.h"

namespace attune {
namespace {

constexpr char kExamples[] = R"(Examples:
  attuned
      serves attune.db of this directory on 127.0.0.1:7070
  attuned --db /var/lib/attune/attune.db --listen 0.0.0.0:7070
      serves other machines too
  attuned --listen unix:/run/attune.sock --listen 127.0.0.1:0
      a Unix socket, and a free port that the log names
  attuned --db attune.db --read-only --listen 127.0.0.1:0
      looks at a database without changing it

Exit codes: 0 stopped by SIGTERM or SIGINT, 1 failed, 2 wrong usage.)";

std::string CheckDuration(const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= absl::Seconds(1) &&
      duration <= absl::Hours(24)) {
    return "";
  }
  return absl::StrCat("found `", text, "`, expected 1s to 24h, e.g. 60s");
}

std::string CheckLevel(const std::string& text) {
  LogLevel level = LogLevel::kInfo;
  if (ParseLogLevel(text, level)) return "";
  return absl::StrCat("found `", text,
                      "`, expected debug, info, warning or error");
}

}  // namespace

std::variant<AttunedFlags, int> ParseFlags(int argc, char** argv) {
  AttunedFlags flags;
  std::string lease = "60s";
  std::string level = "info";
  CLI::App app(
      "The coordinator of Attune: hands out trials and keeps what "
      "becomes of them.",
      "attuned");
  app.option_defaults()->disable_flag_override();
  app.footer(kExamples);
  app.set_version_flag("--version",
                       absl::StrCat("attuned ", std::string(Version())));
  app.add_option("--db", flags.server.database, "the database file")
      ->type_name("FILE")
      ->check(CheckNotEmpty)
      ->envname("ATTUNE_DB")
      ->capture_default_str();
  app.add_option("--listen", flags.server.listen,
                 "host:port (port 0: a free one) or unix:PATH; may be repeated")
      ->type_name("ADDR")
      ->check(CheckNotEmpty)
      ->take_all()
      ->expected(1)
      ->default_str("127.0.0.1:7070");
  app.add_option("--lease-duration", lease,
                 "how long a worker may be silent before its trial is given "
                 "to another")
      ->type_name("TIME")
      ->check(CheckDuration)
      ->capture_default_str();
  app.add_flag("--read-only", flags.server.read_only,
               "serve the reading calls only, from a database that another "
               "may use");
  app.add_option("--log-level", level, "debug, info, warning or error")
      ->type_name("LEVEL")
      ->check(CheckLevel)
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);
      return exit_code::kDone;
    }
    std::fputs(ExplainUsage(app, error).c_str(), stderr);
    return exit_code::kWrongUsage;
  }
  // Both were checked above.
  absl::ParseDuration(lease, &flags.server.lease_duration);
  ParseLogLevel(level, flags.log_level);
  return flags;
}

}  // namespace attune
