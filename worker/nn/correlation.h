#ifndef ATTUNE_WORKER_NN_CORRELATION_H_
#define ATTUNE_WORKER_NN_CORRELATION_H_

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "worker/nn/lanes.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Sums of products over one block of samples (worker/nn/lanes.h), as lists of
// what is multiplied. Offsets and distances are in Scalars, 16 a pixel.

// For every output channel o and position p
//
//   output[o][p] = bias[o] +
//                  sum over taps t and channels c of
//                  weights[t][c][o] * input[c][p + t]
//
// The values of a convolution and the gradient of its input are both of this
// kind, with taps and positions of their own.
struct Correlation {
  struct Tap {
    int32_t input = 0;
    int32_t weights = 0;
  };
  // Four positions that are computed together: each weight that is read serves
  // four pixels, and each pixel several outputs. If `count` is less, the last
  // ones repeat the first.
  struct Group {
    std::array<int32_t, 4> input = {};
    std::array<int32_t, 4> output = {};
    int32_t count = 4;
    int32_t first_tap = 0;  // of `taps`
    int32_t end_tap = 0;
  };

  std::vector<Tap> taps;
  std::vector<Group> groups;
  int64_t channels = 1;
  int64_t input_channel = 0;   // from one channel to the next
  int64_t weight_channel = 0;  // the same, of the weights
  int64_t outputs = 1;
  int64_t output_channel = 0;
};

struct Epilogue {
  const Scalar* bias = nullptr;  // REQUIRES: one for every output channel
  // What is below it becomes it: 0 for relu. What is NaN stays NaN.
  Scalar floor = -std::numeric_limits<Scalar>::infinity();
};

void Correlate(const Correlation& correlation, const Scalar* input,
               const Scalar* weights, const Epilogue& epilogue, Scalar* output);

// The same, but of each group's four positions only the largest is written, to
// the group's first output, and which one it was to `winners`, laid out like
// `output`: 0 to 3, the first of several; 4 if none is above the floor.
void CorrelateAndPool(const Correlation& correlation, const Scalar* input,
                      const Scalar* weights, const Epilogue& epilogue,
                      Scalar* output, LaneInt* winners);

// For every output channel o and tap t
//
//   sums[o][t] += sum over rows y and columns x of
//                 grad[o][y][x] * input[t + y input_row + x input_column]
//
// lane by lane: the gradient of a convolution's weights before its lanes are
// added.
struct WeightCorrelation {
  std::vector<int32_t> taps;
  int64_t outputs = 1;
  int64_t rows = 1;
  int64_t columns = 1;
  int64_t grad_channel = 0;
  int64_t grad_row = 0;
  int64_t input_row = 0;
  int64_t input_column = 0;

  // Of the sums.
  int64_t size() const;
};

void Accumulate(const WeightCorrelation& correlation, const Scalar* input,
                const Scalar* grad, Scalar* sums);

// grads(o, t) = sums[o][t], added up over its lanes.
void AddLanes(const WeightCorrelation& correlation, const Scalar* sums,
              MatrixView grads);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_CORRELATION_H_
