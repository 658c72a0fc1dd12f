#include "storage/measurement_rows.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/status_macros.h"
#include "storage/storage_errors.h"

namespace attune {
namespace {

// A statement of its own: INSERT ... SELECT from the table it inserts into goes
// through a temporary table, which costs more than all the rest.
constexpr char kHasStep[] =
    "SELECT 1 FROM measurements WHERE study = ?1 AND trial = ?2 AND step = ?3"
    " LIMIT 1";
constexpr char kInsertMetric[] =
    "INSERT INTO measurements (study, trial, step, metric, value)"
    " VALUES (?1, ?2, ?3, ?4, ?5)";

constexpr char kRaiseChange[] =
    "UPDATE trials SET change = ?3"
    " WHERE study = ?1 AND number = ?2 AND change < ?3";

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

constexpr char kMeasurements[] =
    "SELECT trial, step, metric, value FROM measurements WHERE study = ?1"
    " AND trial BETWEEN ?2 AND ?3 ORDER BY trial, step, metric";
constexpr char kLatestMetrics[] =
    "SELECT trial, step, metric, value FROM latest_metrics WHERE study = ?1"
    " AND trial BETWEEN ?2 AND ?3 ORDER BY trial, metric";

// Appends the measurements of trials `first` ... `last`.
absl::Status ReadMeasured(Database& db, const MeasurementFilter& filter,
                          int64_t first, int64_t last,
                          std::vector<TrialMeasurements>& read) {
  ATTUNE_ASSIGN_OR_RETURN(
      Statement rows,
      db.Prepare(filter.latest_only ? kLatestMetrics : kMeasurements));
  rows.Bind(filter.study.value, first, last);
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool more, rows.Step());
    if (!more) return absl::OkStatus();
    const TrialId trial = {.study = filter.study, .number = rows.Int(0)};
    const int64_t step = rows.Int(1);
    if (read.empty() || read.back().trial != trial) {
      read.push_back({.trial = trial, .measurements = {}});
    }
    std::vector<Measurement>& measurements = read.back().measurements;
    const bool new_step =
        measurements.empty() ||
        (!filter.latest_only && measurements.back().step != step);
    if (new_step) measurements.emplace_back();
    Measurement& measurement = measurements.back();
    measurement.step = std::max(measurement.step, step);
    measurement.metrics[rows.String(2)] =
        rows.IsNull(3) ? std::numeric_limits<double>::quiet_NaN()
                       : rows.Real(3);
  }
}

absl::StatusOr<bool> HasStep(Database& db, TrialId trial, int64_t step) {
  ATTUNE_ASSIGN_OR_RETURN(Statement row, db.Prepare(kHasStep));
  row.Bind(trial.study.value, trial.number, step);
  return row.Step();
}

absl::Status WriteMeasurement(Database& db, TrialId trial,
                              const Measurement& measurement) {
  ATTUNE_ASSIGN_OR_RETURN(const bool is_stored,
                          HasStep(db, trial, measurement.step));
  if (is_stored) return absl::OkStatus();
  for (const auto& [metric, value] : measurement.metrics) {
    ATTUNE_ASSIGN_OR_RETURN(Statement insert, db.Prepare(kInsertMetric));
    insert.Bind(trial.study.value, trial.number, measurement.step, metric,
                value);
    ATTUNE_RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteMeasurements(Database& db,
                               const TrialMeasurements& measurements) {
  const TrialId trial = measurements.trial;
  for (const Measurement& measurement : measurements.measurements) {
    const absl::Status status = WriteMeasurement(db, trial, measurement);
    if (status.ok()) continue;
    const std::string what = absl::StrCat(
        "measurements of ", ResourceName(trial), ", step ", measurement.step);
    if (WhichRule(status) == BrokenRule::kForeignKey) {
      return NoOwner(what, ResourceName(trial));
    }
    return Annotate(status, absl::StrCat("storing ", what));
  }
  ATTUNE_ASSIGN_OR_RETURN(Statement raise, db.Prepare(kRaiseChange));
  return raise.Bind(trial.study.value, trial.number, measurements.change).Run();
}

absl::StatusOr<std::vector<TrialMeasurements>> ReadMeasurements(
    Database& db, const MeasurementFilter& filter) {
  std::vector<TrialMeasurements> read;
  if (!filter.numbers.has_value()) {
    ATTUNE_RETURN_IF_ERROR(ReadMeasured(db, filter, 0, kMax, read));
    return read;
  }
  std::vector<int64_t> numbers = *filter.numbers;
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  // Numbers that follow one another are read as one range.
  for (size_t begin = 0; begin < numbers.size();) {
    size_t end = begin + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    ATTUNE_RETURN_IF_ERROR(
        ReadMeasured(db, filter, numbers[begin], numbers[end - 1], read));
    begin = end;
  }
  return read;
}

}  // namespace attune
