#ifndef ATTUNE_BENCH_FMA_PEAK_H_
#define ATTUNE_BENCH_FMA_PEAK_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace attune {

// How many additions and multiplications of floats a second of this thread's
// CPU time holds, in nothing but independent vector instructions of the
// instruction set that `engine` (EngineName()) is built for. No program with
// those instructions is faster. nullopt where it is not known how.
std::optional<double> MeasureFmaPeak(absl::string_view engine);

}  // namespace attune

#endif  // ATTUNE_BENCH_FMA_PEAK_H_
