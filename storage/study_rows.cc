#include "storage/study_rows.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/overloaded.h"
#include "core/rule.h"
#include "core/status_macros.h"
#include "storage/space_rows.h"
#include "storage/storage_errors.h"
#include "storage/value_json.h"

namespace attune {
namespace {

constexpr char kInsertStudy[] =
    "INSERT INTO studies (id, revision, state, state_reason, update_time, name,"
    " algorithm, algorithm_settings, stopping, stopping_settings,"
    " stopping_metric, stopping_goal, max_trials, max_parallel, max_duration,"
    " task, function_name, max_attempts, seed, create_time, max_failed,"
    " attributes, change) VALUES"
    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,"
    " ?17, ?18, ?19, ?20, ?21, ?22, ?23)";
constexpr char kUpdateStudy[] =
    "UPDATE studies SET revision = ?2, state = ?3, state_reason = ?4,"
    " update_time = ?5, name = ?6, algorithm = ?7, algorithm_settings = ?8,"
    " stopping = ?9, stopping_settings = ?10,"
    " stopping_metric = ?11, stopping_goal = ?12, max_trials = ?13,"
    " max_parallel = ?14, max_duration = ?15, task = ?16, function_name = ?17,"
    " max_attempts = ?18, seed = ?19, create_time = ?20, max_failed = ?21,"
    " attributes = ?22, change = ?23"
    " WHERE id = ?1 AND revision = ?2 - 1";
constexpr char kUpdateState[] =
    "UPDATE studies SET revision = ?2, state = ?3, state_reason = ?4,"
    " update_time = ?5, create_time = ?6, attributes = ?7,"
    " change = ?8"
    " WHERE id = ?1 AND revision = ?2 - 1";
constexpr char kStudyRevision[] = "SELECT revision FROM studies WHERE id = ?1";
constexpr char kDeleteStudy[] = "DELETE FROM studies WHERE id = ?1";
constexpr char kDeleteObjectives[] = "DELETE FROM objectives WHERE study = ?1";
constexpr char kInsertObjective[] =
    "INSERT INTO objectives (study, position, metric, goal)"
    " VALUES (?1, ?2, ?3, ?4)";
constexpr char kSelectObjectives[] =
    "SELECT metric, goal FROM objectives WHERE study = ?1 ORDER BY position";
constexpr char kDeleteSettings[] =
    "DELETE FROM train_settings WHERE study = ?1";
constexpr char kInsertSetting[] =
    "INSERT INTO train_settings (study, name, value) VALUES (?1, ?2, ?3)";
constexpr char kSelectSettings[] =
    "SELECT name, value FROM train_settings WHERE study = ?1";

#define ATTUNE_SELECT_STUDIES                                                \
  "SELECT id, revision, state, state_reason, update_time, name, algorithm,"  \
  " algorithm_settings, stopping, stopping_settings, stopping_metric,"       \
  " stopping_goal, max_trials, max_parallel, max_duration, task,"            \
  " function_name, max_attempts, seed, create_time, max_failed, attributes," \
  " change"                                                                  \
  " FROM studies "
constexpr char kStudies[] =
    ATTUNE_SELECT_STUDIES "WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3";
constexpr char kStudyByName[] = ATTUNE_SELECT_STUDIES
    "WHERE id BETWEEN ?1 AND ?2 AND name = ?4 ORDER BY id LIMIT ?3";
#undef ATTUNE_SELECT_STUDIES

absl::string_view TaskName(const Task& task) {
  return std::visit(Overloaded{[](std::monostate) { return "none"; },
                               [](const NetworkTask&) { return "network"; },
                               [](const FunctionTask&) { return "function"; }},
                    task);
}

absl::Status WriteStudyRow(Database& db, const Study& study, const char* sql) {
  const StudySpec& spec = study.spec;
  const auto* function = std::get_if<FunctionTask>(&spec.task);
  std::optional<absl::string_view> metric;
  std::optional<absl::string_view> goal;
  if (spec.stopping.metric.has_value()) {
    metric = spec.stopping.metric->metric;
    goal = ToString(spec.stopping.metric->goal);
  }
  std::optional<int64_t> max_duration;
  if (spec.budget.max_duration.has_value()) {
    max_duration = ToMicros(*spec.budget.max_duration);
  }
  std::optional<absl::string_view> function_name;
  if (function != nullptr) function_name = function->name;
  ATTUNE_ASSIGN_OR_RETURN(Statement write, db.Prepare(sql));
  write.Bind(study.id.value, study.revision, ToString(study.state),
             study.state_reason, study.update_time, spec.name,
             spec.algorithm.name, ParametersToJson(spec.algorithm.settings),
             spec.stopping.name, ParametersToJson(spec.stopping.settings),
             metric, goal, spec.budget.max_trials, spec.budget.max_parallel,
             max_duration, TaskName(spec.task), function_name,
             spec.max_attempts, spec.seed, study.create_time,
             spec.budget.max_failed, AttributesToJson(study.attributes),
             study.change);
  return write.Run();
}

absl::Status WriteState(Database& db, const Study& study) {
  ATTUNE_ASSIGN_OR_RETURN(Statement write, db.Prepare(kUpdateState));
  write.Bind(study.id.value, study.revision, ToString(study.state),
             study.state_reason, study.update_time, study.create_time,
             AttributesToJson(study.attributes), study.change);
  return write.Run();
}

absl::Status DeleteOf(Database& db, const char* sql, StudyId id) {
  ATTUNE_ASSIGN_OR_RETURN(Statement statement, db.Prepare(sql));
  return statement.Bind(id.value).Run();
}

absl::Status WriteObjectives(Database& db, const Study& study) {
  ATTUNE_RETURN_IF_ERROR(DeleteOf(db, kDeleteObjectives, study.id));
  int position = 0;
  for (const Objective& objective : study.spec.objectives) {
    ATTUNE_ASSIGN_OR_RETURN(Statement insert, db.Prepare(kInsertObjective));
    insert.Bind(study.id.value, position++, objective.metric,
                ToString(objective.goal));
    ATTUNE_RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

absl::Status WriteSettings(Database& db, const Study& study) {
  ATTUNE_RETURN_IF_ERROR(DeleteOf(db, kDeleteSettings, study.id));
  const auto* network = std::get_if<NetworkTask>(&study.spec.task);
  if (network == nullptr) return absl::OkStatus();
  for (const auto& [name, value] : network->settings) {
    ATTUNE_ASSIGN_OR_RETURN(Statement insert, db.Prepare(kInsertSetting));
    insert.Bind(study.id.value, name, ValueToJson(value));
    ATTUNE_RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

absl::Status WriteBelongings(Database& db, const Study& study) {
  ATTUNE_RETURN_IF_ERROR(WriteObjectives(db, study));
  ATTUNE_RETURN_IF_ERROR(WriteSpace(db, study.id, study.spec.space));
  return WriteSettings(db, study);
}

absl::Status WrongRevision(Database& db, const Study& study) {
  ATTUNE_ASSIGN_OR_RETURN(Statement select, db.Prepare(kStudyRevision));
  select.Bind(study.id.value);
  ATTUNE_ASSIGN_OR_RETURN(const bool found, select.Step());
  return RevisionMismatch(ResourceName(study.id), found ? select.Int(0) : 0,
                          study.revision);
}

absl::Status UnknownWord(absl::string_view column, absl::string_view word) {
  return absl::DataLossError(absl::StrCat(column, ": found '", word,
                                          "', expected one of Attune's words"));
}

absl::StatusOr<Goal> DecodeGoal(absl::string_view word) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    if (word == ToString(goal)) return goal;
  }
  return UnknownWord("goal", word);
}

absl::StatusOr<StudyState> DecodeState(absl::string_view word) {
  for (const StudyState state :
       {StudyState::kActive, StudyState::kPaused, StudyState::kStopped,
        StudyState::kCompleted}) {
    if (word == ToString(state)) return state;
  }
  return UnknownWord("state", word);
}

absl::Status CheckRule(absl::Span<const Rule> rules, absl::string_view column,
                       absl::string_view name, const Parameters& settings) {
  const std::vector<Violation> violations =
      ValidateRule(rules, name, settings, column);
  if (violations.empty()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(violations[0].field, ": ", violations[0].description));
}

absl::StatusOr<Algorithm> DecodeAlgorithm(const Statement& row) {
  absl::StatusOr<Parameters> settings = ParametersFromJson(row.Text(7));
  if (!settings.ok()) return Annotate(settings.status(), "algorithm_settings");
  ATTUNE_RETURN_IF_ERROR(
      CheckRule(SearchRules(), "algorithm", row.Text(6), *settings));
  return Algorithm{.name = row.String(6), .settings = *std::move(settings)};
}

absl::StatusOr<Stopping> DecodeStopping(const Statement& row) {
  absl::StatusOr<Parameters> settings = ParametersFromJson(row.Text(9));
  if (!settings.ok()) return Annotate(settings.status(), "stopping_settings");
  ATTUNE_RETURN_IF_ERROR(
      CheckRule(StoppingRules(), "stopping", row.Text(8), *settings));
  Stopping stopping = {.name = row.String(8), .settings = *std::move(settings)};
  if (!row.IsNull(10)) {
    ATTUNE_ASSIGN_OR_RETURN(const Goal goal, DecodeGoal(row.Text(11)));
    stopping.metric = {.metric = row.String(10), .goal = goal};
  }
  return stopping;
}

absl::StatusOr<Parameters> ReadSettings(Database& db, StudyId id) {
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(kSelectSettings));
  rows.Bind(id.value);
  Parameters settings;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return settings;
    absl::StatusOr<ParameterValue> value = ValueFromJson(rows.Text(1));
    if (!value.ok()) {
      return Annotate(value.status(), absl::StrCat("table train_settings, '",
                                                   rows.Text(0), "'"));
    }
    settings.Set(rows.Text(0), *value);
  }
}

absl::StatusOr<Task> DecodeTask(Database& db, const Statement& row,
                                StudyId id) {
  const absl::string_view task = row.Text(15);
  if (task == TaskName(std::monostate{})) return std::monostate{};
  if (task == TaskName(FunctionTask{})) return FunctionTask{row.String(16)};
  if (task == TaskName(NetworkTask{})) {
    ATTUNE_ASSIGN_OR_RETURN(Parameters settings, ReadSettings(db, id));
    return NetworkTask{std::move(settings)};
  }
  return UnknownWord("task", task);
}

absl::StatusOr<std::vector<Objective>> ReadObjectives(Database& db,
                                                      StudyId id) {
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(kSelectObjectives));
  rows.Bind(id.value);
  std::vector<Objective> objectives;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return objectives;
    ATTUNE_ASSIGN_OR_RETURN(const Goal goal, DecodeGoal(rows.Text(1)));
    objectives.push_back({.metric = rows.String(0), .goal = goal});
  }
}

