#ifndef ATTUNE_CORE_CHECK_H_
#define ATTUNE_CORE_CHECK_H_

namespace attune {

// Prints what failed and where to stderr, and aborts.
[[noreturn]] void CheckFailed(const char* condition, const char* file,
                              int line);

}  // namespace attune

// For what only we could do wrong: preconditions, impossible cases, invariants.
// On in every build.
#define ATTUNE_CHECK(condition)                              \
  do {                                                       \
    if (!(condition)) [[unlikely]] {                         \
      ::attune::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                        \
  } while (false)

#endif  // ATTUNE_CORE_CHECK_H_
