#include "worker/nn/conv.h"

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"
#include "tests/testing/layer_check.h"
#include "worker/nn/block_sequence.h"

namespace attune::nn {
namespace {

constexpr double kTolerance = std::is_same_v<Scalar, double> ? 1e-13 : 1e-5;

// A convolution of columns, as it is used: between two changes of layout.
std::unique_ptr<Layer> MakeConv(const ConvOptions& options) {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::make_unique<Conv>(options));
  return std::make_unique<BlockSequence>(std::make_unique<int64_t>(0),
                                         std::move(layers));
}

// One that a seed makes up.
struct Problem {
  ConvOptions options;
  int64_t batch = 1;
  Vector params;
  Matrix input;
  Matrix weights;  // of the loss, the sum of weights * output

  explicit Problem(uint64_t seed) {
    Rng rng(seed);
    const auto from_to = [&rng](int64_t from, int64_t to) {
      return from + static_cast<int64_t>(
                        rng.Below(static_cast<uint64_t>(to - from + 1)));
    };
    options.pool = seed % 3 == 0;
    const int64_t least = options.pool ? 4 : 1;
    options.window = {
        .height = from_to(1, 5),
        .width = from_to(1, 5),
        .stride = options.pool ? 1 : from_to(1, 3),
        .padding = rng.Below(2) == 0 ? Padding::kValid : Padding::kSame};
    options.input = {.channels = from_to(1, 4),
                     .height = options.window.height + from_to(least, 6),
                     .width = options.window.width + from_to(least, 6)};
    options.outputs = from_to(1, 9);
    const Activation activations[] = {Activation::kRelu, Activation::kIdentity,
                                      Activation::kTanh, Activation::kGelu};
    options.activation = activations[rng.Below(options.pool ? 3 : 4)];
    batch = from_to(1, 35);
    const std::unique_ptr<Layer> layer = MakeConv(options);
    params = NormalVector(layer->num_params(), seed + 1);
    input = NormalVector(options.input.size() * batch, seed + 2)
                .reshaped(options.input.size(), batch);
    weights = NormalVector(layer->num_outputs() * batch, seed + 3)
                  .reshaped(layer->num_outputs(), batch);
  }
};

// What a convolution is, written down pixel by pixel.
class Reference {
 public:
  explicit Reference(const Problem& problem)
      : options_(problem.options),
        sums_(OutputShape(options_.input, options_.window)),
        params_(problem.params) {
    sums_.channels = options_.outputs;
    const Window& window = options_.window;
    if (window.padding == Padding::kSame) {
      top_ = Before(sums_.height, options_.input.height, window.height);
      left_ = Before(sums_.width, options_.input.width, window.width);
    }
  }

  int64_t outputs() const {
    return options_.pool
               ? sums_.channels * (sums_.height / 2) * (sums_.width / 2)
               : sums_.size();
  }

  // Calls visit(parameter of the weight, feature of the input) for all that
  // meet at a sum.
  template <typename Visit>
  void ForEachProduct(int64_t o, int64_t y, int64_t x, Visit visit) const {
    const Window& window = options_.window;
    const ImageShape& image = options_.input;
    for (int64_t c = 0; c < image.channels; ++c) {
      for (int64_t ky = 0; ky < window.height; ++ky) {
        for (int64_t kx = 0; kx < window.width; ++kx) {
          const int64_t iy = y * window.stride + ky - top_;
          const int64_t ix = x * window.stride + kx - left_;
          if (iy < 0 || iy >= image.height || ix < 0 || ix >= image.width) {
            continue;
          }
          visit(((c * window.height + ky) * window.width + kx) *
                        options_.outputs +
                    o,
                (c * image.height + iy) * image.width + ix);
        }
      }
    }
  }

  Vector Sums(const Vector& example) const {
    Vector sums(sums_.size());
    for (int64_t i = 0; i < sums.size(); ++i) {
      const int64_t o = i / (sums_.height * sums_.width);
      sums[i] = params_[params_.size() - options_.outputs + o];
      ForEachProduct(o, i / sums_.width % sums_.height, i % sums_.width,
                     [&](int64_t weight, int64_t feature) {
                       sums[i] += params_[weight] * example[feature];
                     });
    }
    return sums;
  }

  // The sum that output `i` is f of.
  int64_t SumOf(int64_t i, const Vector& sums) const {
    if (!options_.pool) return i;
    const int64_t height = sums_.height / 2;
    const int64_t width = sums_.width / 2;
    const int64_t first =
        (i / (height * width) * sums_.height + i / width % height * 2) *
            sums_.width +
        i % width * 2;
    int64_t best = first;
    for (const int64_t other :
         {first + 1, first + sums_.width, first + sums_.width + 1}) {
      if (sums[other] > sums[best]) best = other;
    }
    return best;
  }

  Vector Forward(const Vector& example) const {
    const Vector sums = Sums(example);
    Vector output(outputs());
    for (int64_t i = 0; i < output.size(); ++i) {
      output[i] = sums[SumOf(i, sums)];
    }
    Activate(options_.activation, MatrixView(output.data(), outputs(), 1));
    return output;
  }

  // Adds the gradients of one example.
  void Backward(const Vector& example, const Vector& output_grad,
                Vector& param_grads, Vector& input_grad) const {
    const Vector sums = Sums(example);
    for (int64_t i = 0; i < output_grad.size(); ++i) {
      const int64_t at = SumOf(i, sums);
      Vector kept = sums.segment(at, 1);
      if (!DerivativeNeedsInput(options_.activation)) {
        Activate(options_.activation, MatrixView(kept.data(), 1, 1));
      }
      Vector grad(1);
      BackActivate(options_.activation, ConstMatrixView(kept.data(), 1, 1),
                   ConstMatrixView(output_grad.data() + i, 1, 1),
                   MatrixView(grad.data(), 1, 1));
      const int64_t o = at / (sums_.height * sums_.width);
      param_grads[param_grads.size() - options_.outputs + o] += grad[0];
      ForEachProduct(o, at / sums_.width % sums_.height, at % sums_.width,
                     [&](int64_t weight, int64_t feature) {
                       param_grads[weight] += grad[0] * example[feature];
                       input_grad[feature] += grad[0] * params_[weight];
                     });
    }
  }

 private:
  int64_t Before(int64_t outputs, int64_t length, int64_t kernel) const {
    const int64_t last = (outputs - 1) * options_.window.stride;
    return std::max<int64_t>(0, last + kernel - length) / 2;
  }

