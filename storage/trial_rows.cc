#include "storage/trial_rows.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/overloaded.h"
#include "core/status_macros.h"
#include "storage/storage_errors.h"
#include "storage/value_json.h"

namespace attune {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

constexpr char kInsertTrial[] =
    "INSERT INTO trials (study, number, revision, state, parameters, tag,"
    " seen_revision, attempt, lost, lease_worker, lease_deadline,"
    " stop_requested, objective, more_objectives, reason, cause, message,"
    " create_time, start_time, end_time, attributes, request_id, retry_of,"
    " change)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
    " ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)";
constexpr char kUpdateTrial[] =
    "UPDATE trials SET revision = ?3, state = ?4, parameters = ?5, tag = ?6,"
    " seen_revision = ?7, attempt = ?8, lost = ?9, lease_worker = ?10,"
    " lease_deadline = ?11, stop_requested = ?12, objective = ?13,"
    " more_objectives = ?14, reason = ?15, cause = ?16, message = ?17,"
    " create_time = ?18, start_time = ?19, end_time = ?20, attributes = ?21,"
    " request_id = ?22, retry_of = ?23, change = ?24"
    " WHERE study = ?1 AND number = ?2 AND revision = ?3 - 1";
constexpr char kTrialRevision[] =
    "SELECT revision FROM trials WHERE study = ?1 AND number = ?2";

// Attempts that did not change are looked up and not written.
constexpr char kUpsertAttempt[] =
    "INSERT INTO attempts (study, trial, number, worker, start_time, end_time,"
    " outcome, request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT DO UPDATE SET worker = ?4, start_time = ?5, end_time = ?6,"
    " outcome = ?7, request_id = ?8 WHERE worker IS NOT ?4 OR start_time IS "
    "NOT ?5"
    " OR end_time IS NOT ?6 OR outcome IS NOT ?7 OR request_id IS NOT ?8";
constexpr char kSelectAttempts[] =
    "SELECT number, worker, start_time, end_time, outcome, request_id, trial"
    " FROM attempts WHERE study = ?1 AND trial BETWEEN ?2 AND ?3"
    " ORDER BY trial, number";

#define ATTUNE_SELECT_TRIALS                                                 \
  "SELECT number, revision, state, parameters, tag, seen_revision, attempt," \
  " lost, lease_worker, lease_deadline, stop_requested, objective,"          \
  " more_objectives, reason, cause, message, create_time, start_time,"       \
  " end_time, attributes, request_id, retry_of, change FROM trials "
// ?1 study, ?2 and ?3 the lowest and highest number, ?4 limit, ?5 states.
constexpr char kTrialsByNumber[] = ATTUNE_SELECT_TRIALS
    "WHERE study = ?1 AND number BETWEEN ?2 AND ?3 ORDER BY number LIMIT ?4";
constexpr char kTrialsByState[] = ATTUNE_SELECT_TRIALS
    "WHERE study = ?1 AND number BETWEEN ?2 AND ?3"
    " AND state IN (SELECT value FROM json_each(?5)) ORDER BY number LIMIT ?4";
constexpr char kTrialsAscending[] = ATTUNE_SELECT_TRIALS
    "INDEXED BY trials_by_objective"
    " WHERE study = ?1 AND state = 'completed' AND number BETWEEN ?2 AND ?3"
    " ORDER BY objective, number LIMIT ?4";
constexpr char kTrialsDescending[] = ATTUNE_SELECT_TRIALS
    "INDEXED BY trials_by_objective"
    " WHERE study = ?1 AND state = 'completed' AND number BETWEEN ?2 AND ?3"
    " ORDER BY objective DESC, number LIMIT ?4";
// ?1 study, ?2 the change before the first, ?3 limit.
constexpr char kTrialsByChange[] = ATTUNE_SELECT_TRIALS
    "INDEXED BY trials_by_change WHERE study = ?1 AND change > ?2"
    " ORDER BY change LIMIT ?3";
#undef ATTUNE_SELECT_TRIALS

constexpr char kFirstGoal[] =
    "SELECT goal = 'maximize' FROM objectives WHERE study = ?1"
    " AND position = 0";
constexpr char kCounts[] =
    "SELECT state, count(*) FROM trials WHERE study = ?1 GROUP BY state";
absl::Status Unreadable(TrialId id, absl::string_view problem) {
  return absl::DataLossError(
      absl::StrCat("table trials, row of ", ResourceName(id), ": ", problem));
}

// What the variant says, as columns. Views into the trial.
struct StateColumns {
  std::optional<int> lost;
  std::optional<absl::string_view> lease_worker;
  std::optional<absl::Time> lease_deadline;
  std::optional<absl::string_view> stop_requested;
  std::optional<double> objective;
  std::optional<std::string> more_objectives;
  std::optional<absl::string_view> reason;
  std::optional<absl::string_view> cause;
  std::optional<absl::string_view> message;
};

void SetObjectives(const std::vector<double>& objectives,
                   StateColumns& columns) {
  if (objectives.empty()) return;  // the schema refuses it
  columns.objective = objectives.front();
  if (objectives.size() > 1) {
    columns.more_objectives = ValuesToJson(
        std::vector<ParameterValue>(objectives.begin() + 1, objectives.end()));
  }
}

StateColumns ColumnsOf(const TrialState& state) {
  StateColumns columns;
  std::visit(
      Overloaded{[&](const Waiting& waiting) { columns.lost = waiting.lost; },
                 [&](const Running& running) {
                   columns.lost = running.lost;
                   columns.lease_worker = running.lease.worker.value;
                   columns.lease_deadline = running.lease.deadline;
                   columns.stop_requested = running.stop_requested;
                 },
                 [&](const Completed& completed) {
                   SetObjectives(completed.objectives, columns);
                 },
                 [&](const Failed& failed) {
                   columns.cause = failed.cause;
                   columns.message = failed.message;
                 },
                 // Pruned, Infeasible, Cancelled.
                 [&](const auto& ended) { columns.reason = ended.reason; }},
      state);
  return columns;
}

absl::Status WriteTrialRow(Database& db, const Trial& trial) {
  const bool is_new = trial.revision == 1;
  ATTUNE_ASSIGN_OR_RETURN(Statement write,
                          db.Prepare(is_new ? kInsertTrial : kUpdateTrial));
  const StateColumns columns = ColumnsOf(trial.state);
  write.Bind(trial.id.study.value, trial.id.number, trial.revision,
             StateName(trial.state), ParametersToJson(trial.parameters),
             trial.tag, trial.seen_revision, LastAttempt(trial.state),
             columns.lost, columns.lease_worker, columns.lease_deadline,
             columns.stop_requested, columns.objective, columns.more_objectives,
             columns.reason, columns.cause, columns.message, trial.create_time,
             trial.start_time, trial.end_time,
             AttributesToJson(trial.attributes), trial.request_id,
             trial.retry_of, trial.change);
  return write.Run();
}

absl::Status WrongRevision(Database& db, const Trial& trial) {
  ATTUNE_ASSIGN_OR_RETURN(Statement select, db.Prepare(kTrialRevision));
  select.Bind(trial.id.study.value, trial.id.number);
  ATTUNE_ASSIGN_OR_RETURN(const bool found, select.Step());
  return RevisionMismatch(ResourceName(trial.id), found ? select.Int(0) : 0,
                          trial.revision);
}

absl::Status WriteAttempt(Database& db, TrialId trial, const Attempt& attempt) {
  ATTUNE_ASSIGN_OR_RETURN(Statement upsert, db.Prepare(kUpsertAttempt));
  upsert.Bind(trial.study.value, trial.number, attempt.number,
              attempt.worker.value, attempt.start_time, attempt.end_time,
              attempt.outcome, attempt.request_id);
  return upsert.Run();
}

// Whether `columns` of the present row have what a state needs.
bool AllPresent(const Statement& row, std::initializer_list<int> columns) {
  return std::none_of(columns.begin(), columns.end(),
                      [&](int column) { return row.IsNull(column); });
}

absl::StatusOr<std::vector<double>> DecodeObjectives(const Statement& row) {
  std::vector<double> objectives = {row.Real(11)};
  if (row.IsNull(12)) return objectives;
  ATTUNE_ASSIGN_OR_RETURN(const auto values, ValuesFromJson(row.Text(12)));
  for (const ParameterValue& value : values) {
    const std::optional<double> number = AsDouble(value);
    if (!number.has_value()) {
      return absl::DataLossError(absl::StrCat(
          "found objective ", ToString(value), ", expected a number"));
    }
    objectives.push_back(*number);
  }
  return objectives;
}

absl::StatusOr<TrialState> DecodeState(const Statement& row) {
  const absl::string_view state = row.Text(2);
  const int attempt = static_cast<int>(row.Int(6));
  const int lost = static_cast<int>(row.Int(7));
  if (state == "waiting" && AllPresent(row, {7})) {
    return Waiting{.attempt = attempt, .lost = lost};
  }
  if (state == "running" && AllPresent(row, {7, 8, 9})) {
    return Running{.lease = {.worker = {row.String(8)},
                             .attempt = attempt,
                             .deadline = row.Time(9)},
                   .lost = lost,
                   .stop_requested = row.OptionalString(10)};
  }
  if (state == "completed" && AllPresent(row, {11})) {
    ATTUNE_ASSIGN_OR_RETURN(std::vector<double> objectives,
                            DecodeObjectives(row));
    return Completed{.attempt = attempt, .objectives = std::move(objectives)};
  }
  if (state == "failed" && AllPresent(row, {14, 15})) {
    return Failed{
        .attempt = attempt, .cause = row.String(14), .message = row.String(15)};
  }
  if (AllPresent(row, {13})) {
    if (state == "pruned") return Pruned{attempt, row.String(13)};
    if (state == "infeasible") return Infeasible{attempt, row.String(13)};
    if (state == "cancelled") return Cancelled{attempt, row.String(13)};
  }
  return absl::DataLossError(absl::StrCat(
      "found the state '", state, "', expected one of Attune's with its data"));
}

absl::StatusOr<Trial> DecodeTrial(const Statement& row, StudyId study) {
  Trial trial;
  trial.id = {.study = study, .number = row.Int(0)};
  trial.revision = row.Int(1);
  absl::StatusOr<TrialState> state = DecodeState(row);
  if (!state.ok()) return Unreadable(trial.id, state.status().message());
  trial.state = *std::move(state);
  absl::StatusOr<Parameters> parameters = ParametersFromJson(row.Text(3));
  if (!parameters.ok()) {
    return Unreadable(
        trial.id, absl::StrCat("parameters: ", parameters.status().message()));
  }
  trial.parameters = *std::move(parameters);
  absl::StatusOr<Attributes> attributes = AttributesFromJson(row.Text(19));
  if (!attributes.ok()) {
    return Unreadable(
        trial.id, absl::StrCat("attributes: ", attributes.status().message()));
  }
  trial.attributes = *std::move(attributes);
  trial.request_id = row.String(20);
  trial.retry_of = row.OptionalInt(21);
  trial.change = row.Int(22);
  trial.tag = row.String(4);
  trial.seen_revision = row.Int(5);
  trial.create_time = row.Time(16);
  trial.start_time = row.OptionalTime(17);
  trial.end_time = row.OptionalTime(18);
  return trial;
}

// Gives `trials`, whose numbers follow one another, their attempts.
absl::Status ReadAttempts(Database& db, absl::Span<Trial> trials) {
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(kSelectAttempts));
  const TrialId first = trials.front().id;
  rows.Bind(first.study.value, first.number, trials.back().id.number);
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    Trial& trial = trials[static_cast<size_t>(rows.Int(6) - first.number)];
    trial.attempts.push_back({.number = static_cast<int>(rows.Int(0)),
                              .worker = {rows.String(1)},
                              .start_time = rows.Time(2),
                              .end_time = rows.OptionalTime(3),
                              .outcome = rows.String(4),
                              .request_id = rows.String(5)});
  }
}

