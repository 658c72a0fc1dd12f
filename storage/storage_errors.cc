#include "storage/storage_errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "core/error.h"

namespace attune {

std::string ResourceName(StudyId id) {
  return absl::StrCat("studies/", id.value);
}

std::string ResourceName(TrialId id) {
  return absl::StrCat(ResourceName(id.study), "/trials/", id.number);
}

absl::Status RevisionMismatch(absl::string_view resource, int64_t stored,
                              int64_t committed) {
  const std::string found =
      stored == 0 ? std::string("there is none")
                  : absl::StrCat("the stored one has revision ", stored);
  return Error(absl::StatusCode::kAborted, reason::kRevisionMismatch,
               absl::StrCat("storing ", resource, " with revision ", committed,
                            ": ", found, ", expected revision ", stored + 1),
               resource);
}

absl::Status NameTaken(absl::string_view study_name) {
  return Error(absl::StatusCode::kAlreadyExists, reason::kStudyExists,
               absl::StrCat("there is another study named '", study_name, "'"),
               absl::StrCat("studies/", study_name));
}

absl::Status NoOwner(absl::string_view what, absl::string_view owner) {
  return absl::InternalError(
      absl::StrCat("storing ", what, ": ", owner, " is not stored"));
}

absl::Status OpenedReadOnly(absl::string_view path) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kReadOnly,
               absl::StrCat(path, " is opened for reading only"));
}

absl::Status Annotate(const absl::Status& status, absl::string_view what) {
  absl::Status annotated(status.code(),
                         absl::StrCat(what, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    annotated.SetPayload(type, payload);
  });
  return annotated;
}

}  // namespace attune
