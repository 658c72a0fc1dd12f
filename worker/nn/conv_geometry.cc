#include "worker/nn/conv_geometry.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "core/check.h"

namespace attune::nn {
namespace {

// How many positions a kernel of `size` takes on `length` pixels.
int64_t OutputLength(int64_t length, int64_t size, const Window& window) {
  const int64_t stride = window.stride;
  if (window.padding == Padding::kSame) return (length + stride - 1) / stride;
  return length < size ? 0 : (length - size) / stride + 1;
}

// How many zeros there are before and after `length` pixels together.
int64_t NumZeros(int64_t length, int64_t size, const Window& window) {
  if (window.padding == Padding::kValid) return 0;
  const int64_t last = (OutputLength(length, size, window) - 1) * window.stride;
  return std::max<int64_t>(0, last + size - length);
}

ImageShape SumsShape(const ImageShape& input, const Window& window,
                     int64_t outputs) {
  const ImageShape positions = OutputShape(input, window);
  return {.channels = outputs,
          .height = positions.height,
          .width = positions.width};
}

// Where the frame's pixel that a sum is about lies, and where the sum goes,
// counted in pixels.
struct Position {
  int64_t y = 0;
  int64_t x = 0;
  int64_t output = 0;
};

struct Tap {
  int64_t y = 0;  // from a position
  int64_t x = 0;
  int64_t weights = 0;
};

// Fills the groups and taps of a correlation.
class GroupWriter {
 public:
  GroupWriter(const ImageShape& image, const ConvGeometry::Frame& frame,
              Correlation* correlation)
      : image_(image), frame_(frame), correlation_(correlation) {}

  // One group of one to four positions. Taps are left out that find nothing
  // but the frame's zeros.
  void Add(absl::Span<const Position> positions, absl::Span<const Tap> taps) {
    Correlation::Group group;
    group.count = static_cast<int32_t>(positions.size());
    for (size_t i = 0; i < group.input.size(); ++i) {
      const Position& position = positions[i < positions.size() ? i : 0];
      group.input[i] = Offset(position.y, position.x);
      group.output[i] = static_cast<int32_t>(position.output * kBlock);
    }
    std::vector<Tap> used;
    for (const Tap& tap : taps) {
      if (std::any_of(positions.begin(), positions.end(),
                      [&](const Position& position) {
                        return InImage(position.y + tap.y, position.x + tap.x);
                      })) {
        used.push_back(tap);
      }
    }
    group.first_tap = Share(used);
    group.end_tap = group.first_tap + static_cast<int32_t>(used.size());
    correlation_->groups.push_back(group);
  }

  // In groups of four.
  void AddAll(const std::vector<Position>& positions,
              absl::Span<const Tap> taps) {
    for (size_t i = 0; i < positions.size(); i += 4) {
      Add(absl::MakeConstSpan(positions).subspan(i, 4), taps);
    }
  }

 private:
  bool InImage(int64_t y, int64_t x) const {
    return y >= frame_.top && y < frame_.top + image_.height &&
           x >= frame_.left && x < frame_.left + image_.width;
  }

  int32_t Offset(int64_t y, int64_t x) const {
    return static_cast<int32_t>((y * frame_.width + x) * kBlock);
  }

  // Where these taps begin. Groups with the same taps share them.
  int32_t Share(const std::vector<Tap>& taps) {
    std::vector<std::pair<int32_t, int32_t>> key;
    for (const Tap& tap : taps) {
      key.emplace_back(Offset(tap.y, tap.x), static_cast<int32_t>(tap.weights));
    }
    const auto [shared, is_new] =
        begins_.emplace(key, static_cast<int32_t>(correlation_->taps.size()));
    if (is_new) {
      for (const auto& [input, weights] : key) {
        correlation_->taps.push_back({.input = input, .weights = weights});
      }
    }
    return shared->second;
  }

