#ifndef ATTUNE_TESTS_FUZZ_REFUSAL_H_
#define ATTUNE_TESTS_FUZZ_REFUSAL_H_

#include "absl/status/status.h"
#include "core/check.h"

namespace attune {

// An error that whoever wrote the bytes can do something about: it says what
// is wrong, and never that we are.
inline void CheckRefusal(const absl::Status& status) {
  ATTUNE_CHECK(!status.ok() && !status.message().empty());
  ATTUNE_CHECK(!absl::IsInternal(status) && !absl::IsUnknown(status));
}

}  // namespace attune

#endif  // ATTUNE_TESTS_FUZZ_REFUSAL_H_
