#include "worker/training/checkpoint.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

TrainingState MakeState() {
  return {.epoch = 2,
          .step = 14,
          .params = nn::Vector::LinSpaced(5, -1, 1),
          .layer_state = nn::Vector::Ones(2),
          .optimizer = {nn::Vector::Zero(5), nn::Vector()},
          .measurements = {{.step = 1, .metrics = {{"loss", 0.5}}},
                           {.step = 2,
                            .metrics = {{"loss", std::nan("")}, {"x", 1.0}}}},
          .last_loss = 0.25,
          .best = KeptWeights{.epoch = 1,
                              .params = nn::Vector::Ones(5),
                              .layer_state = nn::Vector::Zero(2)}};
}

void ExpectEqual(const TrainingState& a, const TrainingState& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.params, b.params);
  EXPECT_EQ(a.layer_state, b.layer_state);
  EXPECT_EQ(a.optimizer, b.optimizer);
  EXPECT_EQ(a.measurements, b.measurements);
  EXPECT_EQ(a.last_loss, b.last_loss);
  ASSERT_EQ(a.best.has_value(), b.best.has_value());
  if (!a.best.has_value()) return;
  EXPECT_EQ(a.best->epoch, b.best->epoch);
  EXPECT_EQ(a.best->params, b.best->params);
  EXPECT_EQ(a.best->layer_state, b.best->layer_state);
}

TEST(CheckpointTest, KeepsEverything) {
  const TrainingState state = MakeState();
  ExpectEqual(StateFromTensors(ToTensors(state, "me"), "me").value(), state);
}

TEST(CheckpointTest, NeedsNoBestWeights) {
  TrainingState state = MakeState();
  state.best.reset();
  ExpectEqual(StateFromTensors(ToTensors(state, "me"), "me").value(), state);
}

TEST(CheckpointTest, IsRefusedToAnotherTraining) {
  EXPECT_THAT(StateFromTensors(ToTensors(MakeState(), "me"), "you"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("expected you")));
}

TEST(CheckpointTest, OfAnotherVersionIsRefused) {
  TensorFile file = ToTensors(MakeState(), "me");
  file.metadata["format"] = "attune-checkpoint-0";
  EXPECT_THAT(StateFromTensors(file, "me"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("found the format `attune-checkpoint-0`")));
  file.metadata.erase("format");
  EXPECT_THAT(StateFromTensors(file, "me"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("`format`")));
}

TEST(CheckpointTest, WithAStepThatIsNoNumberOfStepsIsRefused) {
  for (const double step : {std::nan(""), 1e300, -1.0}) {
    TensorFile file = ToTensors(MakeState(), "me");
    std::get<std::vector<double>>(file.tensors["measurements.loss"])[0] = step;
    EXPECT_THAT(StateFromTensors(file, "me"),
                StatusIs(absl::StatusCode::kDataLoss,
                         HasSubstr("of `measurements.loss`")));
  }
}

// One that MakeState() with its losses fits.
StateShape MakeShape() {
  return {.epochs = 3,
          .steps_per_epoch = 7,
          .params = 5,
          .layer_state = 2,
          .slots = {5, 5},
          .slots_may_be_empty = true,
          .has_best = true};
}

struct CheckpointMisfit {
  std::string name;
  std::function<void(TrainingState&, StateShape&)> change;
  std::string why;
};

class CheckpointMisfitTest : public testing::TestWithParam<CheckpointMisfit> {};

TEST_P(CheckpointMisfitTest, IsRefused) {
  TrainingState state = MakeState();
  for (Measurement& measurement : state.measurements) {
    measurement.metrics["validation_loss"] = 0.5;
    measurement.metrics["elapsed_seconds"] = 2.0;
  }
  StateShape shape = MakeShape();
  ATTUNE_EXPECT_OK(CheckFits(state, shape));
  GetParam().change(state, shape);
  EXPECT_THAT(CheckFits(state, shape),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(GetParam().why)));
}

// Of steps 1 to 14, epochs being 7 long: 3, 6, 9 and 12 beside the epochs'.
TEST(CheckpointTest, FitsWithTheReportsWithinEpochs) {
  TrainingState state = MakeState();
  state.measurements.clear();
  for (const int64_t step : {3, 6, 7, 9, 12, 14}) {
    state.measurements.push_back({.step = step, .metrics = {{"loss", 0.5}}});
    if (step % 7 != 0) continue;
    state.measurements.back().metrics["validation_loss"] = 0.5;
    state.measurements.back().metrics["elapsed_seconds"] = 2.0;
  }
  StateShape shape = MakeShape();
  shape.report_every_steps = 3;
  ATTUNE_EXPECT_OK(CheckFits(state, shape));
  // As often as epochs end.
  shape.report_every_steps = 7;
  EXPECT_THAT(CheckFits(state, shape),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("found 6 measurements, expected 2")));
  shape.report_every_steps = 3;
  state.measurements[2].metrics.erase("validation_loss");
  EXPECT_THAT(CheckFits(state, shape),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("found no validation_loss of epoch 1")));
}

