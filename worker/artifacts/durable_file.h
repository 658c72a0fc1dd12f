#ifndef ATTUNE_WORKER_ARTIFACTS_DURABLE_FILE_H_
#define ATTUNE_WORKER_ARTIFACTS_DURABLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune {

// Puts `bytes` into the file at `path`, whole or not at all, whatever is killed
// or loses power meanwhile: writes to `temporary_path`, in the same folder and
// used by nobody else, makes it durable and gives it its name. Creates the
// folder. On an error, which names what could not be done and why, what was at
// `path` is still there.
absl::Status WriteFileDurably(const std::string& path,
                              const std::string& temporary_path,
                              absl::string_view bytes);

// NOT_FOUND if there is no such file, FAILED_PRECONDITION if it is a folder, a
// device or a pipe.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace attune

#endif  // ATTUNE_WORKER_ARTIFACTS_DURABLE_FILE_H_
