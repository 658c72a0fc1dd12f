#ifndef ATTUNE_CLIENT_TEXT_FILE_H_
#define ATTUNE_CLIENT_TEXT_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune {

// The first `most` bytes of the file at `path`. `what` it is meant to be,
// `study file`, is for the messages. NOT_FOUND if it cannot be opened,
// INVALID_ARGUMENT for a directory.
absl::StatusOr<std::string> ReadTextFile(const std::string& path,
                                         absl::string_view what, size_t most);

}  // namespace attune

#endif  // ATTUNE_CLIENT_TEXT_FILE_H_
