#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/overloaded.h"
#include "proto/convert.h"
#include "proto/convert_parts.h"

// Trials, attempts and measurements.
namespace attune {
namespace {

pb::Trial::State ToProto(const TrialState& state) {
  return std::visit(
      Overloaded{[](const Waiting&) { return pb::Trial::WAITING; },
                 [](const Running&) { return pb::Trial::RUNNING; },
                 [](const Completed&) { return pb::Trial::COMPLETED; },
                 [](const Pruned&) { return pb::Trial::PRUNED; },
                 [](const Infeasible&) { return pb::Trial::INFEASIBLE; },
                 [](const Failed&) { return pb::Trial::FAILED; },
                 [](const Cancelled&) { return pb::Trial::CANCELLED; }},
      state);
}

void WriteState(const TrialState& state, pb::Trial& out) {
  out.set_state(ToProto(state));
  out.set_state_reason(StateReason(state));
  if (const auto* running = std::get_if<Running>(&state)) {
    out.set_stop_requested(running->stop_requested.has_value());
    out.set_state_reason(running->stop_requested.value_or(""));
  } else if (const auto* completed = std::get_if<Completed>(&state)) {
    out.mutable_objectives()->Assign(completed->objectives.begin(),
                                     completed->objectives.end());
  } else if (const auto* failed = std::get_if<Failed>(&state)) {
    out.set_failure_cause(failed->cause);
  }
}

void WriteAttempt(const Attempt& attempt, pb::Attempt& out) {
  out.set_number(attempt.number);
  out.set_worker(attempt.worker.value);
  convert::WriteTime(attempt.start_time, *out.mutable_start_time());
  if (attempt.end_time.has_value()) {
    convert::WriteTime(*attempt.end_time, *out.mutable_end_time());
  }
  out.set_outcome(attempt.outcome);
}

}  // namespace

pb::Measurement ToProto(const Measurement& measurement) {
  pb::Measurement out;
  out.set_step(measurement.step);
  out.mutable_metrics()->insert(measurement.metrics.begin(),
                                measurement.metrics.end());
  return out;
}

absl::StatusOr<Measurement> FromProto(const pb::Measurement& measurement) {
  if (measurement.step() < 0) {
    return InvalidFields(
        {{.field = "step",
          .description =
              absl::StrCat("found ", measurement.step(), ", expected >= 0")}});
  }
  return Measurement{
      .step = measurement.step(),
      .metrics = {measurement.metrics().begin(), measurement.metrics().end()}};
}

absl::StatusOr<std::vector<Measurement>> FromProto(
    const google::protobuf::RepeatedPtrField<pb::Measurement>& measurements) {
  std::vector<Measurement> result;
  convert::Problems violations;
  for (int i = 0; i < measurements.size(); ++i) {
    absl::StatusOr<Measurement> measurement = FromProto(measurements[i]);
    if (measurement.ok()) {
      result.push_back(*std::move(measurement));
      continue;
    }
    for (Violation& violation : Violations(measurement.status())) {
      violation.field = absl::StrCat("measurements[", i, "].", violation.field);
      violations.push_back(std::move(violation));
    }
  }
  return convert::Checked(std::move(result), violations);
}

pb::Trial ToProto(const Trial& trial, absl::string_view study,
                  const Measurement* latest) {
  pb::Trial out;
  out.set_name(TrialName(study, trial.id.number));
  out.set_number(trial.id.number);
  WriteState(trial.state, out);
  convert::WriteValues(trial.parameters,
                       *out.mutable_parameters()->mutable_values());
  if (latest != nullptr) {
    out.mutable_metrics()->insert(latest->metrics.begin(),
                                  latest->metrics.end());
    out.set_last_step(latest->step);
  }
  for (const Attempt& attempt : trial.attempts) {
    WriteAttempt(attempt, *out.add_attempts());
    out.set_worker(attempt.worker.value);
  }
  out.mutable_attributes()->insert(trial.attributes.begin(),
                                   trial.attributes.end());
  if (trial.retry_of.has_value()) out.set_retry_of(*trial.retry_of);
  out.set_etag(ToEtag(trial.revision));
  out.set_tag(trial.tag);
  out.set_seen_revision(trial.seen_revision);
  out.set_revision(trial.revision);
  convert::WriteTime(trial.create_time, *out.mutable_create_time());
  if (trial.start_time.has_value()) {
    convert::WriteTime(*trial.start_time, *out.mutable_start_time());
  }
  if (trial.end_time.has_value()) {
    convert::WriteTime(*trial.end_time, *out.mutable_end_time());
  }
  return out;
}

}  // namespace attune
