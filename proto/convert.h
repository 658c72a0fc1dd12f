#ifndef ATTUNE_PROTO_CONVERT_H_
#define ATTUNE_PROTO_CONVERT_H_

#include <google/protobuf/map.h>
#include <google/protobuf/repeated_ptr_field.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/attributes.h"
#include "core/coordinator_api.h"
#include "core/search_space.h"
#include "core/study.h"
#include "core/trial.h"
#include "proto/study_service.pb.h"
#include "proto/types.pb.h"
#include "proto/worker_service.pb.h"

// The only code that touches both the domain and the wire. Nothing here knows
// which specs are legal, only which messages can be read: an unset oneof or
// enum that has no default is a violation, and so is a number that does not
// fit.
namespace attune {

namespace pb = ::attune::v1;

// ---- names ------------------------------------------------------------------

std::string StudyName(absl::string_view study);  // `studies/{study}`
std::string TrialName(absl::string_view study, int64_t number);

// INVALID_ARGUMENT, with `field` in its violation, for any other form.
absl::StatusOr<std::string> ParseStudyName(absl::string_view name,
                                           absl::string_view field = "name");
struct ParsedTrialName {
  std::string study;
  int64_t number = 0;
};
absl::StatusOr<ParsedTrialName> ParseTrialName(
    absl::string_view name, absl::string_view field = "name");

// ---- studies ----------------------------------------------------------------

pb::ParameterValue ToProto(const ParameterValue& value);
pb::Assignment ToProto(const Parameters& parameters);
pb::StudySpec ToProto(const StudySpec& spec);  // without the name
pb::Study ToProto(const Study& study);         // without trial_counts

absl::StatusOr<ParameterValue> FromProto(const pb::ParameterValue& value);
absl::StatusOr<Parameters> FromProto(const pb::Assignment& assignment);
// All violations at once, fields named as in the study file. Fields that this
// version does not know are refused too: leaving them out would mean another
// study.
absl::StatusOr<StudySpec> FromProto(absl::string_view study_id,
                                    const pb::StudySpec& spec);
absl::StatusOr<Study> FromProto(const pb::Study& study);
// Fields are named `budget.max_duration`.
absl::StatusOr<Budget> FromProto(const pb::Budget& budget);
Attributes FromProto(
    const google::protobuf::Map<std::string, std::string>& attributes);

// A revision as its caller keeps it.
std::string ToEtag(int64_t revision);
// nullopt for the empty etag. INVALID_ARGUMENT, with `field` in its violation,
// for a text that is no etag.
absl::StatusOr<std::optional<int64_t>> ParseEtag(absl::string_view etag,
                                                 absl::string_view field);

// ---- trials -----------------------------------------------------------------

pb::Measurement ToProto(const Measurement& measurement);
// `latest` are the trial's latest metrics, empty if it has none.
pb::Trial ToProto(const Trial& trial, absl::string_view study,
                  const Measurement* latest);

absl::StatusOr<Measurement> FromProto(const pb::Measurement& measurement);
// Fields are named `measurements[3].step`.
absl::StatusOr<std::vector<Measurement>> FromProto(
    const google::protobuf::RepeatedPtrField<pb::Measurement>& measurements);

// ---- a worker's calls -------------------------------------------------------

pb::LeaseToken ToProto(const LeaseToken& token);
pb::LeaseTrialsRequest ToProto(const LeaseRequest& request);
pb::LeaseTrialsResponse ToProto(const LeaseReply& reply);
pb::SuggestTrialsResponse ToSuggestResponse(const LeaseReply& reply);
pb::Verdict ToProto(Verdict verdict);
pb::RenewLeasesResponse ToProto(const std::vector<Verdict>& verdicts);
// REQUIRES: `outcome` is not Broken, which goes in a FailTrialRequest.
void SetResult(const Outcome& outcome, pb::CompleteTrialRequest& request);

absl::StatusOr<LeaseToken> FromProto(const pb::LeaseToken& token);
// Fields are named `tokens[3]`.
absl::StatusOr<std::vector<LeaseToken>> FromProto(
    const google::protobuf::RepeatedPtrField<pb::LeaseToken>& tokens);
absl::StatusOr<LeaseRequest> FromProto(const pb::LeaseTrialsRequest& request);
absl::StatusOr<LeaseReply> FromProto(const pb::LeaseTrialsResponse& response);
absl::StatusOr<Verdict> FromProto(pb::Verdict verdict);
absl::StatusOr<std::vector<Verdict>> FromProto(
    const pb::RenewLeasesResponse& response);
absl::StatusOr<Outcome> FromProto(const pb::CompleteTrialRequest& request);

}  // namespace attune

#endif  // ATTUNE_PROTO_CONVERT_H_