  const ConvOptions options_;
  ImageShape sums_;
  const Vector params_;
  int64_t top_ = 0;
  int64_t left_ = 0;
};

class ConvTest : public testing::TestWithParam<uint64_t> {};

TEST_P(ConvTest, IsWhatAConvolutionIs) {
  const Problem problem(GetParam());
  const Reference reference(problem);
  const std::unique_ptr<Layer> conv = MakeConv(problem.options);
  ASSERT_EQ(conv->num_outputs(), reference.outputs());
  Matrix expected(reference.outputs(), problem.batch);
  Vector expected_param_grads = Vector::Zero(problem.params.size());
  Matrix expected_input_grad =
      Matrix::Zero(problem.input.rows(), problem.batch);
  for (int64_t i = 0; i < problem.batch; ++i) {
    expected.col(i) = reference.Forward(problem.input.col(i));
    Vector input_grad = expected_input_grad.col(i);
    reference.Backward(problem.input.col(i), problem.weights.col(i),
                       expected_param_grads, input_grad);
    expected_input_grad.col(i) = input_grad;
  }
  const ConstVectorView params(problem.params.data(), problem.params.size());
  EXPECT_LT(RelativeError(expected.reshaped(),
                          conv->Forward(params,
                                        ConstMatrixView(problem.input.data(),
                                                        problem.input.rows(),
                                                        problem.batch),
                                        Mode::kTrain)
                              .reshaped()),
            kTolerance);
  Vector param_grads(problem.params.size());
  const ConstMatrixView input_grad =
      conv->Backward(params,
                     ConstMatrixView(problem.weights.data(),
                                     problem.weights.rows(), problem.batch),
                     /*needs_input_grad=*/true,
                     VectorView(param_grads.data(), param_grads.size()));
  EXPECT_LT(RelativeError(expected_param_grads, param_grads), kTolerance);
  EXPECT_LT(
      RelativeError(expected_input_grad.reshaped(), input_grad.reshaped()),
      kTolerance);
}

TEST_P(ConvTest, AgreesWithCentralDifferences) {
  Problem problem(GetParam());
  problem.options.input.height = std::min<int64_t>(
      problem.options.input.height, problem.options.window.height + 4);
  problem.options.input.width = std::min<int64_t>(
      problem.options.input.width, problem.options.window.width + 4);
  const LayerErrors errors = CheckLayerGradients(
      [&problem] { return MakeConv(problem.options); },
      problem.options.input.size(), 1 + problem.batch % 3, GetParam());
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ConvTest, testing::Range<uint64_t>(0, 40),
                         [](const auto& test) {
                           return "Seed" + std::to_string(test.param);
                         });

TEST(ConvTest, WritesTheSameWhateverTheEarlierBatchWas) {
  const Problem problem(6);
  const auto run = [&problem](Layer& conv, int64_t batch) {
    const ConstVectorView params(problem.params.data(), problem.params.size());
    Matrix input = problem.input.replicate(1, 3).leftCols(batch);
    conv.Forward(params, ConstMatrixView(input.data(), input.rows(), batch),
                 Mode::kTrain);
    const Matrix weights = problem.weights.replicate(1, 3).leftCols(batch);
    Vector grads(problem.params.size());
    conv.Backward(params,
                  ConstMatrixView(weights.data(), weights.rows(), batch), true,
                  VectorView(grads.data(), grads.size()));
    return grads;
  };
  const std::unique_ptr<Layer> used = MakeConv(problem.options);
  run(*used, 2 * problem.batch);
  const std::unique_ptr<Layer> fresh = MakeConv(problem.options);
  EXPECT_EQ(run(*used, problem.batch), run(*fresh, problem.batch));
}

TEST(ConvTest, ReturnsNoInputGradientIfNoneIsNeeded) {
  const Problem problem(1);
  const std::unique_ptr<Layer> conv = MakeConv(problem.options);
  const ConstVectorView params(problem.params.data(), problem.params.size());
  conv->Forward(params,
                ConstMatrixView(problem.input.data(), problem.input.rows(),
                                problem.batch),
                Mode::kTrain);
  Vector grads(problem.params.size());
  EXPECT_EQ(
      conv->Backward(params,
                     ConstMatrixView(problem.weights.data(),
                                     problem.weights.rows(), problem.batch),
                     false, VectorView(grads.data(), grads.size()))
          .size(),
      0);
}

TEST(ConvTest, BeginsWithTheVarianceOfItsFans) {
  const Conv conv({.input = {.channels = 8, .height = 9, .width = 9},
                   .window = {.height = 3, .width = 3},
                   .outputs = 32,
                   .initialization = {.initializer = Initializer::kLecunNormal,
                                      .fan_mode = FanMode::kOutputs}});
  Vector params = Vector::Ones(conv.num_params());
  Rng rng(1);
  conv.Initialize(rng, VectorView(params.data(), params.size()));
  EXPECT_EQ(params.tail(32), Vector(Vector::Zero(32)));
  // 1 / (32 * 3 * 3), measured on 2304 weights.
  EXPECT_NEAR(params.head(32 * 72).squaredNorm() / (32 * 72) * 288, 1.0, 0.1);
}

}  // namespace
}  // namespace attune::nn