absl::StatusOr<StudySpec> DecodeSpec(Database& db, const Statement& row,
                                     StudyId id) {
  StudySpec spec;
  spec.name = row.String(5);
  ATTUNE_ASSIGN_OR_RETURN(spec.objectives, ReadObjectives(db, id));
  ATTUNE_ASSIGN_OR_RETURN(spec.space, ReadSpace(db, id));
  ATTUNE_ASSIGN_OR_RETURN(spec.algorithm, DecodeAlgorithm(row));
  ATTUNE_ASSIGN_OR_RETURN(spec.stopping, DecodeStopping(row));
  spec.budget = {.max_trials = row.OptionalInt(12),
                 .max_parallel = row.OptionalInt(13),
                 .max_failed = row.OptionalInt(20)};
  if (!row.IsNull(14)) {
    spec.budget.max_duration = DurationFromMicros(row.Int(14));
  }
  ATTUNE_ASSIGN_OR_RETURN(spec.task, DecodeTask(db, row, id));
  spec.max_attempts = static_cast<int>(row.Int(17));
  spec.seed = static_cast<uint64_t>(row.Int(18));
  return spec;
}

absl::StatusOr<Study> DecodeStudy(Database& db, const Statement& row) {
  Study study;
  study.id = {row.Int(0)};
  study.revision = row.Int(1);
  ATTUNE_ASSIGN_OR_RETURN(study.state, DecodeState(row.Text(2)));
  study.state_reason = row.String(3);
  study.update_time = row.Time(4);
  ATTUNE_ASSIGN_OR_RETURN(study.spec, DecodeSpec(db, row, study.id));
  study.create_time = row.Time(19);
  absl::StatusOr<Attributes> attributes = AttributesFromJson(row.Text(21));
  if (!attributes.ok()) return Annotate(attributes.status(), "attributes");
  study.attributes = *std::move(attributes);
  study.change = row.Int(22);
  return study;
}

}  // namespace

