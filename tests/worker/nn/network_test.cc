#include "worker/nn/network.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/dense.h"
#include "worker/nn/layer_visitor.h"
#include "worker/nn/loss.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

// A small network, some inputs and labels, and its loss on them.
struct Problem {
  MlpOptions options;
  Matrix inputs;
  std::vector<int32_t> labels;

  Problem(const MlpOptions& from, int64_t batch) : options(from) {
    Rng rng(5);
    inputs = Matrix::NullaryExpr(options.inputs, batch,
                                 [&rng] { return rng.Normal(); });
    for (int64_t i = 0; i < batch; ++i) {
      labels.push_back(static_cast<int32_t>(
          rng.Below(static_cast<uint64_t>(options.outputs))));
    }
  }

  // A new one each time: its dropout masks begin from the same seed, and so are
  // the same.
  Network Make() const {
    Network network = MakeMlp(options, Rng(1));
    network.Reseed(Rng(2));
    return network;
  }

  double Loss(Network& network) const {
    const ConstMatrixView logits = network.Forward(View(inputs), Mode::kTrain);
    Matrix grad(logits.rows(), logits.cols());
    const double loss =
        LossAndGradient({}, logits, {.labels = labels},
                        MatrixView(grad.data(), grad.rows(), grad.cols()))
            .mean();
    network.Backward(View(grad));
    return loss;
  }

  void CheckGradient() const {
    Network network = Make();
    Loss(network);
    const Vector numerical = NumericalGradient(
        [this](const Vector& params) {
          Network moved = Make();
          moved.params() = params;
          return Loss(moved);
        },
        network.params());
    EXPECT_LT(RelativeError(numerical, network.grads()), 1e-6);
  }
};

TEST(NetworkTest, GradientOfALinearModel) {
  Problem({.inputs = 7, .hidden = {}, .outputs = 3}, 4).CheckGradient();
}

TEST(NetworkTest, GradientWithRelu) {
  Problem({.inputs = 7, .hidden = {6}, .outputs = 3}, 4).CheckGradient();
}

TEST(NetworkTest, GradientWithTanhInThreeLayers) {
  Problem({.inputs = 5,
           .hidden = {6, 4, 5},
           .outputs = 3,
           .activation = Activation::kTanh},
          9)
      .CheckGradient();
}

TEST(NetworkTest, GradientWithSigmoidAndASingleExample) {
  Problem({.inputs = 5,
           .hidden = {8, 4},
           .outputs = 10,
           .activation = Activation::kSigmoid},
          1)
      .CheckGradient();
}

TEST(NetworkTest, GradientWithDropout) {
  Problem({.inputs = 6,
           .hidden = {12, 9},
           .outputs = 4,
           .activation = Activation::kTanh,
           .dropout = 0.4},
          5)
      .CheckGradient();
}

TEST(NetworkTest, GradientWithBatchNorm) {
  Problem({.inputs = 6,
           .hidden = {8, 5},
           .outputs = 4,
           .activation = Activation::kSwish,
           .batch_norm = true},
          7)
      .CheckGradient();
}

TEST(NetworkTest, GradientWithResidualLayersOfEveryKind) {
  Problem({.inputs = 6,
           .hidden = {6, 6, 8, 8},
           .outputs = 4,
           .activation = Activation::kElu,
           .dropout = 0.2,
           .batch_norm = true,
           .residual = true},
          7)
      .CheckGradient();
}

TEST(NetworkTest, ResidualAddsOnlyBetweenHiddenLayersOfOneWidth) {
  MlpOptions options = {.inputs = 6, .hidden = {6, 7, 6}, .outputs = 2};
  const Matrix inputs = Matrix::Ones(6, 1);
  const auto outputs = [&inputs](const MlpOptions& of) {
    Network network = MakeMlp(of, Rng(1));
    return Matrix(network.Forward(View(inputs), Mode::kEval));
  };
  const Matrix plain = outputs(options);
  options.residual = true;
  EXPECT_EQ(outputs(options), plain);
  options.hidden = {6, 6};
  const Matrix added = outputs(options);
  options.residual = false;
  EXPECT_NE(outputs(options), added);
}

TEST(NetworkTest, ReseedsDropoutInResidualLayers) {
  const Problem problem({.inputs = 6,
                         .hidden = {16, 16},
                         .outputs = 2,
                         .dropout = 0.5,
                         .residual = true},
                        1);
  Network network = problem.Make();
  const double first = problem.Loss(network);
  EXPECT_NE(problem.Loss(network), first);
  network.Reseed(Rng(2));
  EXPECT_EQ(problem.Loss(network), first);
}

TEST(NetworkTest, WithItsStateAnotherNetworkMeasuresTheSame) {
  const MlpOptions options = {
      .inputs = 6, .hidden = {8, 5}, .outputs = 4, .batch_norm = true};
  const Problem problem(options, 7);
  Network trained = problem.Make();
  problem.Loss(trained);
  Network other = problem.Make();
  const auto measure = [&problem](Network& network) {
    return Matrix(network.Forward(View(problem.inputs), Mode::kEval));
  };
  EXPECT_EQ(trained.State().size(), 2 * 8 + 2 * 5);
  EXPECT_NE(measure(other), measure(trained));
  other.SetState(trained.State());
  EXPECT_EQ(measure(other), measure(trained));
}

