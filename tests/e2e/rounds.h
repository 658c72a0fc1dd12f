#ifndef ATTUNE_TESTS_E2E_ROUNDS_H_
#define ATTUNE_TESTS_E2E_ROUNDS_H_

#include <cstdlib>

#include "absl/strings/numbers.h"

namespace attune {

// The number that the variable `name` of the environment says, else
// `otherwise`: how long scripts/soak makes a test, and what its seed is.
inline int NumberFromEnv(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  int number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number
                                                            : otherwise;
}

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_ROUNDS_H_
