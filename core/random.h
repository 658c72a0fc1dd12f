#ifndef ATTUNE_CORE_RANDOM_H_
#define ATTUNE_CORE_RANDOM_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace attune {

// A small seeded generator: xoshiro256++ (Blackman & Vigna, "Scrambled linear
// pseudorandom number generators", 2019), seeded by splitmix64. The same seed
// gives the same numbers on every machine and with every compiler. Copyable;
// not for use by several threads at once.
class Rng {
 public:
  explicit Rng(uint64_t seed);

  // An independent generator that depends on this one's seed and on `key`, and
  // not on how many numbers were drawn. Purposes are told apart by name.
  Rng Split(uint64_t key) const;
  Rng Split(absl::string_view key) const;

  uint64_t Bits();                         // uniform over all 64-bit values
  double Uniform();                        // in [0, 1), 53 bits
  double Uniform(double min, double max);  // in [min, max)
  // Uniform over 0 ... n-1, without bias (Lemire 2019). REQUIRES: n >= 1.
  uint64_t Below(uint64_t n);
  double Normal();  // mean 0, variance 1 (Marsaglia's polar method)
  std::vector<int64_t> Permutation(int64_t n);  // of 0 ... n-1 (Fisher-Yates)

  // The whole state, to save and restore: four words and the seed.
  std::array<uint64_t, 5> State() const;
  static Rng FromState(const std::array<uint64_t, 5>& state);

 private:
  uint64_t seed_;
  std::array<uint64_t, 4> state_;
};

// A 64-bit hash of `text` that is the same everywhere and for ever (FNV-1a with
// a final mix).
uint64_t StableHash(absl::string_view text);

}  // namespace attune

#endif  // ATTUNE_CORE_RANDOM_H_
