#include "worker/optim/early_stopping.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

struct StoppingCase {
  std::string name;
  EarlyStopping early_stopping;
  std::vector<double> losses;
  bool stop = false;
};

const StoppingCase kCases[] = {
    {"NotBeforeALoss", {.patience = 1}, {}, false},
    {"NeverWithoutPatience", {.patience = 0}, {1.0, 2.0, 3.0}, false},
    {"NotWhileItFalls", {.patience = 1}, {3.0, 2.0, 1.0}, false},
    {"NotBeforePatienceIsOver", {.patience = 3}, {1.0, 1.1, 1.2}, false},
    {"WhenPatienceIsOver", {.patience = 3}, {1.0, 1.1, 1.2, 1.05}, true},
    {"AnEqualLossIsNoImprovement", {.patience = 1}, {1.0, 1.0}, true},
    {"AnImprovementCountsFromNew",
     {.patience = 2},
     {1.0, 1.1, 0.9, 1.1},
     false},
    {"ASmallImprovementIsNone",
     {.patience = 1, .min_delta = 0.1},
     {1.0, 0.95},
     true},
    {"ALargerOneIsOne", {.patience = 1, .min_delta = 0.1}, {1.0, 0.85}, false},
    {"SmallOnesAddUp",
     {.patience = 2, .min_delta = 0.1},
     {1.0, 0.94, 0.88, 0.84},
     false},
};

class EarlyStoppingTest : public testing::TestWithParam<StoppingCase> {};

TEST_P(EarlyStoppingTest, Stops) {
  EXPECT_EQ(ShouldStop(GetParam().early_stopping, GetParam().losses),
            GetParam().stop);
}

INSTANTIATE_TEST_SUITE_P(All, EarlyStoppingTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn
