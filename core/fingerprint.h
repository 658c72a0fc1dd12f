#ifndef ATTUNE_CORE_FINGERPRINT_H_
#define ATTUNE_CORE_FINGERPRINT_H_

#include <cstdint>
#include <utility>

#include "absl/strings/string_view.h"
#include "core/parameters.h"

namespace attune {

// 128 bits that stand for any number of bytes: SipHash-2-4 with an output of
// 128 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012),
// under the key 00 01 ... 0f, so the same in every process. Of n different
// inputs that nobody made up for the purpose, two have one fingerprint with a
// chance of n^2 / 2^129: 1.5e-27 for a million.
struct Fingerprint {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Fingerprint& one) {
    return H::combine(std::move(state), one.low, one.high);
  }
};

Fingerprint FingerprintOf(absl::string_view bytes);

// That of the CanonicalKey().
Fingerprint FingerprintOf(const Parameters& parameters);

}  // namespace attune

#endif  // ATTUNE_CORE_FINGERPRINT_H_