TEST(NetworkTest, HasOneFlatVectorOfAllParameters) {
  Network network =
      MakeMlp({.inputs = 7, .hidden = {6, 5}, .outputs = 3}, Rng(1));
  EXPECT_EQ(network.params().size(), 6 * 8 + 5 * 7 + 3 * 6);
  EXPECT_EQ(network.grads().size(), network.params().size());
  EXPECT_EQ(network.num_outputs(), 3);
}

TEST(NetworkTest, FollowsItsSeeds) {
  const MlpOptions options = {.inputs = 7, .hidden = {6}, .outputs = 3};
  Network one = MakeMlp(options, Rng(1));
  Network same = MakeMlp(options, Rng(1));
  Network other = MakeMlp(options, Rng(2));
  EXPECT_EQ(one.params(), same.params());
  EXPECT_NE(one.params(), other.params());
}

TEST(NetworkTest, LearnsToSeparateWhatCanBeSeparated) {
  Problem problem({.inputs = 10, .hidden = {32}, .outputs = 3}, 12);
  Network network = problem.Make();
  double loss = problem.Loss(network);
  EXPECT_GT(loss, 0.5);
  for (int i = 0; i < 2000; ++i) {
    network.params() -= 0.2 * network.grads();
    loss = problem.Loss(network);
  }
  EXPECT_LT(loss, 1e-2);
}

TEST(NetworkTest, TrainsASmallerBatchAsIfItWereTheFirst) {
  const MlpOptions options = {.inputs = 7, .hidden = {6}, .outputs = 3};
  const Problem large(options, 20);
  const Problem small(options, 3);
  Network used = large.Make();
  large.Loss(used);
  Network fresh = small.Make();
  EXPECT_EQ(small.Loss(used), small.Loss(fresh));
  EXPECT_EQ(used.grads(), fresh.grads());
}

TEST(NetworkTest, AllocatesNothingAfterTheFirstStep) {
  const Problem problem({.inputs = 100,
                         .hidden = {64, 32, 32},
                         .outputs = 10,
                         .activation = Activation::kGelu,
                         .dropout = 0.2,
                         .batch_norm = true,
                         .residual = true},
                        32);
  Network network = problem.Make();
  Matrix grad(10, 32);
  const auto step = [&] {
    const ConstMatrixView logits =
        network.Forward(View(problem.inputs), Mode::kTrain);
    LossAndGradient({}, logits, {.labels = problem.labels},
                    MatrixView(grad.data(), 10, 32));
    network.Backward(View(grad));
  };
  step();
  // Eigen aborts the test if it allocates now.
  Eigen::internal::set_is_malloc_allowed(false);
  step();
  Eigen::internal::set_is_malloc_allowed(true);
  EXPECT_TRUE(network.grads().allFinite());
}

// What a visitor is told, with the layers' sizes and first parameters.
class Listing : public LayerVisitor {
 public:
  void VisitDense(const DenseOptions& options,
                  const ConstVectorView& params) override {
    Add("dense", options.outputs, params);
  }
  void VisitConv(const ConvOptions& /*options*/,
                 const ConstVectorView& params) override {
    Add("conv", 0, params);
  }
  void VisitPool(const PoolOptions& /*options*/) override {}
  void VisitBatchNorm(const BatchNormOptions& options,
                      const ConstVectorView& params,
                      const ConstVectorView& running) override {
    Add("batch_norm", options.channels, params);
    EXPECT_EQ(running.size(), 2 * options.channels);
    EXPECT_EQ(Vector(running.tail(options.channels)),
              Vector(Vector::Ones(options.channels)));
  }
  void VisitResidual(const Layer& inner,
                     const ConstVectorView& params) override {
    Add("residual", inner.num_outputs(), params);
    inner.Accept(params, *this);
  }

  const std::vector<std::string>& layers() const { return layers_; }
  const std::vector<Scalar>& first() const { return first_; }

 private:
  void Add(const std::string& kind, int64_t size,
           const ConstVectorView& params) {
    layers_.push_back(kind + " " + std::to_string(size));
    first_.push_back(params[0]);
  }

  std::vector<std::string> layers_;
  std::vector<Scalar> first_;
};

TEST(NetworkTest, TellsAVisitorOfItsLayersInOrder) {
  Network network = MakeMlp({.inputs = 2,
                             .hidden = {3, 3},
                             .outputs = 1,
                             .dropout = 0.5,
                             .batch_norm = true,
                             .residual = true},
                            Rng(1));
  for (int64_t i = 0; i < network.params().size(); ++i) {
    network.params()[i] = static_cast<Scalar>(i);
  }
  Listing listing;
  network.Accept(listing);
  EXPECT_EQ(listing.layers(),
            (std::vector<std::string>{"dense 3", "batch_norm 3", "residual 3",
                                      "dense 3", "batch_norm 3", "dense 1"}));
  EXPECT_EQ(listing.first(), (std::vector<Scalar>{0, 9, 15, 15, 27, 33}));
}

}  // namespace
}  // namespace attune::nn
