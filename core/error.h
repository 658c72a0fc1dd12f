#ifndef ATTUNE_CORE_ERROR_H_
#define ATTUNE_CORE_ERROR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace attune {

// One thing that is wrong with a request or a file.
struct Violation {
  std::string field;        // where, e.g. `parameters.learning_rate.min`
  std::string description;  // what was found and what was expected
  friend bool operator==(const Violation&, const Violation&) = default;
};

// Every error that a caller may want to tell apart has a reason. It travels as
// google.rpc.ErrorInfo.reason with the domain `attune`. docs/protocol.md lists
// them; they are part of the API and never change their meaning.
namespace reason {
inline constexpr absl::string_view kInvalidField = "INVALID_FIELD";
inline constexpr absl::string_view kStudyNotFound = "STUDY_NOT_FOUND";
inline constexpr absl::string_view kTrialNotFound = "TRIAL_NOT_FOUND";
inline constexpr absl::string_view kStudyExists = "STUDY_EXISTS";
inline constexpr absl::string_view kStudyState = "STUDY_STATE";
inline constexpr absl::string_view kTrialFinished = "TRIAL_FINISHED";
inline constexpr absl::string_view kTrialState = "TRIAL_STATE";
inline constexpr absl::string_view kBudgetExhausted = "BUDGET_EXHAUSTED";
inline constexpr absl::string_view kNoSearchSpace = "NO_SEARCH_SPACE";
inline constexpr absl::string_view kRequestIdReused = "REQUEST_ID_REUSED";
inline constexpr absl::string_view kLeaseLost = "LEASE_LOST";
inline constexpr absl::string_view kRevisionMismatch = "REVISION_MISMATCH";
inline constexpr absl::string_view kStorageUnavailable = "STORAGE_UNAVAILABLE";
inline constexpr absl::string_view kShuttingDown = "SHUTTING_DOWN";
inline constexpr absl::string_view kReadOnly = "READ_ONLY";
inline constexpr absl::string_view kTooLarge = "TOO_LARGE";
inline constexpr absl::string_view kLimitReached = "LIMIT_REACHED";
inline constexpr absl::string_view kOverloaded = "OVERLOADED";
}  // namespace reason

// A status with `reason` attached. `resource` is the name of what the error is
// about, e.g. `studies/fashion-mlp`, where there is one.
absl::Status Error(absl::StatusCode code, absl::string_view reason,
                   absl::string_view message, absl::string_view resource = "");

// INVALID_ARGUMENT with reason INVALID_FIELD that carries every violation.
// REQUIRES: `violations` is not empty.
absl::Status InvalidFields(const std::vector<Violation>& violations);

// RESOURCE_EXHAUSTED with reason LIMIT_REACHED: there are as many `things` as
// may be at a time. The caller may try again later.
absl::Status LimitReached(absl::string_view things, size_t limit);

// What Error() and InvalidFields() attached; empty if nothing was.
std::string Reason(const absl::Status& status);
std::string Resource(const absl::Status& status);
std::vector<Violation> Violations(const absl::Status& status);

// As above, for whoever reads a status from the wire.
void SetReason(absl::string_view reason, absl::Status& status);
void SetResource(absl::string_view resource, absl::Status& status);
void SetViolations(const std::vector<Violation>& violations,
                   absl::Status& status);

// The one of `candidates` nearest to `word` by edit distance, if it is near
// enough to be what was meant; else empty.
std::string NearestName(absl::string_view word,
                        const std::vector<std::string>& candidates);

}  // namespace attune

#endif  // ATTUNE_CORE_ERROR_H_