INSTANTIATE_TEST_SUITE_P(
    All, CheckpointMisfitTest,
    testing::Values(
        CheckpointMisfit{"NoEpoch", [](auto& state, auto&) { state.epoch = 0; },
                         "found 0 epochs that are done, expected from 1 to 3"},
        CheckpointMisfit{"TooManyEpochs",
                         [](auto&, auto& shape) { shape.epochs = 1; },
                         "found 2 epochs that are done, expected from 1 to 1"},
        CheckpointMisfit{"Steps", [](auto& state, auto&) { state.step = 15; },
                         "found 15 steps, expected 14"},
        CheckpointMisfit{"Weights",
                         [](auto&, auto& shape) { shape.params = 4; },
                         "found 5 weights, expected 4"},
        CheckpointMisfit{"LayerState",
                         [](auto&, auto& shape) { shape.layer_state = 0; },
                         "found 2 numbers of the layers, expected 0"},
        CheckpointMisfit{"FewSlots",
                         [](auto&, auto& shape) { shape.slots = {5}; },
                         "found 2 vectors of the optimizer, expected 1"},
        CheckpointMisfit{
            "AShortSlot",
            [](auto& state, auto&) { state.optimizer[0].resize(4); },
            "found 4 numbers in `optimizer.0`, expected 5"},
        CheckpointMisfit{
            "AnEmptySlot",
            [](auto&, auto& shape) { shape.slots_may_be_empty = false; },
            "found 0 numbers in `optimizer.1`, expected 5"},
        CheckpointMisfit{"AnEmptyAverage",
                         [](auto&, auto& shape) { shape.slots[1] = 2; },
                         "found 0 numbers in `optimizer.1`, expected 2"},
        CheckpointMisfit{
            "FewMeasurements",
            [](auto& state, auto&) { state.measurements.pop_back(); },
            "found 1 measurements, expected 2"},
        CheckpointMisfit{
            "AnotherEpochsMeasurement",
            [](auto& state, auto&) { state.measurements[1].step = 3; },
            "of epoch 2"},
        CheckpointMisfit{"NoLoss",
                         [](auto& state, auto&) {
                           state.measurements[0].metrics.erase(
                               "validation_loss");
                         },
                         "found no validation_loss of epoch 1"},
        CheckpointMisfit{"NoTime",
                         [](auto& state, auto&) {
                           state.measurements[1].metrics.erase(
                               "elapsed_seconds");
                         },
                         "found no elapsed_seconds of epoch 2"},
        CheckpointMisfit{"NoBest",
                         [](auto& state, auto&) { state.best.reset(); },
                         "found 0 best epochs, expected 1"},
        CheckpointMisfit{"ABest",
                         [](auto&, auto& shape) { shape.has_best = false; },
                         "found 1 best epochs, expected 0"},
        CheckpointMisfit{"ABestToCome",
                         [](auto& state, auto&) { state.best->epoch = 3; },
                         "found the best epoch 3, expected one of the 2"},
        CheckpointMisfit{
            "BestWeights",
            [](auto& state, auto&) { state.best->params.resize(6); },
            "found 6 weights of the best epoch, expected 5"},
        CheckpointMisfit{
            "BestLayerState",
            [](auto& state, auto&) { state.best->layer_state.resize(1); },
            "found 1 numbers of its layers, expected 2"}),
    [](const auto& test) { return test.param.name; });

class IncompleteCheckpointTest : public testing::TestWithParam<std::string> {};

TEST_P(IncompleteCheckpointTest, IsRefused) {
  TensorFile file = ToTensors(MakeState(), "me");
  ASSERT_EQ(file.tensors.erase(GetParam()), 1);
  EXPECT_THAT(StateFromTensors(file, "me"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Tensors, IncompleteCheckpointTest,
                         testing::Values("params", "layer_state", "optimizer.1",
                                         "counters", "last_loss", "best.params",
                                         "best.layer_state"));

}  // namespace
}  // namespace attune
