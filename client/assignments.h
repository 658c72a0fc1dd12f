#ifndef ATTUNE_CLIENT_ASSIGNMENTS_H_
#define ATTUNE_CLIENT_ASSIGNMENTS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/attributes.h"
#include "core/search_space.h"
#include "core/study.h"

// What people write as `NAME=VALUE`, or as a table of points.
namespace attune {

// As many points as one call creates.
inline constexpr size_t kMaxPoints = 1000;

using NameAndText = std::pair<std::string, std::string>;

// Splits each `NAME=TEXT` at its first `=`. INVALID_ARGUMENT for one without a
// `=`, and for a name that comes twice.
absl::StatusOr<std::vector<NameAndText>> SplitAssignments(
    const std::vector<std::string>& words);

// As attributes. INVALID_ARGUMENT also for names and texts that are none.
absl::StatusOr<Attributes> ReadAttributes(
    const std::vector<std::string>& words);

// As a point of the study's search space: values have the types of their
// domains, and those of a choice are told by their texts. In a study without
// one, a value has the type that it has in a study file. INVALID_ARGUMENT with
// all that is wrong, one a line.
absl::StatusOr<Parameters> ReadPoint(const std::vector<NameAndText>& values,
                                     const StudySpec& spec);

// Comma-separated values with the names in the first line, as ReadPoint() takes
// them; a parameter whose cell is empty is not given. `name` is how the
// messages call the file; each has its line.
absl::StatusOr<std::vector<Parameters>> ReadPoints(absl::string_view text,
                                                   absl::string_view name,
                                                   const StudySpec& spec);

}  // namespace attune

#endif  // ATTUNE_CLIENT_ASSIGNMENTS_H_
