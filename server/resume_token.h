#ifndef ATTUNE_SERVER_RESUME_TOKEN_H_
#define ATTUNE_SERVER_RESUME_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/ids.h"

namespace attune {

// How far a reader of a study's changes has come: the change numbers of the
// last that it was told of, as in Study::change and Trial::change. Two, since
// the study and its trials are not read at the same moment.
struct WatchPosition {
  int64_t study = -1;  // -1: before the first
  int64_t trials = -1;
  friend bool operator==(const WatchPosition&, const WatchPosition&) = default;
};

// Opaque to callers, and bound to the study.
std::string MakeResumeToken(StudyId study, const WatchPosition& position);

// The beginning for the empty token. INVALID_ARGUMENT for a token that is none,
// or is one of another study.
absl::StatusOr<WatchPosition> ReadResumeToken(StudyId study,
                                              absl::string_view token);

}  // namespace attune

#endif  // ATTUNE_SERVER_RESUME_TOKEN_H_
