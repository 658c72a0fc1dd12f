#ifndef ATTUNE_WORKER_NN_CONV_GEOMETRY_H_
#define ATTUNE_WORKER_NN_CONV_GEOMETRY_H_

#include <cstdint>

#include "worker/nn/correlation.h"
#include "worker/nn/types.h"

namespace attune::nn {

enum class Padding {
  kValid,  // none: kernels lie within the image
  // Zeros around the image, so that the output has the input's size divided by
  // the stride, rounded up; of an odd number of rows or columns one more comes
  // after the image than before.
  kSame,
};

// How a kernel moves over an image.
struct Window {
  int64_t height = 1;
  int64_t width = 1;
  int64_t stride = 1;  // in both directions
  Padding padding = Padding::kValid;
};

// The height and width of the positions that `window` takes on `image`; not
// above 0 if it fits nowhere. The channels are those of `image`.
ImageShape OutputShape(const ImageShape& image, const Window& window);

// All that a convolution computes, as correlations over blocks. Parameters are
// a matrix of weights (outputs, inputs.channels * height * width), column by
// column, where column (c * height + ky) * width + kx is the kernel's element
// (ky, kx) on channel c.
class ConvGeometry {
 public:
  // With `pool`, the output is then cut into squares of 2 x 2, of which each
  // keeps its largest; an odd last row or column is left out.
  // REQUIRES: OutputShape(input, window) is at least 1 x 1, with `pool` 2 x 2.
  ConvGeometry(const ImageShape& input, const Window& window, int64_t outputs,
               bool pool);

  // An image inside zeros.
  struct Frame {
    int64_t height = 0;
    int64_t width = 0;
    int64_t top = 0;
    int64_t left = 0;

    // The offset of the image's first pixel; the sizes of a row and a channel.
    int64_t first() const { return (top * width + left) * kBlock; }
    int64_t row() const { return width * kBlock; }
    int64_t channel() const { return height * width * kBlock; }
  };

  const ImageShape& input() const { return input_; }
  const ImageShape& sums() const { return sums_; }  // before the pool
  const ImageShape& output() const { return output_; }
  const Frame& input_frame() const { return input_frame_; }
  const Frame& grad_frame() const { return grad_frame_; }  // of dL/d(sums)

  // Of framed inputs to outputs.
  Correlation Forward() const;
  // Of framed gradients of the sums to gradients of the input. Its weights are
  // (inputs.channels, outputs) for each element of the kernel.
  Correlation BackwardToInput() const;
  // Of framed inputs and framed gradients of the sums.
  WeightCorrelation BackwardToWeights() const;

 private:
  const ImageShape input_;
  const Window window_;
  const ImageShape sums_;
  const ImageShape output_;
  const bool pool_;
  Frame input_frame_;
  Frame grad_frame_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_CONV_GEOMETRY_H_