// In their order, numbers that follow one another as one range.
absl::Status ReadAllAttempts(Database& db, std::vector<Trial>& trials) {
  for (size_t begin = 0; begin < trials.size();) {
    size_t end = begin + 1;
    while (end < trials.size() &&
           trials[end].id.number == trials[end - 1].id.number + 1) {
      ++end;
    }
    ATTUNE_RETURN_IF_ERROR(
        ReadAttempts(db, absl::MakeSpan(trials).subspan(begin, end - begin)));
    begin = end;
  }
  return absl::OkStatus();
}

// The states that `filter` lets pass; nullopt: all.
std::optional<std::vector<ParameterValue>> AllowedStates(
    const TrialFilter& filter) {
  if (filter.states.empty() && !filter.finished.has_value()) {
    return std::nullopt;
  }
  std::vector<ParameterValue> allowed;
  for (const std::string& name : TrialStateNames()) {
    const bool finished = IsFinished(*StateNamed(name));
    const bool is_named = std::find(filter.states.begin(), filter.states.end(),
                                    name) != filter.states.end();
    if (filter.finished.value_or(finished) == finished &&
        (filter.states.empty() || is_named)) {
      allowed.emplace_back(name);
    }
  }
  return allowed;
}

// nullptr: no trial fits the filter.
absl::StatusOr<const char*> BestFirstSql(
    Database& db, StudyId study,
    const std::optional<std::vector<ParameterValue>>& states) {
  const ParameterValue completed = std::string("completed");
  if (states.has_value() &&
      std::find(states->begin(), states->end(), completed) == states->end()) {
    return nullptr;
  }
  ATTUNE_ASSIGN_OR_RETURN(Statement goal, db.Prepare(kFirstGoal));
  goal.Bind(study.value);
  ATTUNE_ASSIGN_OR_RETURN(const bool found, goal.Step());
  if (!found) return nullptr;  // no such study
  return goal.Int(0) != 0 ? kTrialsDescending : kTrialsAscending;
}

