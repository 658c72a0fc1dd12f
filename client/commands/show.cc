#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/study_summary.h"
#include "client/terminal.h"
#include "client/trial_summary.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

constexpr const char* kStates[] = {"completed", "running",    "waiting",
                                   "pruned",    "infeasible", "failed",
                                   "cancelled"};

// How long the trials that are left will take, as long as the completed ones on
// the average: rough, but there is no more to go by in one look.
std::optional<absl::Duration> GuessTimeLeft(const OpenStudy& open,
                                            const std::vector<pb::Trial>& done,
                                            absl::Time now) {
  const std::optional<int64_t> most = MostTrials(open.spec);
  const int64_t running = Count(open.study, "running");
  if (!most.has_value() || done.empty() || running == 0) return std::nullopt;
  absl::Duration total;
  for (const pb::Trial& trial : done) total += RunTime(trial, now);
  const int64_t left = std::max<int64_t>(0, *most - CountFinished(open.study));
  return total / static_cast<int64_t>(done.size()) * left / running;
}

std::string BestText(const pb::Trial& best, const StudySpec& spec) {
  return absl::StrCat(
      HasFront(spec)
          ? ObjectivesText(best, spec)
          : ShortNumber(ObjectiveValue(best, spec, 0).value_or(0.0), 6),
      " (trial ", best.number(), ")  ", ParametersLine(best, spec));
}

// The best trials as lines: one, or the size of the front and its best by the
// first objective.
std::vector<SummaryLine> BestLines(const OpenStudy& open,
                                   const std::vector<pb::Trial>& done) {
  const pb::Trial* best = BestByFirst(done, open.study.spec());
  if (best == nullptr) return {{"best", "none yet"}};
  const std::string text = BestText(*best, open.spec);
  if (!HasFront(open.spec)) return {{"best", text}};
  return {{"front",
           absl::StrCat(done.size(), done.size() == 1 ? " trial" : " trials")},
          {absl::StrCat("best by ", open.spec.objectives[0].metric), text}};
}

// The study with its best, as `list` has it.
StudySummary Summary(const OpenStudy& open,
                     const std::vector<pb::Trial>& done) {
  StudySummary summary = {.study = open.study, .best = {}};
  if (const pb::Trial* best = BestByFirst(done, open.study.spec())) {
    summary.best = {*best};
  }
  return summary;
}

std::string CountsText(const pb::Study& study) {
  std::vector<std::string> counts;
  for (const char* state : kStates) {
    const int64_t count = Count(study, state);
    if (count > 0) counts.push_back(absl::StrCat(count, " ", state));
  }
  return counts.empty() ? "none yet" : absl::StrJoin(counts, ", ");
}

std::string UsedText(const OpenStudy& open, absl::Time now) {
  std::vector<std::string> used;
  const Budget& budget = open.spec.budget;
  int64_t trials = 0;
  for (const auto& [state, count] : open.study.trial_counts()) trials += count;
  if (budget.max_trials.has_value()) {
    used.push_back(
        absl::StrCat(trials, " of ", *budget.max_trials, " trials created"));
  }
  if (budget.max_duration.has_value()) {
    used.push_back(absl::StrCat(
        ShortDuration(std::min(now - ToTime(open.study.create_time()),
                               *budget.max_duration)),
        " of ", ShortDuration(*budget.max_duration)));
  }
  return absl::StrJoin(used, ", ");
}

Json JsonStudy(const OpenStudy& open, const std::vector<pb::Trial>& done,
               const std::vector<TrialError>& errors,
               const std::optional<absl::Duration>& left) {
  Json json = ListStudies({Summary(open, done)}).json[0];
  if (HasFront(open.spec)) json["front"] = done.size();
  json["reason"] = open.study.state_reason();
  json["trials"] = Json::object();
  for (const char* state : kStates) {
    json["trials"][state] = Count(open.study, state);
  }
  json["time_left_s"] =
      left.has_value() ? JsonNumber(absl::ToDoubleSeconds(*left)) : Json();
  json["errors"] = Json::array();
  for (const TrialError& error : errors) {
    json["errors"].push_back(absl::StrCat("trial ", error.trial.number(), ": ",
                                          error.trial.state_reason()));
  }
  return json;
}

