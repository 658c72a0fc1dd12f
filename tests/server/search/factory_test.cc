#include "server/search/factory.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(FactoryTest, MakesTheAlgorithmThatTheSettingsDescribe) {
  for (const Algorithm& settings :
       {Algorithm(RandomSearch{}), Algorithm(GridSearch{})}) {
    EXPECT_EQ(MakeSearchAlgorithm(settings)->name(), AlgorithmName(settings));
  }
}

}  // namespace
}  // namespace attune
