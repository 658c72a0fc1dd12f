#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/assignments.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/text_file.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

// More than a thousand points fill.
constexpr size_t kMaxBytes = 8 << 20;

absl::StatusOr<std::vector<Parameters>> ReadFile(const std::string& path,
                                                 const StudySpec& spec) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string text,
                          ReadTextFile(path, "table of points", kMaxBytes + 1));
  if (text.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": found a file of more than ", kMaxBytes,
                     " bytes, expected at most ", kMaxPoints, " points"));
  }
  return ReadPoints(text, path, spec);
}

// What can be seen to be wrong before a study is asked for.
absl::Status CheckUsage(const CreateTrialOptions& options) {
  if (absl::StrContains(options.study, '=')) {
    return WrongUsage(absl::StrCat("found `", options.study,
                                   "`, expected the study's name before the "
                                   "parameters"));
  }
  if (options.file.empty() && options.parameters.empty()) {
    return WrongUsage(
        "found no point, expected NAME=VALUE for each parameter, or --file");
  }
  if (!options.file.empty() && !options.parameters.empty()) {
    return WrongUsage(absl::StrCat("found `", options.parameters[0],
                                   "` beside --file, expected one of the two"));
  }
  return absl::OkStatus();
}

std::vector<pb::Trial> MakeTrials(const std::vector<Parameters>& points,
                                  const Attributes& attributes) {
  std::vector<pb::Trial> trials;
  for (const Parameters& point : points) {
    pb::Trial& trial = trials.emplace_back();
    *trial.mutable_parameters() = ToProto(point);
    trial.mutable_attributes()->insert(attributes.begin(), attributes.end());
  }
  return trials;
}

}  // namespace

absl::Status CreateTrial(const Globals& globals,
                         const CreateTrialOptions& options) {
  ATTUNE_RETURN_IF_ERROR(CheckUsage(options));
  const auto values = SplitAssignments(options.parameters);
  if (!values.ok()) return WrongUsage(std::string(values.status().message()));
  const auto attributes = ReadAttributes(options.attributes);
  if (!attributes.ok()) {
    return WrongUsage(
        absl::StrCat("--attribute: ", attributes.status().message()));
  }
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  std::vector<Parameters> points(1);
  if (options.file.empty()) {
    ATTUNE_ASSIGN_OR_RETURN(points[0], ReadPoint(*values, open.spec));
  } else {
    ATTUNE_ASSIGN_OR_RETURN(points, ReadFile(options.file, open.spec));
  }
  StudyClient& client = open.connection->client();
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<pb::Trial> created,
      client.CreateTrials(open.name, MakeTrials(points, *attributes),
                          options.request_id));
  ATTUNE_RETURN_IF_ERROR(Print(
      ListTrials(created, open.spec, /*ranked=*/false, absl::Now()), globals));
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study now, client.GetStudy(open.name));
  SayHowToRun(open, now, globals);
  return absl::OkStatus();
}

}  // namespace attune
