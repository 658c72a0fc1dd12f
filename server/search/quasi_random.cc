#include "server/search/quasi_random.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/check.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "server/search/free_points.h"
#include "server/search/point_walk.h"
#include "server/search/sobol_sequence.h"

namespace attune {
namespace {

// So many places in vain, and the rest is drawn.
constexpr int kMaxPassedOver = 64;
constexpr int64_t kDefaultBlock = 100;
constexpr double kTwoTo32 = 4294967296.0;

// The first primes, one a dimension.
std::vector<int64_t> Primes(size_t count) {
  std::vector<int64_t> primes;
  for (int64_t n = 2; primes.size() < count; ++n) {
    bool is_prime = true;
    for (const int64_t prime : primes) {
      if (prime * prime > n) break;
      if (n % prime == 0) is_prime = false;
    }
    if (is_prime) primes.push_back(n);
  }
  return primes;
}

// The digits of `index` in base `base`, mirrored at the point, each exchanged
// by a permutation of its own; so many digits that the rest is below 2^-32.
double ScrambledInverse(int64_t index, int64_t base, const Rng& rng) {
  double inverse = 0.0;
  double weight = 1.0;
  for (uint64_t digit = 0; weight > 1.0 / kTwoTo32; ++digit) {
    weight /= static_cast<double>(base);
    const std::vector<int64_t> permutation = rng.Split(digit).Permutation(base);
    inverse += weight * static_cast<double>(permutation[index % base]);
    index /= base;
  }
  return inverse;
}

// Where `index` goes in a permutation of 0 ... n - 1 that `seed` names, without
// making the whole of it (Kensler, "Correlated multi-jittered sampling", 2013:
// a hash that is one to one on so many bits, again until it is below n).
uint32_t PermutedIndex(uint32_t index, uint32_t n, uint32_t seed) {
  uint32_t mask = n - 1;
  for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
  do {
    index ^= seed;
    index *= 0xe170893dU;
    index ^= seed >> 16;
    index ^= (index & mask) >> 4;
    index ^= seed >> 8;
    index *= 0x0929eb3fU;
    index ^= seed >> 23;
    index ^= (index & mask) >> 1;
    index *= 1 | seed >> 27;
    index *= 0x6935fa69U;
    index ^= (index & mask) >> 11;
    index *= 0x74dcb303U;
    index ^= (index & mask) >> 2;
    index *= 0x9e501cc3U;
    index ^= (index & mask) >> 2;
    index *= 0xc860a3dfU;
    index &= mask;
    index ^= index >> 5;
  } while (index >= n);
  return static_cast<uint32_t>((uint64_t{index} + seed) % n);
}

// The point `index` of hypercubes of `block` points each, one after the other:
// each has one point in every slice of every dimension.
double LatinCoordinate(int64_t index, int64_t block, const Rng& rng) {
  Rng cube = rng.Split(static_cast<uint64_t>(index / block));
  const auto slice = PermutedIndex(static_cast<uint32_t>(index % block),
                                   static_cast<uint32_t>(block),
                                   static_cast<uint32_t>(cube.Bits()));
  const double within =
      cube.Split(static_cast<uint64_t>(index % block)).Uniform();
  return (slice + within) / static_cast<double>(block);
}

}  // namespace

std::vector<double> SequencePoint(Sequence sequence, int64_t index,
                                  size_t dimensions, int64_t block,
                                  uint64_t seed) {
  std::vector<double> point(dimensions);
  const std::vector<int64_t> primes = sequence == Sequence::kHalton
                                          ? Primes(dimensions)
                                          : std::vector<int64_t>();
  for (size_t i = 0; i < dimensions; ++i) {
    Rng rng = Rng(seed).Split("sequence").Split(i);
    switch (sequence) {
      case Sequence::kSobol:
        point[i] = OwenScramble(SobolPoint(static_cast<uint32_t>(index),
                                           static_cast<int>(i)),
                                static_cast<uint32_t>(rng.Bits())) /
                   kTwoTo32;
        break;
      case Sequence::kHalton:
        point[i] = ScrambledInverse(index, primes[i], rng);
        break;
      case Sequence::kLatinHypercube:
        point[i] = LatinCoordinate(index, block, rng);
        break;
    }
  }
  return point;
}

absl::string_view QuasiRandomAlgorithm::name() const {
  switch (sequence_) {
    case Sequence::kSobol:
      return "sobol";
    case Sequence::kHalton:
      return "halton";
    case Sequence::kLatinHypercube:
      return "latin_hypercube";
  }
  return "";
}

absl::Status QuasiRandomAlgorithm::Supports(const StudySpec& spec) const {
  const auto empty = FindEmptiness(spec.space, WalkValues::kAll);
  return empty.has_value() ? InvalidFields({*empty}) : absl::OkStatus();
}

absl::StatusOr<std::vector<Suggestion>> QuasiRandomAlgorithm::Suggest(
    const StudyView& study, int count, Rng& rng) const {
  FreePoints points(study, rng);
  const SearchSpace& space = study.spec.space;
  const int64_t block =
      block_ > 0 ? block_
                 : study.spec.budget.max_trials.value_or(kDefaultBlock);
  std::vector<Suggestion> suggestions;
  const auto wanted = static_cast<size_t>(count);
  int passed_over = 0;
  for (int64_t index = NextIndex(study);
       suggestions.size() < wanted && passed_over < kMaxPassedOver; ++index) {
    Parameters point =
        PointAt(space, SequencePoint(sequence_, index, space.parameters.size(),
                                     block, study.spec.seed));
    if (points.Take(point)) {
      suggestions.push_back(
          {std::move(point), absl::StrCat(name(), ":", index)});
    } else {
      ++passed_over;
    }
  }
  ATTUNE_RETURN_IF_ERROR(FillUp(points, wanted, suggestions));
  return suggestions;
}

int64_t QuasiRandomAlgorithm::NextIndex(const StudyView& study) const {
  const std::string prefix = absl::StrCat(name(), ":");
  for (auto trial = study.trials.rbegin(); trial != study.trials.rend();
       ++trial) {
    absl::string_view tag = trial->tag;
    int64_t index = 0;
    if (absl::ConsumePrefix(&tag, prefix) && absl::SimpleAtoi(tag, &index)) {
      return index + 1;
    }
  }
  return 0;
}

}  // namespace attune
