#ifndef ATTUNE_CORE_EXIT_CODE_H_
#define ATTUNE_CORE_EXIT_CODE_H_

namespace attune::exit_code {

// How each of our programs says what became of it.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;  // and stderr says why
inline constexpr int kWrongUsage = 2;

}  // namespace attune::exit_code

#endif  // ATTUNE_CORE_EXIT_CODE_H_
