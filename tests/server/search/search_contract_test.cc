#include "tests/testing/search_contract.h"

#include <vector>

#include "core/rule.h"

namespace attune {
namespace {

// Every algorithm that there is, with the settings it has by default.
std::vector<SearchCase> Cases() {
  std::vector<SearchCase> cases;
  for (const Rule& rule : SearchRules()) {
    const std::string name(rule.name);
    cases.push_back(
        {.name = name, .algorithm = {.name = name}, .on_grid = name == "grid"});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(All, SearchContractTest, testing::ValuesIn(Cases()),
                         SearchCaseName);

}  // namespace
}  // namespace attune