// The statement that selects what `filter` asks for, bound; nullopt: nothing
// fits.
absl::StatusOr<std::optional<Statement>> SelectTrials(
    Database& db, const TrialFilter& filter) {
  if (filter.order == TrialOrder::kByChange) {
    ATTUNE_ASSIGN_OR_RETURN(Statement select, db.Prepare(kTrialsByChange));
    select.Bind(filter.study.value, filter.after_change,
                filter.limit > 0 ? filter.limit : -1);
    return std::optional<Statement>(std::move(select));
  }
  const auto states = AllowedStates(filter);
  const char* sql = states.has_value() ? kTrialsByState : kTrialsByNumber;
  if (filter.order == TrialOrder::kBestFirst) {
    ATTUNE_ASSIGN_OR_RETURN(sql, BestFirstSql(db, filter.study, states));
  }
  if (sql == nullptr || filter.after_number == kMax) return std::nullopt;
  const int64_t lowest =
      std::max(filter.after_number + 1, filter.number.value_or(0));
  const int64_t limit = filter.limit > 0 ? filter.limit : -1;
  ATTUNE_ASSIGN_OR_RETURN(Statement select, db.Prepare(sql));
  if (sql == kTrialsByState) {
    select.Bind(filter.study.value, lowest, filter.number.value_or(kMax), limit,
                ValuesToJson(*states));
  } else {
    select.Bind(filter.study.value, lowest, filter.number.value_or(kMax),
                limit);
  }
  return std::optional<Statement>(std::move(select));
}

}  // namespace

