#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/overloaded.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/convert_parts.h"

// Studies and what they are made of.
namespace attune {
namespace convert {

pb::Objective WriteObjective(const Objective& objective) {
  pb::Objective out;
  out.set_metric(objective.metric);
  out.set_goal(objective.goal == Goal::kMinimize ? pb::GOAL_MINIMIZE
                                                 : pb::GOAL_MAXIMIZE);
  return out;
}

Objective ReadObjective(const pb::Objective& objective, absl::string_view field,
                        Problems& violations) {
  Objective result{.metric = objective.metric()};
  switch (objective.goal()) {
    case pb::GOAL_MINIMIZE:
      break;
    case pb::GOAL_MAXIMIZE:
      result.goal = Goal::kMaximize;
      break;
    case pb::GOAL_UNSPECIFIED:
      violations.push_back(
          {.field = Join(field, "goal"),
           .description = "found none, expected minimize or maximize"});
      break;
    default:
      violations.push_back(
          {.field = Join(field, "goal"),
           .description =
               absl::StrCat("found the unknown goal ", int{objective.goal()},
                            ", expected minimize or maximize")});
  }
  return result;
}

}  // namespace convert

namespace {

using convert::Join;
using convert::Problems;
using ValueList = google::protobuf::RepeatedPtrField<pb::ParameterValue>;

// What the zero of a proto3 number is read as, see types.proto.
constexpr int64_t kDefaultIntStep = 1;
constexpr int kDefaultMaxAttempts = 3;

// ---- to the wire ------------------------------------------------------------

pb::Scale ToProto(Scale scale) {
  switch (scale) {
    case Scale::kLinear:
      return pb::SCALE_LINEAR;
    case Scale::kLog:
      return pb::SCALE_LOG;
    case Scale::kReverseLog:
      return pb::SCALE_REVERSE_LOG;
  }
  return pb::SCALE_UNSPECIFIED;
}

pb::Study::State ToProto(StudyState state) {
  switch (state) {
    case StudyState::kActive:
      return pb::Study::ACTIVE;
    case StudyState::kPaused:
      return pb::Study::PAUSED;
    case StudyState::kStopped:
      return pb::Study::STOPPED;
    case StudyState::kCompleted:
      return pb::Study::COMPLETED;
  }
  return pb::Study::STATE_UNSPECIFIED;
}

void WriteList(const std::vector<ParameterValue>& values, ValueList& out) {
  for (const ParameterValue& value : values)
    *out.Add() = attune::ToProto(value);
}

void WriteDomain(const Domain& domain, pb::ParameterSpec& out) {
  std::visit(Overloaded{[&](const DoubleRange& range) {
                          pb::DoubleRange& to = *out.mutable_double_range();
                          to.set_min(range.min);
                          to.set_max(range.max);
                          to.set_scale(ToProto(range.scale));
                          if (range.step.has_value()) to.set_step(*range.step);
                          if (range.points.has_value())
                            to.set_points(*range.points);
                        },
                        [&](const IntRange& range) {
                          pb::IntRange& to = *out.mutable_int_range();
                          to.set_min(range.min);
                          to.set_max(range.max);
                          to.set_scale(ToProto(range.scale));
                          to.set_step(range.step);
                          if (range.points.has_value())
                            to.set_points(*range.points);
                        },
                        [&](const Discrete& listed) {
                          WriteList(listed.values,
                                    *out.mutable_discrete()->mutable_values());
                        },
                        [&](const Choice& listed) {
                          WriteList(listed.values,
                                    *out.mutable_choice()->mutable_values());
                        }},
             domain);
}

void WriteSpace(const SearchSpace& space, pb::SearchSpace& out) {
  for (const ParameterSpec& parameter : space.parameters) {
    pb::ParameterSpec& to = *out.add_parameters();
    to.set_name(parameter.name);
    WriteDomain(parameter.domain, to);
    if (parameter.when.has_value()) {
      to.mutable_when()->set_parameter(parameter.when->parameter);
      WriteList(parameter.when->any_of, *to.mutable_when()->mutable_any_of());
    }
  }
  for (const Parameters& forbidden : space.forbidden) {
    *out.add_forbidden() = attune::ToProto(forbidden);
  }
}

void WriteRules(const StudySpec& spec, pb::StudySpec& out) {
  pb::Algorithm& algorithm = *out.mutable_algorithm();
  algorithm.set_name(spec.algorithm.name);
  convert::WriteValues(spec.algorithm.settings, *algorithm.mutable_settings());
  if (spec.stopping == Stopping{}) return;
  pb::Stopping& stopping = *out.mutable_stopping();
  stopping.set_name(spec.stopping.name);
  convert::WriteValues(spec.stopping.settings, *stopping.mutable_settings());
  if (spec.stopping.metric.has_value()) {
    *stopping.mutable_metric() = convert::WriteObjective(*spec.stopping.metric);
  }
}

void WriteBudget(const Budget& budget, pb::StudySpec& out) {
  if (budget == Budget{}) return;
  pb::Budget& to = *out.mutable_budget();
  if (budget.max_trials.has_value()) to.set_max_trials(*budget.max_trials);
  if (budget.max_parallel.has_value()) {
    to.set_max_parallel(*budget.max_parallel);
  }
  if (budget.max_duration.has_value()) {
    convert::WriteDuration(*budget.max_duration, *to.mutable_max_duration());
  }
  if (budget.max_failed.has_value()) to.set_max_failed(*budget.max_failed);
}

// ---- from the wire ----------------------------------------------------------

Scale ReadScale(pb::Scale scale, absl::string_view field,
                Problems& violations) {
  switch (scale) {
    case pb::SCALE_UNSPECIFIED:
    case pb::SCALE_LINEAR:
      return Scale::kLinear;
    case pb::SCALE_LOG:
      return Scale::kLog;
    case pb::SCALE_REVERSE_LOG:
      return Scale::kReverseLog;
    default:
      break;
  }
  violations.push_back(
      {.field = Join(field, "scale"),
       .description = absl::StrCat("found the unknown scale ", int{scale},
                                   ", expected linear, log or reverse_log")});
  return Scale::kLinear;
}

std::vector<ParameterValue> ReadList(const ValueList& values,
                                     absl::string_view field,
                                     Problems& violations) {
  std::vector<ParameterValue> result;
  for (int i = 0; i < values.size(); ++i) {
    result.push_back(convert::ReadValue(
        values[i], absl::StrCat(field, "[", i, "]"), violations));
  }
  return result;
}

DoubleRange ReadRange(const pb::DoubleRange& range, absl::string_view field,
                      Problems& violations) {
  DoubleRange result{.min = range.min(),
                     .max = range.max(),
                     .scale = ReadScale(range.scale(), field, violations)};
  if (range.has_step()) result.step = range.step();
  if (range.has_points()) result.points = range.points();
  return result;
}

IntRange ReadRange(const pb::IntRange& range, absl::string_view field,
                   Problems& violations) {
  IntRange result{.min = range.min(),
                  .max = range.max(),
                  .scale = ReadScale(range.scale(), field, violations),
                  .step = range.step() == 0 ? kDefaultIntStep : range.step()};
  if (range.has_points()) result.points = range.points();
  return result;
}

Domain ReadDomain(const pb::ParameterSpec& parameter, absl::string_view field,
                  Problems& violations) {
  switch (parameter.domain_case()) {
    case pb::ParameterSpec::kDoubleRange:
      return ReadRange(parameter.double_range(), field, violations);
    case pb::ParameterSpec::kIntRange:
      return ReadRange(parameter.int_range(), field, violations);
    case pb::ParameterSpec::kDiscrete:
      return Discrete{ReadList(parameter.discrete().values(),
                               Join(field, "values"), violations)};
    case pb::ParameterSpec::kChoice:
      return Choice{ReadList(parameter.choice().values(), Join(field, "values"),
                             violations)};
    case pb::ParameterSpec::DOMAIN_NOT_SET:
      break;
  }
  violations.push_back({.field = std::string(field),
                        .description = "found no domain, expected a double or "
                                       "int range, discrete or choice"});
  return DoubleRange{};
}

SearchSpace ReadSpace(const pb::SearchSpace& space, Problems& violations) {
  SearchSpace result;
  for (int i = 0; i < space.parameters_size(); ++i) {
    const pb::ParameterSpec& parameter = space.parameters(i);
    const std::string field =
        parameter.name().empty()
            ? absl::StrCat("parameters[", i, "]")
            : absl::StrCat("parameters.", parameter.name());
    ParameterSpec to{.name = parameter.name(),
                     .domain = ReadDomain(parameter, field, violations)};
    if (parameter.has_when()) {
      to.when = Condition{
          .parameter = parameter.when().parameter(),
          .any_of = ReadList(
              parameter.when().any_of(),
              absl::StrCat(field, ".when.", parameter.when().parameter()),
              violations)};
    }
    result.parameters.push_back(std::move(to));
  }
  for (int i = 0; i < space.forbidden_size(); ++i) {
    result.forbidden.push_back(
        convert::ReadValues(space.forbidden(i).values(),
                            absl::StrCat("forbidden[", i, "]"), violations));
  }
  return result;
}

Algorithm ReadAlgorithm(const pb::Algorithm& algorithm, Problems& violations) {
  Algorithm result;
  if (!algorithm.name().empty()) result.name = algorithm.name();
  result.settings =
      convert::ReadValues(algorithm.settings(),
                          absl::StrCat("algorithm.", result.name), violations);
  return result;
}

Stopping ReadStopping(const pb::Stopping& stopping, Problems& violations) {
  Stopping result;
  if (!stopping.name().empty()) result.name = stopping.name();
  const std::string field = absl::StrCat("stopping.", result.name);
  result.settings = convert::ReadValues(stopping.settings(), field, violations);
  if (stopping.has_metric()) {
    result.metric = convert::ReadObjective(stopping.metric(),
                                           Join(field, "metric"), violations);
  }
  return result;
}

Budget ReadBudget(const pb::Budget& budget, Problems& violations) {
  Budget result;
  if (budget.has_max_trials()) result.max_trials = budget.max_trials();
  if (budget.has_max_parallel()) result.max_parallel = budget.max_parallel();
  if (budget.has_max_duration()) {
    result.max_duration = convert::ReadDuration(
        budget.max_duration(), "budget.max_duration", violations);
  }
  if (budget.has_max_failed()) result.max_failed = budget.max_failed();
  return result;
}

std::vector<Objective> ReadObjectives(const pb::StudySpec& spec,
                                      Problems& violations) {
  std::vector<Objective> result;
  for (int i = 0; i < spec.objectives_size(); ++i) {
    // The study file has one and calls it `objective`.
    const std::string field = spec.objectives_size() == 1
                                  ? "objective"
                                  : absl::StrCat("objectives[", i, "]");
    result.push_back(
        convert::ReadObjective(spec.objectives(i), field, violations));
  }
  return result;
}

StudySpec ReadSpec(absl::string_view study_id, const pb::StudySpec& spec,
                   Problems& violations) {
  if (spec.seed() < 0) {
    violations.push_back({.field = "seed",
                          .description = absl::StrCat("found ", spec.seed(),
                                                      ", expected >= 0")});
  }
  return {.name = std::string(study_id),
          .objectives = ReadObjectives(spec, violations),
          .space = ReadSpace(spec.search_space(), violations),
          .algorithm = ReadAlgorithm(spec.algorithm(), violations),
          .stopping = ReadStopping(spec.stopping(), violations),
          .budget = ReadBudget(spec.budget(), violations),
          .task = convert::ReadTask(spec.task(), violations),
          .max_attempts = spec.max_attempts() == 0 ? kDefaultMaxAttempts
                                                   : spec.max_attempts(),
          .seed = static_cast<uint64_t>(spec.seed())};
}

// What a newer client set and this version would leave out.
void FindUnknownFields(const google::protobuf::Message& message,
                       const std::string& field, Problems& violations) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) {
    violations.push_back(
        {.field = field,
         .description = absl::StrCat(
             "found field ",
             reflection.GetUnknownFields(message).field(0).number(), " of ",
             message.GetTypeName(), ", which this version does not know")});
  }
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const auto* part : set) {
    if (part->cpp_type() != part->CPPTYPE_MESSAGE) continue;
    const std::string name = Join(field, part->name());
    if (!part->is_repeated()) {
      FindUnknownFields(reflection.GetMessage(message, part), name, violations);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, part); ++i) {
      FindUnknownFields(reflection.GetRepeatedMessage(message, part, i),
                        absl::StrCat(name, "[", i, "]"), violations);
    }
  }
}

