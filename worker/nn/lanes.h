#ifndef ATTUNE_WORKER_NN_LANES_H_
#define ATTUNE_WORKER_NN_LANES_H_

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "worker/nn/types.h"

namespace attune::nn {

// Convolutional layers see a batch in blocks of 16 samples, laid out
// [channel][y][x][16]: neighbours in memory are the same pixel of the next
// sample, so that every step of a convolution works on whole vectors, whatever
// the image's width, the kernel and the stride. As a matrix of the Layer
// interface a batch is (features * 16, blocks). The last block's lanes beyond
// the batch hold anything finite as values and 0 as gradients.
inline constexpr int64_t kBlock = 16;

constexpr int64_t NumBlocks(int64_t batch) {
  return (batch + kBlock - 1) / kBlock;
}

// A vector register of this instruction set. Wider ones would be split by the
// compiler, which then runs out of registers.
#if defined(__AVX512F__)
inline constexpr int64_t kLanesBytes = 64;
#elif defined(__AVX__)
inline constexpr int64_t kLanesBytes = 32;
#else
inline constexpr int64_t kLanesBytes = 16;
#endif
using Lanes = Scalar __attribute__((vector_size(kLanesBytes)));
inline constexpr int64_t kLanes =
    kLanesBytes / static_cast<int64_t>(sizeof(Scalar));
static_assert(kBlock % kLanes == 0);

// An integer of a lane's size: what vectors of them compare to.
using LaneInt = std::conditional_t<sizeof(Scalar) == 4, int32_t, int64_t>;
using IntLanes = LaneInt __attribute__((vector_size(kLanesBytes)));

inline Lanes Load(const Scalar* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}
inline IntLanes Load(const LaneInt* from) {
  IntLanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}
inline void Store(const Lanes& lanes, Scalar* to) {
  std::memcpy(to, &lanes, sizeof(lanes));
}
inline void Store(const IntLanes& lanes, LaneInt* to) {
  std::memcpy(to, &lanes, sizeof(lanes));
}

// The same in every lane.
inline Lanes Broadcast(Scalar value) { return value - Lanes{}; }

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_LANES_H_
