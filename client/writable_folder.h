#ifndef ATTUNE_CLIENT_WRITABLE_FOLDER_H_
#define ATTUNE_CLIENT_WRITABLE_FOLDER_H_

#include <string>

#include "absl/status/status.h"

namespace attune {

// FAILED_PRECONDITION, saying why, if no file can be created below `folder`,
// which need not be there yet. Creates nothing.
absl::Status CheckWritable(const std::string& folder);

}  // namespace attune

#endif  // ATTUNE_CLIENT_WRITABLE_FOLDER_H_
