#include "worker/optim/plateau.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

struct PlateauCase {
  std::string name;
  Plateau plateau;
  std::vector<double> losses;
  double scale = 1.0;
};

const PlateauCase kCases[] = {
    {"NothingIsReducedBeforeALoss", {}, {}, 1.0},
    {"AsManyAsPatienceMayBeBad", {.patience = 2}, {1.0, 1.0, 1.0}, 1.0},
    {"OneMoreReduces", {.patience = 2}, {1.0, 1.0, 1.0, 1.0}, 0.5},
    {"AnImprovementCountsFromNew",
     {.patience = 2},
     {1.0, 1.0, 1.0, 0.9, 0.9, 0.9},
     1.0},
    {"EveryPlateauReduces",
     {.factor = 0.1, .patience = 0},
     {1.0, 1.0, 0.9, 1.0},
     0.01},
    {"AnImprovementIsMeasuredByTheBest", {.patience = 1}, {1.0, 2.0, 1.5}, 0.5},
    {"ATooSmallImprovementIsNone",
     {.patience = 0, .threshold = 0.1},
     {1.0, 0.91},
     0.5},
    {"ALargerOneIsOne", {.patience = 0, .threshold = 0.1}, {1.0, 0.89}, 1.0},
    {"NothingCountsInACooldown",
     {.patience = 0, .cooldown = 2},
     {1.0, 1.0, 1.0, 1.0},
     0.5},
    {"AndAfterItEverythingDoes",
     {.patience = 0, .cooldown = 2},
     {1.0, 1.0, 1.0, 1.0, 1.0},
     0.25},
    {"TheLeastScaleHolds",
     {.factor = 0.5, .patience = 0, .least_scale = 0.3},
     {1.0, 1.0, 1.0, 1.0},
     0.3},
};

class PlateauTest : public testing::TestWithParam<PlateauCase> {};

TEST_P(PlateauTest, Scale) {
  EXPECT_DOUBLE_EQ(PlateauScale(GetParam().plateau, GetParam().losses),
                   GetParam().scale);
}

INSTANTIATE_TEST_SUITE_P(All, PlateauTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn
