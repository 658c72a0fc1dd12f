#include <cstdint>
#include <limits>
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
#include "proto/text.h"

// The calls of a worker.
namespace attune {
namespace {

constexpr size_t kMaxReason = 8 << 10;  // bytes

using convert::Join;
using convert::Problems;

LeaseToken ReadToken(const pb::LeaseToken& token, absl::string_view field,
                     Problems& violations) {
  if (token.study_id() < 1 || token.trial_number() < 1 || token.attempt() < 1) {
    violations.push_back(
        {.field = std::string(field),
         .description =
             absl::StrCat("found study_id ", token.study_id(),
                          ", trial_number ", token.trial_number(), ", attempt ",
                          token.attempt(), "; expected the token of a lease")});
  }
  return {
      .trial = {.study = {token.study_id()}, .number = token.trial_number()},
      .attempt = token.attempt()};
}

void WriteLease(const Assignment& assignment, pb::Lease& out) {
  constexpr uint64_t kMaxSeed = std::numeric_limits<int64_t>::max();
  ATTUNE_CHECK(assignment.study_seed <= kMaxSeed);
  out.set_worker(assignment.worker.value);
  *out.mutable_token() = ToProto(assignment.token);
  out.set_trial(TrialName(assignment.study, assignment.token.trial.number));
  *out.mutable_parameters() = ToProto(assignment.parameters);
  if (!std::holds_alternative<std::monostate>(assignment.task)) {
    convert::WriteTask(assignment.task, *out.mutable_task());
  }
  for (const Objective& objective : assignment.objectives) {
    *out.add_objectives() = convert::WriteObjective(objective);
  }
  // All 64 bits are used; the sign has no meaning.
  out.set_seed(static_cast<int64_t>(assignment.seed));
  out.set_study_seed(static_cast<int64_t>(assignment.study_seed));
  if (assignment.lease_duration != absl::InfiniteDuration()) {
    convert::WriteDuration(assignment.lease_duration,
                           *out.mutable_lease_duration());
  }
  out.set_last_attempt(assignment.last_attempt);
  convert::WriteTime(assignment.study_create_time,
                     *out.mutable_study_create_time());
  for (const std::string& name : assignment.parameter_order) {
    out.add_parameter_order(name);
  }
}

template <typename Response>
Response WriteReply(const LeaseReply& reply) {
  Response out;
  for (const Assignment& assignment : reply.assignments) {
    WriteLease(assignment, *out.add_leases());
  }
  out.set_exhausted(reply.exhausted);
  return out;
}

std::vector<Objective> ReadObjectives(const pb::Lease& lease,
                                      const std::string& field,
                                      Problems& violations) {
  std::vector<Objective> objectives;
  for (const pb::Objective& objective : lease.objectives()) {
    objectives.push_back(convert::ReadObjective(
        objective, Join(field, "objectives"), violations));
  }
  return objectives;
}

Assignment ReadLease(const pb::Lease& lease, const std::string& field,
                     Problems& violations) {
  absl::StatusOr<ParsedTrialName> name =
      ParseTrialName(lease.trial(), Join(field, "trial"));
  if (!name.ok()) {
    for (Violation& violation : Violations(name.status())) {
      violations.push_back(std::move(violation));
    }
    name = ParsedTrialName();
  }
  return {
      .worker = {lease.worker()},
      .token = ReadToken(lease.token(), Join(field, "token"), violations),
      .study = name->study,
      .study_create_time =
          convert::ReadTime(lease.study_create_time(),
                            Join(field, "study_create_time"), violations),
      .parameters = convert::ReadValues(lease.parameters().values(),
                                        Join(field, "parameters"), violations),
      .parameter_order = {lease.parameter_order().begin(),
                          lease.parameter_order().end()},
      .task = convert::ReadTask(lease.task(), violations),
      .objectives = ReadObjectives(lease, field, violations),
      .seed = static_cast<uint64_t>(lease.seed()),
      .study_seed = static_cast<uint64_t>(lease.study_seed()),
      .lease_duration =
          lease.has_lease_duration()
              ? convert::ReadDuration(lease.lease_duration(),
                                      Join(field, "lease_duration"), violations)
              : absl::InfiniteDuration(),
      .last_attempt = lease.last_attempt()};
}

}  // namespace

pb::LeaseToken ToProto(const LeaseToken& token) {
  pb::LeaseToken out;
  out.set_study_id(token.trial.study.value);
  out.set_trial_number(token.trial.number);
  out.set_attempt(token.attempt);
  return out;
}

pb::LeaseTrialsRequest ToProto(const LeaseRequest& request) {
  pb::LeaseTrialsRequest out;
  for (const WorkerId& worker : request.workers) out.add_workers(worker.value);
  if (!request.study.empty()) out.set_study(StudyName(request.study));
  out.set_with_task(request.with_task);
  if (request.wait != absl::ZeroDuration()) {
    convert::WriteDuration(request.wait, *out.mutable_wait());
  }
  return out;
}

pb::LeaseTrialsResponse ToProto(const LeaseReply& reply) {
  return WriteReply<pb::LeaseTrialsResponse>(reply);
}

pb::SuggestTrialsResponse ToSuggestResponse(const LeaseReply& reply) {
  return WriteReply<pb::SuggestTrialsResponse>(reply);
}

pb::Verdict ToProto(Verdict verdict) {
  switch (verdict) {
    case Verdict::kContinue:
      return pb::VERDICT_CONTINUE;
    case Verdict::kStop:
      return pb::VERDICT_STOP;
    case Verdict::kLeaseLost:
      return pb::VERDICT_LEASE_LOST;
  }
  return pb::VERDICT_UNSPECIFIED;
}

pb::RenewLeasesResponse ToProto(const std::vector<Verdict>& verdicts) {
  pb::RenewLeasesResponse out;
  for (Verdict verdict : verdicts) out.add_verdicts(ToProto(verdict));
  return out;
}

void SetResult(const Outcome& outcome, pb::CompleteTrialRequest& request) {
  std::visit(
      Overloaded{[&](const Finished&) { request.mutable_finished(); },
                 [&](const Stopped&) { request.mutable_stopped(); },
                 [&](const Diverged& diverged) {
                   request.mutable_infeasible()->set_reason(
                       FitText(diverged.reason, kMaxReason));
                 },
                 [&](const Broken&) {
                   // FailTrialRequest is the message for it.
                   ATTUNE_CHECK(!std::holds_alternative<Broken>(outcome));
                 }},
      outcome);
}

absl::StatusOr<LeaseToken> FromProto(const pb::LeaseToken& token) {
  Problems violations;
  LeaseToken result = ReadToken(token, "token", violations);
  return convert::Checked(result, violations);
}

absl::StatusOr<std::vector<LeaseToken>> FromProto(
    const google::protobuf::RepeatedPtrField<pb::LeaseToken>& tokens) {
  Problems violations;
  std::vector<LeaseToken> result;
  result.reserve(static_cast<size_t>(tokens.size()));
  for (int i = 0; i < tokens.size(); ++i) {
    result.push_back(
        ReadToken(tokens[i], absl::StrCat("tokens[", i, "]"), violations));
  }
  return convert::Checked(std::move(result), violations);
}

absl::StatusOr<LeaseRequest> FromProto(const pb::LeaseTrialsRequest& request) {
  Problems violations;
  LeaseRequest result{
      .with_task = request.with_task(),
      .wait = convert::ReadDuration(request.wait(), "wait", violations)};
  for (const std::string& worker : request.workers()) {
    result.workers.push_back({worker});
  }
  if (!request.study().empty()) {
    ATTUNE_ASSIGN_OR_RETURN(result.study,
                            ParseStudyName(request.study(), "study"));
  }
  return convert::Checked(std::move(result), violations);
}

absl::StatusOr<LeaseReply> FromProto(const pb::LeaseTrialsResponse& response) {
  Problems violations;
  LeaseReply result{.exhausted = response.exhausted()};
  for (int i = 0; i < response.leases_size(); ++i) {
    result.assignments.push_back(ReadLease(
        response.leases(i), absl::StrCat("leases[", i, "]"), violations));
  }
  return convert::Checked(std::move(result), violations);
}

absl::StatusOr<Verdict> FromProto(pb::Verdict verdict) {
  switch (verdict) {
    case pb::VERDICT_CONTINUE:
      return Verdict::kContinue;
    case pb::VERDICT_STOP:
      return Verdict::kStop;
    case pb::VERDICT_LEASE_LOST:
      return Verdict::kLeaseLost;
    default:
      break;
  }
  return InvalidFields({{.field = "verdict",
                         .description = absl::StrCat(
                             "found the unknown verdict ", int{verdict},
                             ", expected continue, stop or lease lost")}});
}

absl::StatusOr<std::vector<Verdict>> FromProto(
    const pb::RenewLeasesResponse& response) {
  std::vector<Verdict> result;
  for (int i = 0; i < response.verdicts_size(); ++i) {
    ATTUNE_ASSIGN_OR_RETURN(const Verdict verdict,
                            FromProto(response.verdicts(i)));
    result.push_back(verdict);
  }
  return result;
}

absl::StatusOr<Outcome> FromProto(const pb::CompleteTrialRequest& request) {
  switch (request.result_case()) {
    case pb::CompleteTrialRequest::kFinished:
      return Finished{};
    case pb::CompleteTrialRequest::kStopped:
      return Stopped{};
    case pb::CompleteTrialRequest::kInfeasible:
      return Diverged{.reason = request.infeasible().reason()};
    case pb::CompleteTrialRequest::RESULT_NOT_SET:
      break;
  }
  return InvalidFields(
      {{.field = "result",
        .description = "found none, expected finished, stopped or "
                       "infeasible"}});
}

}  // namespace attune
