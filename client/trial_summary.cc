#include "client/trial_summary.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "proto/convert.h"

namespace attune {
namespace {

using google::protobuf::Timestamp;

std::string NumberText(double number) {
  return ToString(ParameterValue(number));
}

// `WORKER_ERROR` is `worker error` to people.
std::string Words(std::string code) {
  for (char& c : code) {
    if (c == '_') c = ' ';
  }
  return absl::AsciiStrToLower(code);
}

std::string StateText(const pb::Trial& trial) {
  std::string text = StateWord(trial.state());
  if (!trial.failure_cause().empty()) {
    absl::StrAppend(&text, " (", Words(trial.failure_cause()), ")");
  }
  if (!trial.state_reason().empty()) {
    absl::StrAppend(&text, ": ", Printable(trial.state_reason()));
  }
  return text;
}

std::string AttemptText(const pb::Attempt& attempt, absl::Time now) {
  const absl::Time start = ToTime(attempt.start_time());
  const absl::Time end =
      attempt.has_end_time() ? ToTime(attempt.end_time()) : now;
  return absl::StrCat(
      attempt.outcome().empty() ? "running" : Words(attempt.outcome()), ", by ",
      Printable(attempt.worker()), ", from ", ShortTime(start), ", ",
      ShortDuration(end - start));
}

void AddTime(const std::string& label, bool is_there, const Timestamp& time,
             std::vector<SummaryLine>& lines) {
  if (is_there) lines.push_back({label, ShortTime(ToTime(time))});
}

void AddParameters(const pb::Trial& trial, const StudySpec& spec,
                   std::vector<SummaryLine>& lines) {
  lines.push_back(
      {"parameters", trial.parameters().values().empty() ? "none" : ""});
  for (const std::string& name : ParameterNames({trial}, spec)) {
    const auto found = trial.parameters().values().find(name);
    if (found == trial.parameters().values().end()) continue;
    const auto value = FromProto(found->second);
    std::string text = value.ok() ? ToString(*value) : "?";
    if (text.empty()) text = ShortValue(*value);
    lines.push_back({absl::StrCat("  ", name), Printable(text)});
  }
}

Json JsonAttempt(const pb::Attempt& attempt) {
  Json json = {{"attempt", attempt.number()},
               {"worker", attempt.worker()},
               {"started", JsonTime(ToTime(attempt.start_time()))},
               {"ended", nullptr},
               {"outcome", absl::AsciiStrToLower(attempt.outcome())}};
  if (attempt.has_end_time()) {
    json["ended"] = JsonTime(ToTime(attempt.end_time()));
  }
  return json;
}

}  // namespace

std::vector<SummaryLine> TrialLines(const pb::Trial& trial,
                                    const StudySpec& spec,
                                    const std::vector<TrialFile>& files,
                                    absl::Time now) {
  std::vector<SummaryLine> lines = {
      {"trial", absl::StrCat(trial.number(), " of ", spec.name)},
      {"state", StateText(trial)}};
  for (size_t i = 0; i < spec.objectives.size(); ++i) {
    const int index = static_cast<int>(i);
    if (index >= trial.objectives_size()) continue;
    lines.push_back(
        {"objective", absl::StrCat(spec.objectives[i].metric, " ",
                                   NumberText(trial.objectives(index)))});
  }
  AddParameters(trial, spec, lines);
  lines.push_back({"metrics", trial.metrics().empty() ? "none reported"
                                                      : "the last of each"});
  for (const std::string& name : MetricNames({trial})) {
    lines.push_back(
        {absl::StrCat("  ", name), NumberText(trial.metrics().at(name))});
  }
  if (trial.optional_last_step_case() == pb::Trial::kLastStep) {
    lines.push_back({"last step", absl::StrCat(trial.last_step())});
  }
  AddTime("created", trial.has_create_time(), trial.create_time(), lines);
  AddTime("started", trial.has_start_time(), trial.start_time(), lines);
  AddTime("ended", trial.has_end_time(), trial.end_time(), lines);
  if (trial.has_start_time()) {
    lines.push_back({"time", ShortDuration(RunTime(trial, now))});
  }
  for (const pb::Attempt& attempt : trial.attempts()) {
    lines.push_back({absl::StrCat("attempt ", attempt.number()),
                     AttemptText(attempt, now)});
  }
  if (trial.optional_retry_of_case() == pb::Trial::kRetryOf) {
    lines.push_back({"retry of", absl::StrCat(trial.retry_of())});
  }
  for (SummaryLine& line : AttributeLines(FromProto(trial.attributes()))) {
    lines.push_back(std::move(line));
  }
  for (const TrialFile& file : files) lines.push_back({file.what, file.path});
  return lines;
}

Listing ListTrial(const pb::Trial& trial, const StudySpec& spec,
                  const std::vector<TrialFile>& files, absl::Time now) {
  Listing listing =
      ListTrials({trial}, spec, /*ranked=*/false, now, /*with_metrics=*/true);
  Json& json = listing.json[0];
  json["created"] = JsonTime(ToTime(trial.create_time()));
  json["ended"] =
      trial.has_end_time() ? JsonTime(ToTime(trial.end_time())) : Json(nullptr);
  json["last_step"] = trial.optional_last_step_case() == pb::Trial::kLastStep
                          ? Json(trial.last_step())
                          : Json(nullptr);
  json["failure_cause"] = absl::AsciiStrToLower(trial.failure_cause());
  json["attempt_list"] = Json::array();
  for (const pb::Attempt& attempt : trial.attempts()) {
    json["attempt_list"].push_back(JsonAttempt(attempt));
  }
  for (const TrialFile& file : files) json[file.what] = file.path;
  return listing;
}

}  // namespace attune
