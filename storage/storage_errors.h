#ifndef ATTUNE_STORAGE_STORAGE_ERRORS_H_
#define ATTUNE_STORAGE_STORAGE_ERRORS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/ids.h"

// The errors that every storage says in the same words.
namespace attune {

// `studies/3`, `studies/3/trials/17`.
std::string ResourceName(StudyId id);
std::string ResourceName(TrialId id);

// ABORTED; `stored` is 0 if there is no such record.
absl::Status RevisionMismatch(absl::string_view resource, int64_t stored,
                              int64_t committed);

// ALREADY_EXISTS.
absl::Status NameTaken(absl::string_view study_name);

// INTERNAL: `what` belongs to `owner`, which is not stored.
absl::Status NoOwner(absl::string_view what, absl::string_view owner);

// FAILED_PRECONDITION.
absl::Status OpenedReadOnly(absl::string_view path);

// `status` with `what` before its message; reason and resource are kept.
absl::Status Annotate(const absl::Status& status, absl::string_view what);

}  // namespace attune

#endif  // ATTUNE_STORAGE_STORAGE_ERRORS_H_