StudyState ReadState(pb::Study::State state, Problems& violations) {
  switch (state) {
    case pb::Study::ACTIVE:
      return StudyState::kActive;
    case pb::Study::PAUSED:
      return StudyState::kPaused;
    case pb::Study::STOPPED:
      return StudyState::kStopped;
    case pb::Study::COMPLETED:
      return StudyState::kCompleted;
    default:
      break;
  }
  violations.push_back(
      {.field = "state",
       .description = absl::StrCat("found the unknown state ", int{state})});
  return StudyState::kActive;
}

}  // namespace

pb::StudySpec ToProto(const StudySpec& spec) {
  ATTUNE_CHECK(spec.seed <= uint64_t{std::numeric_limits<int64_t>::max()});
  pb::StudySpec out;
  for (const Objective& objective : spec.objectives) {
    *out.add_objectives() = convert::WriteObjective(objective);
  }
  WriteSpace(spec.space, *out.mutable_search_space());
  WriteRules(spec, out);
  WriteBudget(spec.budget, out);
  if (!std::holds_alternative<std::monostate>(spec.task)) {
    convert::WriteTask(spec.task, *out.mutable_task());
  }
  out.set_max_attempts(spec.max_attempts);
  out.set_seed(static_cast<int64_t>(spec.seed));
  return out;
}