absl::Status WriteStudy(Database& db, const Study& study, bool same_spec) {
  const bool is_new = study.revision == 1;
  absl::Status status =
      same_spec
          ? WriteState(db, study)
          : WriteStudyRow(db, study, is_new ? kInsertStudy : kUpdateStudy);
  if (WhichRule(status) == BrokenRule::kUnique) {
    return NameTaken(study.spec.name);
  }
  const bool unexpected = WhichRule(status) == BrokenRule::kPrimaryKey ||
                          (status.ok() && db.changes() == 0);
  if (unexpected) return WrongRevision(db, study);
  if (status.ok() && !same_spec) status = WriteBelongings(db, study);
  if (status.ok()) return status;
  return Annotate(status, absl::StrCat("storing ", ResourceName(study.id)));
}

absl::Status DeleteStudy(Database& db, StudyId id) {
  return DeleteOf(db, kDeleteStudy, id);
}

absl::StatusOr<std::vector<Study>> ReadStudies(Database& db,
                                               const StudyFilter& filter) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  std::vector<Study> studies;
  if (filter.after.value == kMax) return studies;
  const char* sql = filter.name.has_value() ? kStudyByName : kStudies;
  const StudyId lowest = {filter.after.value + 1};
  const StudyId any = {kMax};
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(sql));
  const int64_t first = std::max(lowest, filter.id.value_or(lowest)).value;
  const int64_t last = filter.id.value_or(any).value;
  const int64_t limit = filter.limit > 0 ? filter.limit : -1;
  if (filter.name.has_value()) {
    rows.Bind(first, last, limit, *filter.name);
  } else {
    rows.Bind(first, last, limit);
  }
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return studies;
    absl::StatusOr<Study> study = DecodeStudy(db, rows);
    if (!study.ok()) {
      return Annotate(study.status(),
                      absl::StrCat("table studies, row of ",
                                   ResourceName(StudyId{rows.Int(0)})));
    }
    studies.push_back(*std::move(study));
  }
}

absl::StatusOr<StudyId> LastStudyId(Database& db) {
  ATTUNE_ASSIGN_OR_RETURN(
      const int64_t last,
      db.QueryInt("SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
                  " WHERE name = 'studies'"));
  return StudyId{last};
}

}  // namespace attune
