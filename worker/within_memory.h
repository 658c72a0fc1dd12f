#ifndef ATTUNE_WORKER_WITHIN_MEMORY_H_
#define ATTUNE_WORKER_WITHIN_MEMORY_H_

#include <new>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace attune {

// What `work`, which returns an absl::StatusOr, returns; RESOURCE_EXHAUSTED if
// it asks for memory that is not to be had. `what` says what does not fit then.
//
// Nothing of ours throws, but what allocates does. This is where that ends, so
// that a training which is too large costs its trial and not the process.
template <typename Work>
auto WithinMemory(absl::string_view what, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(absl::StrCat(
        what,
        " does not fit into memory: more was asked for than this process may "
        "have"));
  }
}

}  // namespace attune

#endif  // ATTUNE_WORKER_WITHIN_MEMORY_H_
