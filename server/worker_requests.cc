#include "server/worker_requests.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/coordinator_api.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/text.h"

namespace attune {
namespace {

// What a trial says for a person. Longer texts are cut: losing the end of one
// is better than losing the result that came with it.
constexpr size_t kMaxMessage = 8 << 10;

}  // namespace

absl::StatusOr<Command> ToCommand(const v1::LeaseTrialsRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(LeaseRequest lease, FromProto(request));
  return LeaseTrials{.request = std::move(lease)};
}

absl::StatusOr<Command> ToCommand(const v1::RenewLeasesRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(std::vector<LeaseToken> tokens,
                          FromProto(request.tokens()));
  return RenewLeases{.tokens = std::move(tokens)};
}

absl::StatusOr<Command> ToCommand(
    const v1::ReportMeasurementsRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Measurement> measurements,
                          FromProto(request.measurements()));
  return ReportMeasurements{.token = token,
                            .measurements = std::move(measurements)};
}

absl::StatusOr<Command> ToCommand(const v1::CompleteTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Measurement> measurements,
                          FromProto(request.measurements()));
  ATTUNE_ASSIGN_OR_RETURN(Outcome outcome, FromProto(request));
  if (auto* diverged = std::get_if<Diverged>(&outcome)) {
    diverged->reason = FitText(diverged->reason, kMaxMessage);
  }
  return FinishTrial{.token = token,
                     .measurements = std::move(measurements),
                     .outcome = std::move(outcome)};
}

absl::StatusOr<Command> ToCommand(const v1::FailTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Measurement> measurements,
                          FromProto(request.measurements()));
  return FinishTrial{
      .token = token,
      .measurements = std::move(measurements),
      .outcome = Broken{.message = FitText(request.message(), kMaxMessage)}};
}

absl::StatusOr<Command> ToCommand(const v1::ReleaseTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  return ReleaseTrial{.token = token};
}

}  // namespace attune
