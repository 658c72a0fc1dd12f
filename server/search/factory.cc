#include "server/search/factory.h"

#include "core/check.h"
#include "server/search/grid_search.h"
#include "server/search/random_search.h"

namespace attune {

std::unique_ptr<SearchAlgorithm> MakeSearchAlgorithm(
    const Algorithm& settings) {
  if (settings.name == "random") {
    return std::make_unique<RandomSearchAlgorithm>();
  }
  if (settings.name == "grid") return std::make_unique<GridSearchAlgorithm>();
  ATTUNE_CHECK(false && "every rule of SearchRules() is made here");
  return nullptr;
}

}  // namespace attune
