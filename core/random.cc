#include "core/random.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/numeric/bits.h"
#include "absl/numeric/int128.h"
#include "core/check.h"

namespace attune {
namespace {

constexpr uint64_t kGoldenGamma = 0x9e3779b97f4a7c15;

// The finalizer of splitmix64, a bijection (Steele, Lea & Flood, "Fast
// splittable pseudorandom number generators", 2014; constants by Stafford).
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Different for numbers and names, so that Split(3) is not Split("...") of a
// text that hashes to 3.
constexpr uint64_t kNumberedSplit = 0x243f6a8885a308d3;
constexpr uint64_t kNamedSplit = 0x13198a2e03707344;

}  // namespace

Rng::Rng(uint64_t seed) : seed_(seed), state_{} {
  for (uint64_t& word : state_) {
    seed += kGoldenGamma;
    word = Mix(seed);
  }
}

// For one seed different keys give different seeds, as Mix is a bijection.
Rng Rng::Split(uint64_t key) const {
  return Rng(Mix(Mix(seed_ ^ kNumberedSplit) + key));
}

Rng Rng::Split(absl::string_view key) const {
  return Rng(Mix(Mix(seed_ ^ kNamedSplit) + StableHash(key)));
}

uint64_t Rng::Bits() {
  const uint64_t result = absl::rotl(state_[0] + state_[3], 23) + state_[0];
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = absl::rotl(state_[3], 45);
  return result;
}

double Rng::Uniform() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }

double Rng::Uniform(double min, double max) {
  const double value = min + (max - min) * Uniform();
  // Rounding may reach the end that does not belong to the range.
  return value < max || min >= max ? value : std::nextafter(max, min);
}

uint64_t Rng::Below(uint64_t n) {
  ATTUNE_CHECK(n >= 1);
  absl::uint128 product = absl::uint128(Bits()) * n;
  if (absl::Uint128Low64(product) < n) {
    const uint64_t threshold = (0 - n) % n;  // 2^64 mod n
    while (absl::Uint128Low64(product) < threshold) {
      product = absl::uint128(Bits()) * n;
    }
  }
  return absl::Uint128High64(product);
}

double Rng::Normal() {
  // The method gives two numbers; the second is not kept, so that the state
  // stays five words.
  while (true) {
    const double x = 2.0 * Uniform() - 1.0;
    const double y = 2.0 * Uniform() - 1.0;
    const double square = x * x + y * y;
    if (square > 0.0 && square < 1.0) {
      return x * std::sqrt(-2.0 * std::log(square) / square);
    }
  }
}

std::vector<int64_t> Rng::Permutation(int64_t n) {
  ATTUNE_CHECK(n >= 0);
  std::vector<int64_t> result(static_cast<size_t>(n));
  std::iota(result.begin(), result.end(), int64_t{0});
  for (size_t i = result.size(); i > 1; --i) {
    std::swap(result[i - 1], result[Below(i)]);
  }
  return result;
}

std::array<uint64_t, 5> Rng::State() const {
  return {state_[0], state_[1], state_[2], state_[3], seed_};
}

Rng Rng::FromState(const std::array<uint64_t, 5>& state) {
  Rng rng(state[4]);
  rng.state_ = {state[0], state[1], state[2], state[3]};
  return rng;
}

uint64_t StableHash(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return Mix(hash);
}

}  // namespace attune