absl::Status WriteTrial(Database& db, const Trial& trial) {
  const absl::Status status = WriteTrialRow(db, trial);
  if (WhichRule(status) == BrokenRule::kForeignKey) {
    return NoOwner(ResourceName(trial.id), ResourceName(trial.id.study));
  }
  const bool unexpected = WhichRule(status) == BrokenRule::kPrimaryKey ||
                          (status.ok() && db.changes() == 0);
  if (unexpected) return WrongRevision(db, trial);
  if (!status.ok()) {
    return Annotate(status, absl::StrCat("storing ", ResourceName(trial.id)));
  }
  for (const Attempt& attempt : trial.attempts) {
    const absl::Status written = WriteAttempt(db, trial.id, attempt);
    if (!written.ok()) {
      return Annotate(written, absl::StrCat("storing attempt ", attempt.number,
                                            " of ", ResourceName(trial.id)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Trial>> ReadTrials(Database& db,
                                              const TrialFilter& filter) {
  std::vector<Trial> trials;
  ATTUNE_ASSIGN_OR_RETURN(std::optional<Statement> rows,
                          SelectTrials(db, filter));
  while (rows.has_value()) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows->Step());
    if (!more) break;
    ATTUNE_ASSIGN_OR_RETURN(Trial trial, DecodeTrial(*rows, filter.study));
    trials.push_back(std::move(trial));
  }
  ATTUNE_RETURN_IF_ERROR(ReadAllAttempts(db, trials));
  return trials;
}

absl::StatusOr<StateCounts> ReadCounts(Database& db, StudyId study) {
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(kCounts));
  rows.Bind(study.value);
  StateCounts counts;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return counts;
    counts[rows.String(0)] = rows.Int(1);
  }
}

}  // namespace attune
