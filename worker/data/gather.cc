#include "worker/data/gather.h"

#include <algorithm>

#include "core/check.h"

namespace attune::nn {
namespace {

// scale x + offset, of the pixels of a channel. Both loops are ones that
// compilers make vectors of.
struct Affine {
  Affine(const Scaling& scaling, int64_t channel)
      : scale(static_cast<Scalar>(scaling.scale[channel])),
        offset(static_cast<Scalar>(-scaling.mean[channel] *
                                   scaling.scale[channel])) {}

  Scalar scale;
  Scalar offset;

  void Apply(const uint8_t* __restrict from, int64_t count,
             Scalar* __restrict to) const {
    for (int64_t i = 0; i < count; ++i) {
      to[i] = scale * static_cast<Scalar>(from[i]) + offset;
    }
  }
  // From the last to the first.
  void ApplyReversed(const uint8_t* __restrict from, int64_t count,
                     Scalar* __restrict to) const {
    for (int64_t i = 0; i < count; ++i) {
      to[i] = scale * static_cast<Scalar>(from[count - 1 - i]) + offset;
    }
  }
};

// Examples lie anywhere in memory. Asked for this many before their turn, their
// pixels come while others are converted.
constexpr size_t kExamplesAhead = 4;
constexpr int64_t kCacheLine = 64;

void Prefetch(const uint8_t* from, int64_t count) {
  for (int64_t i = 0; i < count; i += kCacheLine) __builtin_prefetch(from + i);
}

void Gather(const Pixels& pixels, absl::Span<const int64_t> examples,
            const Scaling& scaling, MatrixView to) {
  const int64_t channels = scaling.scale.size();
  const int64_t plane = pixels.rows() / channels;
  for (size_t i = 0; i < examples.size(); ++i) {
    if (i + kExamplesAhead < examples.size()) {
      Prefetch(pixels.data() + examples[i + kExamplesAhead] * pixels.rows(),
               pixels.rows());
    }
    const uint8_t* from = pixels.data() + examples[i] * pixels.rows();
    Scalar* column = to.data() + static_cast<int64_t>(i) * pixels.rows();
    for (int64_t channel = 0; channel < channels; ++channel) {
      Affine(scaling, channel).Apply(from, plane, column);
      from += plane;
      column += plane;
    }
  }
}

void Gather(const Table& inputs, absl::Span<const int64_t> examples,
            const Scaling& scaling, MatrixView to) {
  for (size_t i = 0; i < examples.size(); ++i) {
    const auto input = inputs.col(examples[i]);
    auto column = to.col(static_cast<int64_t>(i));
    const auto scaled = scaling.scale.cwiseProduct(input - scaling.mean);
    if (scaling.fill.size() == 0) {
      column = scaled.cast<Scalar>();
    } else {
      column =
          input.array().isNaN().select(scaling.fill, scaled).cast<Scalar>();
    }
  }
}

struct Move {
  int64_t right = 0;
  int64_t down = 0;
  bool flip = false;
};

Move DrawMove(const Augmentation& augmentation, Rng& rng) {
  Move move;
  if (augmentation.shift > 0) {
    const auto draw = [&] {
      const auto choices = static_cast<uint64_t>(2 * augmentation.shift + 1);
      return static_cast<int64_t>(rng.Below(choices)) - augmentation.shift;
    };
    move.right = draw();
    move.down = draw();
  }
  move.flip = augmentation.flip > 0.0 && rng.Uniform() < augmentation.flip;
  return move;
}

// One channel of one image.
void GatherMoved(const uint8_t* from, const ImageShape& shape,
                 const Affine& affine, const Move& move, Scalar* to) {
  const int64_t begin = std::clamp<int64_t>(move.right, 0, shape.width);
  const int64_t end =
      std::clamp<int64_t>(shape.width + move.right, 0, shape.width);
  const int64_t count = std::max<int64_t>(0, end - begin);
  // Where the pixels that stay begin; in the image's own order, also if they
  // are then turned round.
  const int64_t skipped = std::max<int64_t>(0, -move.right);
  const int64_t source = move.flip ? shape.width - skipped - count : skipped;
  for (int64_t y = 0; y < shape.height; ++y, to += shape.width) {
    const int64_t source_y = y - move.down;
    if (source_y < 0 || source_y >= shape.height || count == 0) {
      std::fill_n(to, shape.width, affine.offset);
      continue;
    }
    const uint8_t* const row = from + source_y * shape.width + source;
    std::fill_n(to, begin, affine.offset);
    if (move.flip) {
      affine.ApplyReversed(row, count, to + begin);
    } else {
      affine.Apply(row, count, to + begin);
    }
    std::fill_n(to + end, shape.width - end, affine.offset);
  }
}

}  // namespace

void GatherInputs(const Dataset& dataset, absl::Span<const int64_t> examples,
                  const Scaling& scaling, MatrixView to) {
  std::visit([&](const auto& inputs) { Gather(inputs, examples, scaling, to); },
             dataset.inputs);
}

void GatherAugmented(const Dataset& dataset, absl::Span<const int64_t> examples,
                     const Scaling& scaling, const Augmentation& augmentation,
                     Rng& rng, MatrixView to) {
  ATTUNE_CHECK(dataset.image.is_image());
  const auto& pixels = std::get<Pixels>(dataset.inputs);
  const ImageShape& shape = dataset.image;
  const int64_t plane = shape.height * shape.width;
  ATTUNE_CHECK(shape.size() == pixels.rows() &&
               scaling.scale.size() == shape.channels);
  for (size_t i = 0; i < examples.size(); ++i) {
    const Move move = DrawMove(augmentation, rng);
    const uint8_t* from = pixels.data() + examples[i] * pixels.rows();
    Scalar* column = to.data() + static_cast<int64_t>(i) * pixels.rows();
    for (int64_t channel = 0; channel < shape.channels; ++channel) {
      GatherMoved(from, shape, Affine(scaling, channel), move, column);
      from += plane;
      column += plane;
    }
  }
}

}  // namespace attune::nn
