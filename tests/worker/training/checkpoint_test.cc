#include "worker/training/checkpoint.h"

#include <cmath>
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
