#include "server/study_requests.h"

#include <google/protobuf/field_mask.pb.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/text.h"

namespace attune {
namespace {

// A study is sent back whole, and clients accept 4 MiB.
constexpr size_t kMaxSpecBytes = 1 << 20;
// What is said of a trial for a person; longer texts are cut.
constexpr size_t kMaxReason = 8 << 10;

// For the requests that name a study and no more.
template <typename Change, typename Request>
absl::StatusOr<Command> Named(const Request& request) {
  ATTUNE_ASSIGN_OR_RETURN(std::string study, ParseStudyName(request.name()));
  return Change{.study = std::move(study)};
}

// For those that name a trial and give a reason.
template <typename Change, typename Request>
absl::StatusOr<Command> WithReason(const Request& request) {
  ATTUNE_ASSIGN_OR_RETURN(ParsedTrialName name, ParseTrialName(request.name()));
  return Change{.study = std::move(name.study),
                .number = name.number,
                .reason = FitText(request.reason(), kMaxReason)};
}

using Paths = std::map<std::string, std::set<StudyField>>;

const Paths& StudyPaths() {
  using F = StudyField;
  static const auto& paths = *new Paths{
      {"attributes", {F::kAttributes}},
      {"spec.budget",
       {F::kMaxTrials, F::kMaxParallel, F::kMaxDuration, F::kMaxFailed}},
      {"spec.budget.max_trials", {F::kMaxTrials}},
      {"spec.budget.max_parallel", {F::kMaxParallel}},
      {"spec.budget.max_duration", {F::kMaxDuration}},
      {"spec.budget.max_failed", {F::kMaxFailed}},
  };
  return paths;
}

Violation UnknownPath(absl::string_view path,
                      const std::vector<std::string>& known) {
  const std::string nearest = NearestName(path, known);
  return {
      .field = "update_mask",
      .description = absl::StrCat(
          "found `", FitText(path, 100), "`, expected one of ",
          absl::StrJoin(known, ", "),
          nearest.empty() ? ""
                          : absl::StrCat("; did you mean `", nearest, "`?"))};
}

Violation EmptyMask(const std::vector<std::string>& known) {
  return {.field = "update_mask",
          .description = absl::StrCat("found no path, expected one of ",
                                      absl::StrJoin(known, ", "))};
}

absl::StatusOr<std::set<StudyField>> ReadMask(
    const google::protobuf::FieldMask& mask) {
  std::vector<std::string> known;
  for (const auto& [path, fields] : StudyPaths()) known.push_back(path);
  std::vector<Violation> violations;
  if (mask.paths().empty()) violations.push_back(EmptyMask(known));
  std::set<StudyField> fields;
  for (const std::string& path : mask.paths()) {
    const auto found = StudyPaths().find(path);
    if (found == StudyPaths().end()) {
      violations.push_back(UnknownPath(path, known));
    } else {
      fields.insert(found->second.begin(), found->second.end());
    }
  }
  if (!violations.empty()) return InvalidFields(violations);
  return fields;
}

}  // namespace

absl::StatusOr<Command> ToCommand(const v1::CreateStudyRequest& request) {
  const size_t bytes = request.spec().ByteSizeLong();
  if (bytes > kMaxSpecBytes) {
    return InvalidFields(
        {{.field = "spec",
          .description = absl::StrCat(
              "found ", bytes, " bytes, expected at most ", kMaxSpecBytes)}});
  }
  ATTUNE_ASSIGN_OR_RETURN(StudySpec spec,
                          FromProto(request.study_id(), request.spec()));
  const std::vector<Violation> violations = Validate(spec);
  if (!violations.empty()) return InvalidFields(violations);
  return CreateStudy{.spec = std::move(spec),
                     .attributes = FromProto(request.attributes())};
}

absl::StatusOr<Command> ToCommand(const v1::UpdateStudyRequest& request) {
  const v1::Study& study = request.study();
  UpdateStudy command;
  ATTUNE_ASSIGN_OR_RETURN(command.study,
                          ParseStudyName(study.name(), "study.name"));
  ATTUNE_ASSIGN_OR_RETURN(command.revision,
                          ParseEtag(study.etag(), "study.etag"));
  ATTUNE_ASSIGN_OR_RETURN(command.fields, ReadMask(request.update_mask()));
  ATTUNE_ASSIGN_OR_RETURN(command.budget, FromProto(study.spec().budget()));
  if (command.fields.contains(StudyField::kAttributes)) {
    command.attributes = FromProto(study.attributes());
  }
  return command;
}

absl::StatusOr<Command> ToCommand(const v1::DeleteStudyRequest& request) {
  DeleteStudy command;
  ATTUNE_ASSIGN_OR_RETURN(command.study, ParseStudyName(request.name()));
  ATTUNE_ASSIGN_OR_RETURN(command.revision, ParseEtag(request.etag(), "etag"));
  return command;
}

absl::StatusOr<Command> ToCommand(const v1::PauseStudyRequest& request) {
  return Named<PauseStudy>(request);
}

absl::StatusOr<Command> ToCommand(const v1::ResumeStudyRequest& request) {
  return Named<ResumeStudy>(request);
}

absl::StatusOr<Command> ToCommand(const v1::StopStudyRequest& request) {
  return Named<StopStudy>(request);
}

absl::StatusOr<Command> ToCommand(const v1::CreateTrialsRequest& request) {
  CreateTrials command = {.request_id = request.request_id()};
  ATTUNE_ASSIGN_OR_RETURN(command.study,
                          ParseStudyName(request.parent(), "parent"));
  std::vector<Violation> violations;
  for (int i = 0; i < request.trials_size(); ++i) {
    const v1::Trial& trial = request.trials(i);
    absl::StatusOr<Parameters> parameters = FromProto(trial.parameters());
    if (parameters.ok()) {
      command.trials.push_back({.parameters = *std::move(parameters),
                                .attributes = FromProto(trial.attributes())});
      continue;
    }
    for (Violation& violation : Violations(parameters.status())) {
      violation.field = absl::StrCat("trials[", i, "].", violation.field);
      violations.push_back(std::move(violation));
    }
  }
  if (!violations.empty()) return InvalidFields(violations);
  return command;
}

absl::StatusOr<Command> ToCommand(const v1::SuggestTrialsRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(std::string study,
                          ParseStudyName(request.parent(), "parent"));
  return SuggestTrials{.study = std::move(study),
                       .worker = {request.worker()},
                       .count = request.count() == 0 ? 1 : request.count(),
                       .request_id = request.request_id()};
}

absl::StatusOr<Command> ToCommand(const v1::UpdateTrialRequest& request) {
  const v1::Trial& trial = request.trial();
  UpdateTrial command;
  ATTUNE_ASSIGN_OR_RETURN(const ParsedTrialName name,
                          ParseTrialName(trial.name(), "trial.name"));
  command.study = name.study;
  command.number = name.number;
  ATTUNE_ASSIGN_OR_RETURN(command.revision,
                          ParseEtag(trial.etag(), "trial.etag"));
  const std::vector<std::string> known = {"attributes"};
  std::vector<Violation> violations;
  if (request.update_mask().paths().empty()) {
    violations.push_back(EmptyMask(known));
  }
  for (const std::string& path : request.update_mask().paths()) {
    if (path != known[0]) violations.push_back(UnknownPath(path, known));
  }
  if (!violations.empty()) return InvalidFields(violations);
  command.attributes = FromProto(trial.attributes());
  return command;
}

absl::StatusOr<Command> ToCommand(const v1::CancelTrialRequest& request) {
  return WithReason<CancelTrial>(request);
}

absl::StatusOr<Command> ToCommand(const v1::StopTrialRequest& request) {
  return WithReason<StopTrial>(request);
}

absl::StatusOr<Command> ToCommand(const v1::RetryTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(ParsedTrialName name, ParseTrialName(request.name()));
  return RetryTrial{.study = std::move(name.study), .number = name.number};
}

}  // namespace attune
