// In a program of its own, because it counts what the whole program allocates.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/worker/training/small_data.h"
#include "worker/training/training_run.h"

namespace {

// Of this thread. Whatever allocates, `new` and Eigen too, calls malloc().
thread_local int64_t allocations = 0;

}  // namespace

// glibc's own, for a malloc() that stands in for it.
extern "C" void* __libc_malloc(size_t size);  // NOLINT

extern "C" void* malloc(size_t size) noexcept {
  ++allocations;
  return __libc_malloc(size);
}

namespace attune {
namespace {

// Of the third epoch, over `examples` in minibatches of 7.
int64_t AllocationsOfAnEpoch(const Parameters& changed, int64_t examples) {
  nn::Dataset dataset = MakeBlobs(examples, 144);
  dataset.image = {.channels = 1, .height = 12, .width = 12};
  Parameters settings = changed;
  if (!settings.contains("network")) {
    settings.Set("hidden_layers", std::string("20,8"));
  }
  settings.AddMissing({{"batch_size", int64_t{7}},
                       {"learning_rate", 0.01},
                       {"epochs", int64_t{3}}});
  const FakeClock clock;
  const auto run = TrainingRun::Create(
      {.token = {.trial = {.study = {1}, .number = 1}},
       .study = "blobs",
       .task = NetworkTask{.settings = settings},
       .seed = 1},
      MakeConfig(settings), MakeTrainingData(dataset), {}, &clock);
  int64_t before = 0;
  for (int epoch = 1; epoch <= 3; ++epoch) {
    before = allocations;
    const auto news = (*run)->Advance({});
    EXPECT_TRUE(std::holds_alternative<Measurement>(*news));
  }
  return allocations - before;
}

struct Case {
  std::string name;
  Parameters settings;
};

class AllocationTest : public testing::TestWithParam<Case> {};

// What an epoch allocates is for its measurement, whatever its length.
TEST_P(AllocationTest, AStepAllocatesNothing) {
  const int64_t of_few_steps = AllocationsOfAnEpoch(GetParam().settings, 80);
  EXPECT_GT(of_few_steps, 0);
  EXPECT_EQ(AllocationsOfAnEpoch(GetParam().settings, 320), of_few_steps);
}

std::string Word(const char* word) { return word; }

const Case kCases[] = {
    {"sgd", {{"optimizer", Word("sgd")}}},
    {"momentum", {{"optimizer", Word("momentum")}}},
    {"nesterov", {{"optimizer", Word("nesterov")}}},
    {"rmsprop", {{"optimizer", Word("rmsprop")}}},
    {"adam", {{"optimizer", Word("adam")}}},
    {"adamw", {{"optimizer", Word("adamw")}}},
    {"adagrad", {{"optimizer", Word("adagrad")}}},
    {"adadelta", {{"optimizer", Word("adadelta")}}},
    {"amsgrad", {{"optimizer", Word("amsgrad")}}},
    {"nadam", {{"optimizer", Word("nadam")}}},
    {"lion", {{"optimizer", Word("lion")}}},
    {"clip_norm", {{"clip_norm", 0.1}}},
    {"ema_decay", {{"ema_decay", 0.9}}},
    {"ema_batch_norm", {{"ema_decay", 0.9}, {"batch_norm", true}}},
    {"dropout", {{"dropout", 0.3}}},
    {"batch_norm", {{"batch_norm", true}}},
    {"swish", {{"activation", Word("swish")}}},
    {"mse", {{"loss", Word("mse")}}},
    {"cosine", {{"schedule", Word("cosine")}}},
    {"cnn",
     {{"network", Word("cnn")},
      {"layers", Word("conv 3x3x4, pool 2, batch_norm, dense 9")}}},
};

INSTANTIATE_TEST_SUITE_P(All, AllocationTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune
