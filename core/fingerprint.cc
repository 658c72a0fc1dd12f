#include "core/fingerprint.h"

#include <bit>
#include <cstddef>

namespace attune {
namespace {

constexpr uint64_t kLowKey = 0x0706050403020100;
constexpr uint64_t kHighKey = 0x0f0e0d0c0b0a0908;

// Up to 8 bytes from `at` on, the first the lowest.
uint64_t ReadWord(const char* at, size_t size) {
  uint64_t word = 0;
  for (size_t i = 0; i < size; ++i) {
    word |= uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  }
  return word;
}

// The four words of state, named as in the paper.
struct SipState {
  uint64_t v0 = kLowKey ^ 0x736f6d6570736575;
  uint64_t v1 = kHighKey ^ 0x646f72616e646f6d ^ 0xee;
  uint64_t v2 = kLowKey ^ 0x6c7967656e657261;
  uint64_t v3 = kHighKey ^ 0x7465646279746573;

  void Mix(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      v0 += v1;
      v2 += v3;
      v1 = std::rotl(v1, 13) ^ v0;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 = std::rotl(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = std::rotl(v1, 17) ^ v2;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 = std::rotl(v2, 32);
    }
  }

  void Add(uint64_t word) {
    v3 ^= word;
    Mix(2);
    v0 ^= word;
  }

  uint64_t Take() {
    Mix(4);
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

Fingerprint FingerprintOf(absl::string_view bytes) {
  SipState state;
  const size_t whole = bytes.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) {
    state.Add(ReadWord(bytes.data() + i, 8));
  }
  state.Add(ReadWord(bytes.data() + whole, bytes.size() - whole) |
            uint64_t{bytes.size()} << 56U);
  state.v2 ^= 0xee;
  Fingerprint result;
  result.low = state.Take();
  state.v1 ^= 0xdd;
  result.high = state.Take();
  return result;
}

Fingerprint FingerprintOf(const Parameters& parameters) {
  return FingerprintOf(absl::string_view(CanonicalKey(parameters)));
}

}  // namespace attune
