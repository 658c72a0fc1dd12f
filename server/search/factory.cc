#include "server/search/factory.h"

#include <variant>

#include "core/overloaded.h"
#include "server/search/grid_search.h"
#include "server/search/random_search.h"

namespace attune {

std::unique_ptr<SearchAlgorithm> MakeSearchAlgorithm(
    const Algorithm& settings) {
  using Made = std::unique_ptr<SearchAlgorithm>;
  return std::visit(
      Overloaded{[](const RandomSearch&) -> Made {
                   return std::make_unique<RandomSearchAlgorithm>();
                 },
                 [](const GridSearch&) -> Made {
                   return std::make_unique<GridSearchAlgorithm>();
                 }},
      settings);
}

}  // namespace attune
