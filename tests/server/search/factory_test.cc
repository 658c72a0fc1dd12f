#include "server/search/factory.h"

#include "core/rule.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(FactoryTest, MakesEveryAlgorithmOfTheTable) {
  for (const Rule& rule : SearchRules()) {
    const Algorithm settings = {.name = std::string(rule.name)};
    EXPECT_EQ(MakeSearchAlgorithm(settings)->name(), rule.name);
  }
}

}  // namespace
}  // namespace attune