pb::Study ToProto(const Study& study) {
  pb::Study out;
  out.set_name(StudyName(study.spec.name));
  out.set_id(study.id.value);
  *out.mutable_spec() = ToProto(study.spec);
  out.set_state(ToProto(study.state));
  out.set_state_reason(study.state_reason);
  out.set_revision(study.revision);
  out.mutable_attributes()->insert(study.attributes.begin(),
                                   study.attributes.end());
  out.set_etag(ToEtag(study.revision));
  convert::WriteTime(study.create_time, *out.mutable_create_time());
  convert::WriteTime(study.update_time, *out.mutable_update_time());
  return out;
}

absl::StatusOr<StudySpec> FromProto(absl::string_view study_id,
                                    const pb::StudySpec& spec) {
  Problems violations;
  StudySpec result = ReadSpec(study_id, spec, violations);
  FindUnknownFields(spec, "spec", violations);
  return convert::Checked(std::move(result), violations);
}

absl::StatusOr<Budget> FromProto(const pb::Budget& budget) {
  Problems violations;
  Budget result = ReadBudget(budget, violations);
  return convert::Checked(result, violations);
}

absl::StatusOr<Study> FromProto(const pb::Study& study) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string name, ParseStudyName(study.name()));
  Problems violations;
  Study result{.id = {study.id()},
               .revision = study.revision(),
               .spec = ReadSpec(name, study.spec(), violations),
               .state = ReadState(study.state(), violations),
               .state_reason = study.state_reason(),
               .attributes = FromProto(study.attributes()),
               .create_time = convert::ReadTime(study.create_time(),
                                                "create_time", violations),
               .update_time = convert::ReadTime(study.update_time(),
                                                "update_time", violations)};
  return convert::Checked(std::move(result), violations);
}

}  // namespace attune
