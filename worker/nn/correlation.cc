#include "worker/nn/correlation.h"

#include <algorithm>

#include "core/check.h"

// Loops over registers, which are only registers if every index is a constant.
#define ATTUNE_UNROLL _Pragma("GCC unroll 8")

// What follows the sums is a function of its own where registers are few: the
// constants that it needs would lie in them all the time.
#if defined(__AVX512F__)
#define ATTUNE_APART
#else
#define ATTUNE_APART __attribute__((noinline))
#endif

namespace attune::nn {
namespace {

constexpr int kWidth = 4;  // positions of a group; taps of a weight's

// How many outputs are summed at once, for four positions or taps each: as many
// as leave registers for the factors. The tests, which compile in double, see
// every number of them.
#if defined(__AVX512F__) || defined(ATTUNE_NN_SCALAR)
constexpr int kMostOutputs = 6;  // 24 of 32
#elif defined(__FMA__)
constexpr int kMostOutputs = 3;  // 12 of 16
#else
constexpr int kMostOutputs = 2;  // 8 of 16; a product takes one more
#endif

// Some of the output channels.
struct Slice {
  int64_t first = 0;
  int64_t lane = 0;  // the first of kLanes
};

// Calls `kernel.Run<count>(slice)` for slices of at most kCount outputs.
template <int kCount, typename Kernel>
void RunSlice(const Kernel& kernel, int64_t count, Slice slice) {
  if (count == kCount) {
    kernel.template Run<kCount>(slice);
  } else if constexpr (kCount > 1) {
    RunSlice<kCount - 1>(kernel, count, slice);
  }
}

// As few slices as can be, as even as can be.
template <typename Kernel>
void ForEachSlice(int64_t outputs, const Kernel& kernel) {
  int64_t slices = (outputs + kMostOutputs - 1) / kMostOutputs;
  for (int64_t first = 0; first < outputs; --slices) {
    const int64_t count = (outputs - first + slices - 1) / slices;
    RunSlice<kMostOutputs>(kernel, count, {.first = first});
    first += count;
  }
}

template <int kOutputs>
using Sums = Lanes[kOutputs][kWidth];

struct StoreAll {
  const Epilogue& epilogue;
  Scalar* output;

  void operator()(const Lanes (&sums)[kWidth], const Correlation::Group& group,
                  int64_t at) const {
    const Lanes floor = Broadcast(epilogue.floor);
    ATTUNE_UNROLL
    for (int p = 0; p < kWidth; ++p) {
      if (p == group.count) return;
      Store(floor > sums[p] ? floor : sums[p], output + at + group.output[p]);
    }
  }
};

struct StoreLargest {
  const Epilogue& epilogue;
  Scalar* output;
  LaneInt* winners;

  void operator()(const Lanes (&sums)[kWidth], const Correlation::Group& group,
                  int64_t at) const {
    const Lanes floor = Broadcast(epilogue.floor);
    Lanes largest = sums[0];
    IntLanes winner = {};
    ATTUNE_UNROLL
    for (int p = 1; p < kWidth; ++p) {
      const auto keep = largest >= sums[p];
      largest = keep ? largest : sums[p];
      winner = keep ? winner : p - IntLanes{};
    }
    winner = largest > floor ? winner : kWidth - IntLanes{};
    Store(floor > largest ? floor : largest, output + at + group.output[0]);
    Store(winner, winners + at + group.output[0]);
  }
};

// The sums of one group.
template <typename Finish>
struct GroupKernel {
  const Correlation& correlation;
  const Correlation::Group& group;
  const Scalar* input;
  const Scalar* weights;
  const Epilogue& epilogue;
  Finish finish;

