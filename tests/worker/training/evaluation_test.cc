#include "worker/training/evaluation.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/training/small_data.h"
#include "worker/training/network_builder.h"

namespace attune {
namespace {

using testing::Key;
using testing::UnorderedElementsAre;

// A network without hidden layers, whose outputs are the inputs.
nn::Network MakeIdentity(const nn::Dataset& dataset) {
  nn::Network network =
      BuildNetwork(MakeConfig({{"hidden_layers", std::string()}}), dataset,
                   Rng(1))
          .value();
  const int64_t size = dataset.num_features();
  network.params().setZero();
  network.params().head(size * size) =
      nn::Matrix::Identity(size, size).reshaped();
  return network;
}

// Four examples of three classes, of which the last one is taken for another.
nn::Dataset MakeClasses() {
  nn::Dataset dataset;
  nn::Matrix inputs(3, 4);
  inputs << 2, 0, 0, 1,  //
      0, 2, 0, 0,        //
      0, 0, 2, 0;
  dataset.inputs = inputs;
  dataset.labels = {0, 1, 2, 2};
  dataset.classes = {"a", "b", "c"};
  return dataset;
}

nn::Dataset MakeTargets() {
  nn::Dataset dataset;
  nn::Matrix inputs(1, 4);
  inputs << 1, 3, 3, 3;
  dataset.inputs = inputs;
  dataset.targets = nn::Matrix(1, 4);
  dataset.targets << 1, 2, 3, 6;
  return dataset;
}

Evaluation EvaluateIdentity(const nn::Dataset& dataset, const nn::Loss& loss,
                            const nn::Vector& units, int64_t batch_size) {
  const nn::Vector ones = nn::Vector::Ones(dataset.num_features());
  nn::Batches batches(&dataset,
                      {.mean = nn::Vector::Zero(ones.size()), .scale = ones},
                      {0, 1, 2, 3}, {.batch_size = batch_size});
  nn::Network network = MakeIdentity(dataset);
  return Evaluate(loss, units, batches, network,
                  [] { return absl::OkStatus(); })
      .value();
}

TEST(EvaluationTest, MeasuresClasses) {
  const Evaluation evaluation = EvaluateIdentity(MakeClasses(), {}, {}, 3);
  EXPECT_THAT(evaluation.metrics,
              UnorderedElementsAre(Key("loss"), Key("accuracy"),
                                   Key("top3_accuracy"), Key("macro_f1")));
  const double e = std::exp(1.0);
  EXPECT_NEAR(evaluation.metrics.at("loss"),
              (3 * std::log(1 + 2 / (e * e)) + std::log(e + 2)) / 4, 1e-14);
  EXPECT_EQ(evaluation.metrics.at("accuracy"), 0.75);
  EXPECT_EQ(evaluation.metrics.at("top3_accuracy"), 1.0);
  EXPECT_NEAR(evaluation.metrics.at("macro_f1"), (2.0 / 3 + 1 + 2.0 / 3) / 3,
              1e-14);
  nn::ConfusionMatrix confusion(3, 3);
  confusion << 1, 0, 0, 0, 1, 0, 1, 0, 1;
  EXPECT_EQ(evaluation.confusion, confusion);
}

TEST(EvaluationTest, MeasuresTargetsInTheirUnits) {
  const Evaluation evaluation =
      EvaluateIdentity(MakeTargets(), {.function = nn::LossFunction::kMse},
                       nn::Vector::Constant(1, 10.0), 3);
  EXPECT_THAT(evaluation.metrics, UnorderedElementsAre(Key("loss"), Key("rmse"),
                                                       Key("mae"), Key("r2")));
  EXPECT_DOUBLE_EQ(evaluation.metrics.at("loss"), 2.5);
  EXPECT_DOUBLE_EQ(evaluation.metrics.at("rmse"), 10 * std::sqrt(2.5));
  EXPECT_DOUBLE_EQ(evaluation.metrics.at("mae"), 10.0);
  EXPECT_EQ(evaluation.confusion.size(), 0);
}

TEST(EvaluationTest, PredictsTheChanceOfABinaryTarget) {
  nn::Dataset dataset = MakeTargets();
  dataset.targets << 1, 1, 1, 1;
  const Evaluation evaluation = EvaluateIdentity(
      dataset, {.function = nn::LossFunction::kBinaryCrossEntropy},
      nn::Vector::Ones(1), 4);
  const auto miss = [](double z) { return 1.0 - 1.0 / (1.0 + std::exp(-z)); };
  EXPECT_NEAR(evaluation.metrics.at("mae"), (miss(1) + 3 * miss(3)) / 4, 1e-14);
}

TEST(EvaluationTest, SmoothsNoLabels) {
  EXPECT_EQ(
      EvaluateIdentity(MakeClasses(), {.label_smoothing = 0.5}, {}, 3).metrics,
      EvaluateIdentity(MakeClasses(), {}, {}, 3).metrics);
}

TEST(EvaluationTest, WeighsNoClasses) {
  nn::Vector weights(3);
  weights << 1.0, 5.0, 0.5;
  EXPECT_EQ(EvaluateIdentity(MakeClasses(), {.class_weights = weights}, {}, 3)
                .metrics,
            EvaluateIdentity(MakeClasses(), {}, {}, 3).metrics);
}

TEST(EvaluationTest, DoesNotDependOnTheBatches) {
  EXPECT_NEAR(EvaluateIdentity(MakeClasses(), {}, {}, 1).metrics.at("loss"),
              EvaluateIdentity(MakeClasses(), {}, {}, 4).metrics.at("loss"),
              1e-15);
}

TEST(EvaluationTest, EndsWithTheErrorThatItIsTold) {
  const nn::Dataset dataset = MakeClasses();
  nn::Batches batches(
      &dataset, {.mean = nn::Vector::Zero(3), .scale = nn::Vector::Ones(3)},
      {0, 1, 2, 3}, {.batch_size = 1});
  nn::Network network = MakeIdentity(dataset);
  int asked = 0;
  EXPECT_THAT(Evaluate({}, {}, batches, network,
                       [&asked]() -> absl::Status {
                         if (++asked < 3) return absl::OkStatus();
                         return absl::CancelledError("enough");
                       }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace attune
