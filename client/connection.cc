#include "client/connection.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/clock.h"
#include "core/database_lock.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

// Sockets of this machine first.
std::string BestAddress(const std::vector<std::string>& addresses) {
  const auto local = std::find_if(
      addresses.begin(), addresses.end(),
      [](const std::string& a) { return absl::StartsWith(a, "unix:"); });
  return local != addresses.end() ? *local : addresses.front();
}

// The address of the coordinator that serves `database`; empty if none does.
// One that is just starting gets some time to say where it listens.
absl::StatusOr<std::string> FindHolder(
    const std::string& database, const std::function<bool()>& interrupted) {
  constexpr absl::Duration kPatience = absl::Seconds(20);
  constexpr absl::Duration kPause = absl::Milliseconds(20);
  SteadyClock clock;
  const absl::Time deadline = clock.Now() + kPatience;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const std::optional<DatabaseHolder> holder,
                            ReadDatabaseLock(database));
    if (!holder.has_value()) return std::string();
    if (!holder->addresses.empty()) return BestAddress(holder->addresses);
    if (clock.Now() >= deadline) {
      return absl::UnavailableError(
          absl::StrCat("process ", holder->pid, " holds the lock of ", database,
                       " but does not say where it listens"));
    }
    if (interrupted && interrupted()) {
      return absl::CancelledError("stopped while the coordinator was starting");
    }
    clock.SleepUntil(clock.Now() + kPause, std::stop_token());
  }
}

// A coordinator of our own, whose log replaces that of the time before. It does
// not if it fails to start, as beside a file that is no database.
absl::StatusOr<std::unique_ptr<LocalCoordinator>> StartOwn(
    const LocalCoordinatorOptions& options) {
  namespace fs = std::filesystem;
  const std::string& log = options.log_path;
  const std::string before = log + ".1";
  std::error_code error;
  // That of the last time is still there when this one is not understood.
  const bool renamed = !log.empty() && fs::exists(log, error) &&
                       (fs::rename(log, before, error), !error);
  const bool is_new = !log.empty() && !fs::exists(log, error);
  absl::StatusOr<std::unique_ptr<LocalCoordinator>> own =
      LocalCoordinator::Start(options);
  if (own.ok() || !is_new) return own;
  fs::remove(log, error);
  if (renamed) fs::rename(before, log, error);
  return own;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(
    const ConnectionOptions& options, Use use, const std::string& log_path,
    const std::function<bool()>& interrupted) {
  if (!options.server.empty()) {
    std::unique_ptr<Connection> connection(new Connection(options.server));
    connection->client_ = std::make_unique<StudyClient>(options.server);
    return connection;
  }
  std::unique_ptr<Connection> connection(new Connection(options.database));
  ATTUNE_ASSIGN_OR_RETURN(std::string address,
                          FindHolder(options.database, interrupted));
  if (address.empty()) {
    std::error_code error;
    if (use != Use::kCreate &&
        !std::filesystem::exists(options.database, error)) {
      return absl::NotFoundError(absl::StrCat(
          "there is no database ", options.database,
          "; --db names another, --server a coordinator, and `attune run "
          "STUDY.yaml` starts afresh"));
    }
    const std::filesystem::path folder =
        std::filesystem::path(options.database).parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder, error)) {
      return absl::NotFoundError(
          absl::StrCat("cannot create the database ", options.database,
                       ": there is no directory ", folder.string()));
    }
    ATTUNE_ASSIGN_OR_RETURN(const std::string program, FindProgram("attuned"));
    ATTUNE_ASSIGN_OR_RETURN(connection->own_,
                            StartOwn({.program = program,
                                      .database = options.database,
                                      .read_only = use == Use::kRead,
                                      .log_path = log_path,
                                      .interrupted = interrupted}));
    address = connection->own_->address();
  }
  connection->client_ = std::make_unique<StudyClient>(address);
  return connection;
}

absl::StatusOr<std::string> ChooseStudy(const std::string& asked,
                                        const std::vector<std::string>& names,
                                        absl::string_view place,
                                        absl::string_view how) {
  if (!asked.empty()) {
    if (std::find(names.begin(), names.end(), asked) != names.end()) {
      return asked;
    }
    const std::string nearest = NearestName(asked, names);
    return absl::NotFoundError(absl::StrCat(
        "there is no study `", asked, "` in ", place,
        nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"),
        nearest.empty() && !names.empty()
            ? absl::StrCat("; there is ", absl::StrJoin(names, ", "))
            : ""));
  }
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no study in ", place));
  }
  if (names.size() > 1) {
    return absl::NotFoundError(absl::StrCat("there are ", names.size(),
                                            " studies in ", place, ", ", how,
                                            ": ", absl::StrJoin(names, ", ")));
  }
  return names[0];
}

absl::StatusOr<std::string> ChooseStudy(const std::string& asked,
                                        Connection& connection,
                                        absl::string_view how) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<pb::Study> studies,
                          connection.client().ListStudies());
  std::vector<std::string> names;
  for (const pb::Study& study : studies) {
    ATTUNE_ASSIGN_OR_RETURN(std::string name, ParseStudyName(study.name()));
    names.push_back(std::move(name));
  }
  return ChooseStudy(asked, names, connection.place(), how);
}

}  // namespace attune