  template <int kOutputs>
  void Run(Slice slice) const {
    for (; slice.lane < kBlock; slice.lane += kLanes) {
      Sums<kOutputs> sums;
      ATTUNE_UNROLL
      for (int o = 0; o < kOutputs; ++o) {
        const Lanes bias = Broadcast(epilogue.bias[slice.first + o]);
        ATTUNE_UNROLL
        for (int p = 0; p < kWidth; ++p) sums[o][p] = bias;
      }
      Sum<kOutputs>(slice, sums);
      FinishAll<kOutputs>(slice, sums);
    }
  }

  template <int kOutputs>
  ATTUNE_APART void FinishAll(const Slice& slice,
                              const Sums<kOutputs>& sums) const {
    ATTUNE_UNROLL
    for (int o = 0; o < kOutputs; ++o) {
      finish(sums[o], group,
             (slice.first + o) * correlation.output_channel + slice.lane);
    }
  }

  template <int kOutputs>
  void Sum(const Slice& slice, Sums<kOutputs>& sums) const {
    const Scalar* const lanes = input + slice.lane;
    const Scalar* const inputs[kWidth] = {
        lanes + group.input[0], lanes + group.input[1], lanes + group.input[2],
        lanes + group.input[3]};
    const int64_t channels = correlation.channels;
    const int64_t input_channel = correlation.input_channel;
    const int64_t weight_channel = correlation.weight_channel;
    for (int32_t t = group.first_tap; t < group.end_tap; ++t) {
      const Correlation::Tap tap = correlation.taps[static_cast<size_t>(t)];
      int64_t at = tap.input;
      const Scalar* weight = weights + tap.weights + slice.first;
      for (int64_t c = 0; c < channels; ++c) {
        // A pixel at a time: the weights and one pixel fit beside the sums.
        Lanes w[kOutputs];
        ATTUNE_UNROLL
        for (int o = 0; o < kOutputs; ++o) w[o] = Broadcast(weight[o]);
        ATTUNE_UNROLL
        for (int p = 0; p < kWidth; ++p) {
          const Lanes x = Load(inputs[p] + at);
          ATTUNE_UNROLL
          for (int o = 0; o < kOutputs; ++o) sums[o][p] += w[o] * x;
        }
        at += input_channel;
        weight += weight_channel;
      }
    }
  }
};

template <typename Finish>
void ForEachGroup(const Correlation& correlation, const Scalar* input,
                  const Scalar* weights, const Epilogue& epilogue,
                  Finish finish) {
  for (const Correlation::Group& group : correlation.groups) {
    ForEachSlice(correlation.outputs,
                 GroupKernel<Finish>{correlation, group, input, weights,
                                     epilogue, finish});
  }
}

// The sums of some rows.
struct WeightKernel {
  const WeightCorrelation& correlation;
  const Scalar* input;
  const Scalar* grad;
  int64_t rows;
  Scalar* sums;

  // All taps with the same few channels of `grad`, which stay in the cache.
  template <int kOutputs>
  void Run(Slice slice) const {
    const auto taps = static_cast<int64_t>(correlation.taps.size());
    for (int64_t tap = 0; tap < taps; tap += kWidth) {
      const Scalar* from[kWidth];
      for (int64_t p = 0; p < kWidth; ++p) {
        // The last ones may be too many; their sums are never read.
        from[p] =
            input +
            correlation.taps[static_cast<size_t>(std::min(tap + p, taps - 1))];
      }
      Scalar* const to =
          sums + (tap * correlation.outputs + slice.first * kWidth) * kBlock;
      for (int64_t lane = 0; lane < kBlock; lane += kLanes) {
        AddTaps<kOutputs>({.first = slice.first, .lane = lane}, from,
                          to + lane);
      }
    }
  }