std::vector<SummaryLine> StudyLines(const OpenStudy& open,
                                    const std::vector<pb::Trial>& done,
                                    const std::vector<TrialError>& errors,
                                    const std::optional<absl::Duration>& left,
                                    absl::Time now) {
  std::string state = StateWord(open.study.state());
  if (!open.study.state_reason().empty()) {
    absl::StrAppend(&state, ": ", Printable(open.study.state_reason()));
  }
  std::vector<SummaryLine> lines = {
      {"study", open.name},
      {"state", state},
      {"created", ShortTime(ToTime(open.study.create_time()))},
      {"trials", CountsText(open.study)}};
  for (SummaryLine& line : BestLines(open, done)) {
    lines.push_back(std::move(line));
  }
  const std::string used = UsedText(open, now);
  if (!used.empty()) lines.push_back({"used", used});
  if (left.has_value()) {
    lines.push_back(
        {"time left", absl::StrCat("about ", ShortDuration(*left))});
  }
  for (const TrialError& error : errors) {
    const std::string others =
        error.others == 0 ? ""
                          : absl::StrCat(" (and ", error.others, " before it)");
    lines.push_back(
        {"error", absl::StrCat("trial ", error.trial.number(), others, " ",
                               StateWord(error.trial.state()), ": ",
                               Printable(error.trial.state_reason()))});
  }
  for (SummaryLine& line : AttributeLines(FromProto(open.study.attributes()))) {
    lines.push_back(std::move(line));
  }
  for (SummaryLine& line : SpecLines(open.spec)) {
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

namespace {

absl::Status ShowTrial(const Globals& globals, const OpenStudy& open,
                       int64_t number) {
  ATTUNE_ASSIGN_OR_RETURN(const pb::Trial trial,
                          GetTrial(open, number, globals));
  std::vector<TrialFile> files;
  const std::string root = ArtifactDir(globals.connection, "");
  for (const char* what : {"model", "checkpoint"}) {
    const std::string path =
        root.empty() ? ""
                     : TrialFilePath(root, open, number,
                                     absl::StrCat(what, ".safetensors"));
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) files.push_back({what, path});
  }
  if (globals.output != OutputFormat::kTable) {
    return Print(ListTrial(trial, open.spec, files, absl::Now()), globals);
  }
  return WriteOut(
      FormatLines(TrialLines(trial, open.spec, files, absl::Now()),
                  {.color = UseColor(globals.color, STDOUT_FILENO)}));
}

}  // namespace

absl::Status Show(const Globals& globals, const ShowOptions& options) {
  constexpr int kSample = 100;
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kRead));
  if (options.trial > 0) return ShowTrial(globals, open, options.trial);
  StudyClient& client = open.connection->client();
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<pb::Trial> done,
      client.ListBestTrials(open.name,
                            CountOfBest(HasFront(open.spec), kSample)));
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<pb::Trial> failed,
      client.ListTrials(open.name, {pb::Trial::FAILED, pb::Trial::INFEASIBLE},
                        /*limit=*/0));
  const std::vector<TrialError> errors = LastErrors(std::move(failed));
  const absl::Time now = absl::Now();
  const std::optional<absl::Duration> left = GuessTimeLeft(open, done, now);
  if (globals.output != OutputFormat::kTable) {
    Listing listing = ListStudies({Summary(open, done)});
    listing.csv.push_back({.title = "reason", .path = {"reason"}});
    for (const char* state : kStates) {
      listing.csv.push_back({.title = state, .path = {"trials", state}});
    }
    if (HasFront(open.spec)) {
      listing.csv.push_back({.title = "front", .path = {"front"}});
    }
    listing.csv.push_back({.title = "time_left_s", .path = {"time_left_s"}});
    listing.json = Json::array({JsonStudy(open, done, errors, left)});
    return Print(listing, globals);
  }
  return WriteOut(
      FormatLines(StudyLines(open, done, errors, left, now),
                  {.color = UseColor(globals.color, STDOUT_FILENO)}));
}

}  // namespace attune
