#include "server/search/factory.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(FactoryTest, MakesTheAlgorithmThatTheSettingsDescribe) {
  for (const Algorithm& settings : {Algorithm(), Algorithm{.name = "grid"}}) {
    EXPECT_EQ(MakeSearchAlgorithm(settings)->name(), settings.name);
  }
}

}  // namespace
}  // namespace attune
