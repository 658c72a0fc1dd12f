#include "storage/space_rows.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/overloaded.h"
#include "core/status_macros.h"
#include "core/study.h"
#include "storage/storage_errors.h"
#include "storage/value_json.h"

namespace attune {
namespace {

constexpr char kDeleteParameters[] = "DELETE FROM parameters WHERE study = ?1";
constexpr char kDeleteForbidden[] = "DELETE FROM forbidden WHERE study = ?1";
constexpr char kInsertParameter[] =
    "INSERT INTO parameters (study, position, name, when_parameter,"
    " when_values, kind, scale, points, min, max, step, value_list)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
constexpr char kInsertForbidden[] =
    "INSERT INTO forbidden (study, position, assignment) VALUES (?1, ?2, ?3)";
constexpr char kSelectParameters[] =
    "SELECT name, when_parameter, when_values, kind, scale, points, min, max,"
    " step, value_list FROM parameters WHERE study = ?1 ORDER BY position";
constexpr char kSelectForbidden[] =
    "SELECT assignment FROM forbidden WHERE study = ?1 ORDER BY position";

absl::Status WriteParameter(Database& db, StudyId study, int position,
                            const ParameterSpec& parameter) {
  ATTUNE_ASSIGN_OR_RETURN(Statement insert, db.Prepare(kInsertParameter));
  std::optional<std::string> when_parameter;
  std::optional<std::string> when_values;
  if (parameter.when.has_value()) {
    when_parameter = parameter.when->parameter;
    when_values = ValuesToJson(parameter.when->any_of);
  }
  const auto bind = [&](absl::string_view kind, const auto&... columns) {
    insert.Bind(study.value, position, parameter.name, when_parameter,
                when_values, kind, columns...);
  };
  constexpr std::nullopt_t kNone = std::nullopt;
  std::visit(Overloaded{[&](const DoubleRange& range) {
                          bind("double", ToString(range.scale), range.points,
                               range.min, range.max, range.step, kNone);
                        },
                        [&](const IntRange& range) {
                          bind("int", ToString(range.scale), range.points,
                               range.min, range.max, range.step, kNone);
                        },
                        [&](const Discrete& discrete) {
                          bind("discrete", kNone, kNone, kNone, kNone, kNone,
                               ValuesToJson(discrete.values));
                        },
                        [&](const Choice& choice) {
                          bind("choice", kNone, kNone, kNone, kNone, kNone,
                               ValuesToJson(choice.values));
                        }},
             parameter.domain);
  return insert.Run();
}

absl::StatusOr<Scale> DecodeScale(absl::string_view word) {
  for (const Scale scale : {Scale::kLinear, Scale::kLog, Scale::kReverseLog}) {
    if (word == ToString(scale)) return scale;
  }
  return absl::DataLossError(absl::StrCat("found the scale '", word,
                                          "', expected one of Attune's words"));
}

absl::StatusOr<Domain> DecodeDomain(const Statement& row) {
  const absl::string_view kind = row.Text(3);
  if (kind == "discrete" || kind == "choice") {
    ATTUNE_ASSIGN_OR_RETURN(std::vector<ParameterValue> values,
                            ValuesFromJson(row.Text(9)));
    if (kind == "choice") return Choice{std::move(values)};
    return Discrete{std::move(values)};
  }
  ATTUNE_ASSIGN_OR_RETURN(const Scale scale, DecodeScale(row.Text(4)));
  if (kind == "int") {
    return IntRange{.min = row.Int(6),
                    .max = row.Int(7),
                    .scale = scale,
                    .step = row.Int(8),
                    .points = row.OptionalInt(5)};
  }
  if (kind == "double") {
    DoubleRange range = {.min = row.Real(6),
                         .max = row.Real(7),
                         .scale = scale,
                         .points = row.OptionalInt(5)};
    if (!row.IsNull(8)) range.step = row.Real(8);
    return range;
  }
  return absl::DataLossError(absl::StrCat("found the kind '", kind,
                                          "', expected one of Attune's words"));
}

absl::StatusOr<ParameterSpec> DecodeParameter(const Statement& row) {
  ParameterSpec parameter;
  parameter.name = row.String(0);
  ATTUNE_ASSIGN_OR_RETURN(parameter.domain, DecodeDomain(row));
  if (!row.IsNull(1)) {
    parameter.when.emplace();
    parameter.when->parameter = row.String(1);
    ATTUNE_ASSIGN_OR_RETURN(parameter.when->any_of,
                            ValuesFromJson(row.Text(2)));
  }
  return parameter;
}

absl::Status ReadParameters(Database& db, StudyId study, SearchSpace& space) {
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(kSelectParameters));
  rows.Bind(study.value);
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    absl::StatusOr<ParameterSpec> parameter = DecodeParameter(rows);
    if (!parameter.ok()) {
      return Annotate(parameter.status(),
                      absl::StrCat("table parameters, '", rows.Text(0), "'"));
    }
    space.parameters.push_back(*std::move(parameter));
  }
}

absl::Status ReadForbidden(Database& db, StudyId study, SearchSpace& space) {
  ATTUNE_ASSIGN_OR_RETURN(Statement rows, db.Prepare(kSelectForbidden));
  rows.Bind(study.value);
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    absl::StatusOr<Parameters> assignment = ParametersFromJson(rows.Text(0));
    if (!assignment.ok()) {
      return Annotate(assignment.status(), "table forbidden");
    }
    space.forbidden.push_back(*std::move(assignment));
  }
}

absl::Status DeleteOf(Database& db, const char* sql, StudyId study) {
  ATTUNE_ASSIGN_OR_RETURN(Statement statement, db.Prepare(sql));
  return statement.Bind(study.value).Run();
}

}  // namespace

absl::Status WriteSpace(Database& db, StudyId study, const SearchSpace& space) {
  ATTUNE_RETURN_IF_ERROR(DeleteOf(db, kDeleteParameters, study));
  ATTUNE_RETURN_IF_ERROR(DeleteOf(db, kDeleteForbidden, study));
  int position = 0;
  for (const ParameterSpec& parameter : space.parameters) {
    const absl::Status status =
        WriteParameter(db, study, position++, parameter);
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("parameter '", parameter.name, "'"));
    }
  }
  position = 0;
  for (const Parameters& assignment : space.forbidden) {
    ATTUNE_ASSIGN_OR_RETURN(Statement insert, db.Prepare(kInsertForbidden));
    insert.Bind(study.value, position++, ParametersToJson(assignment));
    ATTUNE_RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<SearchSpace> ReadSpace(Database& db, StudyId study) {
  SearchSpace space;
  ATTUNE_RETURN_IF_ERROR(ReadParameters(db, study, space));
  ATTUNE_RETURN_IF_ERROR(ReadForbidden(db, study, space));
  return space;
}

}  // namespace attune