  template <int kOutputs>
  void AddTaps(const Slice& slice, const Scalar* const (&from)[kWidth],
               Scalar* to) const {
    Sums<kOutputs> sum;
    ATTUNE_UNROLL
    for (int o = 0; o < kOutputs; ++o) {
      ATTUNE_UNROLL
      for (int p = 0; p < kWidth; ++p) {
        sum[o][p] = Load(to + (o * kWidth + p) * kBlock);
      }
    }
    const int64_t channel = correlation.grad_channel;
    const int64_t columns = correlation.columns;
    const int64_t step = correlation.input_column;
    const Scalar* const first_grad = grad + slice.first * channel + slice.lane;
    const Scalar* const inputs[kWidth] = {
        from[0] + slice.lane, from[1] + slice.lane, from[2] + slice.lane,
        from[3] + slice.lane};
    for (int64_t y = 0; y < rows; ++y) {
      const Scalar* g = first_grad + y * correlation.grad_row;
      int64_t at = y * correlation.input_row;
      for (int64_t x = 0; x < columns; ++x) {
        Lanes factor[kOutputs];
        ATTUNE_UNROLL
        for (int o = 0; o < kOutputs; ++o) factor[o] = Load(g + o * channel);
        ATTUNE_UNROLL
        for (int p = 0; p < kWidth; ++p) {
          const Lanes value = Load(inputs[p] + at);
          ATTUNE_UNROLL
          for (int o = 0; o < kOutputs; ++o) sum[o][p] += factor[o] * value;
        }
        at += step;
        g += kBlock;
      }
    }
    ATTUNE_UNROLL
    for (int o = 0; o < kOutputs; ++o) {
      ATTUNE_UNROLL
      for (int p = 0; p < kWidth; ++p) {
        Store(sum[o][p], to + (o * kWidth + p) * kBlock);
      }
    }
  }
};

}  // namespace

void Correlate(const Correlation& correlation, const Scalar* input,
               const Scalar* weights, const Epilogue& epilogue,
               Scalar* output) {
  ForEachGroup(correlation, input, weights, epilogue,
               StoreAll{.epilogue = epilogue, .output = output});
}

void CorrelateAndPool(const Correlation& correlation, const Scalar* input,
                      const Scalar* weights, const Epilogue& epilogue,
                      Scalar* output, LaneInt* winners) {
  ForEachGroup(
      correlation, input, weights, epilogue,
      StoreLargest{.epilogue = epilogue, .output = output, .winners = winners});
}

int64_t WeightCorrelation::size() const {
  const auto count = static_cast<int64_t>(taps.size());
  return (count + kWidth - 1) / kWidth * kWidth * outputs * kBlock;
}

void Accumulate(const WeightCorrelation& correlation, const Scalar* input,
                const Scalar* grad, Scalar* sums) {
  // So many rows that a slice of the gradients stays in the nearest cache while
  // all taps go over it.
  constexpr int64_t kCached = 16 * 1024;
  const int64_t row_bytes = correlation.columns * kBlock * kMostOutputs *
                            static_cast<int64_t>(sizeof(Scalar));
  const int64_t rows = std::max<int64_t>(1, kCached / row_bytes);
  for (int64_t y = 0; y < correlation.rows; y += rows) {
    ForEachSlice(correlation.outputs,
                 WeightKernel{.correlation = correlation,
                              .input = input + y * correlation.input_row,
                              .grad = grad + y * correlation.grad_row,
                              .rows = std::min(rows, correlation.rows - y),
                              .sums = sums});
  }
}

void AddLanes(const WeightCorrelation& correlation, const Scalar* sums,
              MatrixView grads) {
  const int64_t outputs = correlation.outputs;
  ATTUNE_CHECK(grads.rows() == outputs);
  ATTUNE_CHECK(grads.cols() == static_cast<int64_t>(correlation.taps.size()));
  for (int64_t tap = 0; tap < grads.cols(); ++tap) {
    const int64_t group = tap / kWidth * kWidth;
    for (int64_t o = 0; o < outputs; ++o) {
      grads(o, tap) =
          Eigen::Map<const Eigen::Array<Scalar, kBlock, 1>>(
              sums + (group * outputs + o * kWidth + tap % kWidth) * kBlock)
              .sum();
    }
  }
}

}  // namespace attune::nn