  const ImageShape image_;
  const ConvGeometry::Frame frame_;
  Correlation* const correlation_;
  std::map<std::vector<std::pair<int32_t, int32_t>>, int32_t> begins_;
};

}  // namespace

ImageShape OutputShape(const ImageShape& image, const Window& window) {
  ATTUNE_CHECK(window.height >= 1 && window.width >= 1 && window.stride >= 1);
  return {.channels = image.channels,
          .height = OutputLength(image.height, window.height, window),
          .width = OutputLength(image.width, window.width, window)};
}

ConvGeometry::ConvGeometry(const ImageShape& input, const Window& window,
                           int64_t outputs, bool pool)
    : input_(input),
      window_(window),
      sums_(SumsShape(input, window, outputs)),
      output_(pool ? ImageShape{.channels = outputs,
                                .height = sums_.height / 2,
                                .width = sums_.width / 2}
                   : sums_),
      pool_(pool) {
  ATTUNE_CHECK(output_.size() >= 1);
  const int64_t rows = NumZeros(input.height, window.height, window);
  const int64_t columns = NumZeros(input.width, window.width, window);
  input_frame_ = {.height = input.height + rows,
                  .width = input.width + columns,
                  .top = rows / 2,
                  .left = columns / 2};
  // So wide that every element of the kernel finds a gradient or a zero for
  // every pixel of the input.
  const int64_t stride = window.stride;
  grad_frame_.top = (window.height - 1) / stride;
  grad_frame_.left = (window.width - 1) / stride;
  const int64_t last_y = (input_frame_.top + input.height - 1) / stride;
  const int64_t last_x = (input_frame_.left + input.width - 1) / stride;
  grad_frame_.height = grad_frame_.top + std::max(sums_.height, last_y + 1);
  grad_frame_.width = grad_frame_.left + std::max(sums_.width, last_x + 1);
}

Correlation ConvGeometry::Forward() const {
  Correlation correlation;
  const int64_t elements = window_.height * window_.width;
  correlation.channels = input_.channels;
  correlation.input_channel = input_frame_.channel();
  correlation.weight_channel = elements * sums_.channels;
  correlation.outputs = sums_.channels;
  correlation.output_channel = output_.height * output_.width * kBlock;
  std::vector<Tap> taps;
  for (int64_t i = 0; i < elements; ++i) {
    taps.push_back({.y = i / window_.width,
                    .x = i % window_.width,
                    .weights = i * sums_.channels});
  }
  GroupWriter writer(input_, input_frame_, &correlation);
  const int64_t stride = window_.stride;
  std::vector<Position> positions;
  for (int64_t i = 0; i < output_.height * output_.width; ++i) {
    const int64_t y = i / output_.width;
    const int64_t x = i % output_.width;
    if (!pool_) {
      positions.push_back({.y = y * stride, .x = x * stride, .output = i});
      continue;
    }
    std::vector<Position> square;
    for (const int64_t corner : {0, 1, 2, 3}) {
      square.push_back({.y = (2 * y + corner / 2) * stride,
                        .x = (2 * x + corner % 2) * stride,
                        .output = i});
    }
    writer.Add(square, taps);
  }
  writer.AddAll(positions, taps);
  return correlation;
}

// A pixel y of the padded input meets element ky of the kernel at the position
// (y - ky) / stride, if that is whole. So pixels fall into stride^2 phases that
// use every stride-th element each.
Correlation ConvGeometry::BackwardToInput() const {
  Correlation correlation;
  correlation.channels = sums_.channels;
  correlation.input_channel = grad_frame_.channel();
  correlation.weight_channel = input_.channels;
  correlation.outputs = input_.channels;
  correlation.output_channel = input_.height * input_.width * kBlock;
  GroupWriter writer(sums_, grad_frame_, &correlation);
  const int64_t stride = window_.stride;
  for (int64_t phase = 0; phase < stride * stride; ++phase) {
    const int64_t phase_y = phase / stride;
    const int64_t phase_x = phase % stride;
    std::vector<Tap> taps;
    for (int64_t ky = phase_y; ky < window_.height; ky += stride) {
      for (int64_t kx = phase_x; kx < window_.width; kx += stride) {
        taps.push_back({.y = -(ky / stride),
                        .x = -(kx / stride),
                        .weights = (ky * window_.width + kx) * sums_.channels *
                                   input_.channels});
      }
    }
    std::vector<Position> positions;
    for (int64_t i = 0; i < input_.height * input_.width; ++i) {
      const int64_t y = i / input_.width + input_frame_.top;
      const int64_t x = i % input_.width + input_frame_.left;
      if (y % stride != phase_y || x % stride != phase_x) continue;
      positions.push_back({.y = y / stride + grad_frame_.top,
                           .x = x / stride + grad_frame_.left,
                           .output = i});
    }
    writer.AddAll(positions, taps);
  }
  return correlation;
}

WeightCorrelation ConvGeometry::BackwardToWeights() const {
  WeightCorrelation correlation;
  for (int64_t c = 0; c < input_.channels; ++c) {
    for (int64_t ky = 0; ky < window_.height; ++ky) {
      for (int64_t kx = 0; kx < window_.width; ++kx) {
        correlation.taps.push_back(
            static_cast<int32_t>(c * input_frame_.channel() +
                                 (ky * input_frame_.width + kx) * kBlock));
      }
    }
  }
  correlation.outputs = sums_.channels;
  correlation.rows = sums_.height;
  correlation.columns = sums_.width;
  correlation.grad_channel = grad_frame_.channel();
  correlation.grad_row = grad_frame_.row();
  correlation.input_row = window_.stride * input_frame_.row();
  correlation.input_column = window_.stride * kBlock;
  return correlation;
}

}  // namespace attune::nn
