#include "proto/convert.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/overloaded.h"
#include "core/status_macros.h"
#include "proto/convert_parts.h"
#include "proto/text.h"

// Here: names, and what convert_parts.h declares. Studies, trials and the
// workers' calls have files of their own.
namespace attune {
namespace {

constexpr size_t kQuoted = 100;  // how much of a wrong text a message repeats

// The range that google.protobuf.Timestamp and Duration promise: the years 1 to
// 9999, and 10000 years.
constexpr int64_t kMinTimestamp = -62'135'596'800;
constexpr int64_t kMaxTimestamp = 253'402'300'799;
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int32_t kNanosPerSecond = 1'000'000'000;

void SetValue(const ParameterValue& value, pb::ParameterValue& out) {
  std::visit(
      Overloaded{[&](double number) { out.set_double_value(number); },
                 [&](int64_t number) { out.set_int_value(number); },
                 [&](const std::string& text) { out.set_string_value(text); },
                 [&](bool truth) { out.set_bool_value(truth); }},
      value);
}

absl::Status BadName(absl::string_view field, absl::string_view name,
                     absl::string_view expected) {
  return InvalidFields(
      {{.field = std::string(field),
        .description = absl::StrCat("found `", FitText(name, kQuoted),
                                    "`, expected ", expected)}});
}

}  // namespace

std::string StudyName(absl::string_view study) {
  return absl::StrCat("studies/", study);
}

std::string TrialName(absl::string_view study, int64_t number) {
  return absl::StrCat("studies/", study, "/trials/", number);
}

absl::StatusOr<std::string> ParseStudyName(absl::string_view name,
                                           absl::string_view field) {
  std::vector<std::string> parts = absl::StrSplit(name, '/');
  if (parts.size() != 2 || parts[0] != "studies" || parts[1].empty()) {
    return BadName(field, name, "`studies/{study}`");
  }
  return parts[1];
}

absl::StatusOr<ParsedTrialName> ParseTrialName(absl::string_view name,
                                               absl::string_view field) {
  std::vector<std::string> parts = absl::StrSplit(name, '/');
  ParsedTrialName parsed;
  // Only the one form that TrialName() writes: no sign, no leading zeros.
  if (parts.size() != 4 || parts[0] != "studies" || parts[1].empty() ||
      parts[2] != "trials" || !absl::SimpleAtoi(parts[3], &parsed.number) ||
      parsed.number < 1 || absl::StrCat(parsed.number) != parts[3]) {
    return BadName(field, name, "`studies/{study}/trials/{number}`");
  }
  parsed.study = parts[1];
  return parsed;
}

std::string ToEtag(int64_t revision) { return absl::StrCat(revision); }

absl::StatusOr<std::optional<int64_t>> ParseEtag(absl::string_view etag,
                                                 absl::string_view field) {
  if (etag.empty()) return std::nullopt;
  int64_t revision = 0;
  if (absl::SimpleAtoi(etag, &revision) && ToEtag(revision) == etag) {
    return revision;
  }
  return InvalidFields(
      {{.field = std::string(field),
        .description = absl::StrCat("found `", FitText(etag, kQuoted),
                                    "`, expected an etag as it came")}});
}

Attributes FromProto(
    const google::protobuf::Map<std::string, std::string>& attributes) {
  return {attributes.begin(), attributes.end()};
}

pb::ParameterValue ToProto(const ParameterValue& value) {
  pb::ParameterValue out;
  SetValue(value, out);
  return out;
}

pb::Assignment ToProto(const Parameters& parameters) {
  pb::Assignment out;
  convert::WriteValues(parameters, *out.mutable_values());
  return out;
}

absl::StatusOr<ParameterValue> FromProto(const pb::ParameterValue& value) {
  convert::Problems violations;
  ParameterValue result = convert::ReadValue(value, "value", violations);
  return convert::Checked(std::move(result), violations);
}

absl::StatusOr<Parameters> FromProto(const pb::Assignment& assignment) {
  convert::Problems violations;
  Parameters result =
      convert::ReadValues(assignment.values(), "parameters", violations);
  return convert::Checked(std::move(result), violations);
}

namespace convert {

std::string Join(absl::string_view field, absl::string_view part) {
  return field.empty() ? std::string(part) : absl::StrCat(field, ".", part);
}

ParameterValue ReadValue(const pb::ParameterValue& value,
                         absl::string_view field, Problems& violations) {
  switch (value.kind_case()) {
    case pb::ParameterValue::kDoubleValue:
      if (!std::isfinite(value.double_value())) {
        violations.push_back({.field = std::string(field),
                              .description = absl::StrCat(
                                  "found ", ToString(value.double_value()),
                                  ", expected a finite number")});
      }
      return value.double_value();
    case pb::ParameterValue::kIntValue:
      return int64_t{value.int_value()};
    case pb::ParameterValue::kStringValue:
      return value.string_value();
    case pb::ParameterValue::kBoolValue:
      return value.bool_value();
    case pb::ParameterValue::KIND_NOT_SET:
      break;
  }
  violations.push_back(
      {.field = std::string(field),
       .description = "found no value, expected a number, text or bool"});
  return int64_t{0};
}

Parameters ReadValues(const ValueMap& values, absl::string_view field,
                      Problems& violations) {
  Problems found;
  std::vector<Parameters::value_type> result;
  for (const auto& [name, value] : values) {
    result.emplace_back(name, ReadValue(value, Join(field, name), found));
  }
  // A protobuf map has no order; the messages shall have one.
  std::sort(
      found.begin(), found.end(),
      [](const Violation& a, const Violation& b) { return a.field < b.field; });
  violations.insert(violations.end(), found.begin(), found.end());
  return Parameters(std::move(result));
}

void WriteValues(const Parameters& parameters, ValueMap& values) {
  for (const auto& [name, value] : parameters) {
    SetValue(value, values[std::string(name)]);
  }
}

absl::Duration ReadDuration(const google::protobuf::Duration& duration,
                            absl::string_view field, Problems& violations) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  const bool signs_differ =
      (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0);
  if (std::abs(nanos) >= kNanosPerSecond || signs_differ ||
      seconds < -kMaxDurationSeconds || seconds > kMaxDurationSeconds) {
    violations.push_back({.field = std::string(field),
                          .description = absl::StrCat(
                              "found ", seconds, " s and ", nanos,
                              " ns, expected a google.protobuf.Duration")});
    return absl::ZeroDuration();
  }
  return absl::Seconds(seconds) + absl::Nanoseconds(nanos);
}

void WriteDuration(absl::Duration duration, google::protobuf::Duration& out) {
  const absl::Duration bound = absl::Seconds(kMaxDurationSeconds);
  absl::Duration rest = std::clamp(duration, -bound, bound);
  out.set_seconds(absl::IDivDuration(rest, absl::Seconds(1), &rest));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
}

absl::Time ReadTime(const google::protobuf::Timestamp& time,
                    absl::string_view field, Problems& violations) {
  if (time.seconds() < kMinTimestamp || time.seconds() > kMaxTimestamp ||
      time.nanos() < 0 || time.nanos() >= kNanosPerSecond) {
    violations.push_back({.field = std::string(field),
                          .description = absl::StrCat(
                              "found ", time.seconds(), " s and ", time.nanos(),
                              " ns, expected a google.protobuf.Timestamp")});
    return absl::UnixEpoch();
  }
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

void WriteTime(absl::Time time, google::protobuf::Timestamp& out) {
  const absl::Time bounded =
      std::clamp(time, absl::FromUnixSeconds(kMinTimestamp),
                 absl::FromUnixSeconds(kMaxTimestamp));
  const int64_t seconds = absl::ToUnixSeconds(bounded);  // rounds down
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(bounded - absl::FromUnixSeconds(seconds))));
}

Task ReadTask(const pb::Task& task, Problems& violations) {
  switch (task.kind_case()) {
    case pb::Task::kNetwork:
      return NetworkTask{.settings = ReadValues(task.network().settings(),
                                                "train", violations)};
    case pb::Task::kFunction:
      return FunctionTask{.name = task.function().name()};
    case pb::Task::KIND_NOT_SET:
      break;
  }
  return std::monostate();
}

void WriteTask(const Task& task, pb::Task& out) {
  std::visit(Overloaded{[](std::monostate) {},
                        [&](const NetworkTask& network) {
                          WriteValues(
                              network.settings,
                              *out.mutable_network()->mutable_settings());
                        },
                        [&](const FunctionTask& function) {
                          out.mutable_function()->set_name(function.name);
                        }},
             task);
}

}  // namespace convert
}  // namespace attune
