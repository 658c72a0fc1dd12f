#include "server/search/factory.h"

#include "core/check.h"
#include "core/rule.h"
#include "server/search/grid_search.h"
#include "server/search/quasi_random.h"
#include "server/search/random_search.h"
#include "server/search/tpe.h"

namespace attune {

std::unique_ptr<SearchAlgorithm> MakeSearchAlgorithm(
    const Algorithm& settings) {
  const Rule* const rule = FindRule(SearchRules(), settings.name);
  ATTUNE_CHECK(rule != nullptr);
  const RuleSettings given(*rule, settings.settings);
  if (settings.name == "random") {
    return std::make_unique<RandomSearchAlgorithm>();
  }
  if (settings.name == "grid") return std::make_unique<GridSearchAlgorithm>();
  if (settings.name == "sobol") {
    return std::make_unique<QuasiRandomAlgorithm>(Sequence::kSobol);
  }
  if (settings.name == "halton") {
    return std::make_unique<QuasiRandomAlgorithm>(Sequence::kHalton);
  }
  if (settings.name == "latin_hypercube") {
    return std::make_unique<QuasiRandomAlgorithm>(Sequence::kLatinHypercube,
                                                  given.Int("size"));
  }
  if (settings.name == "tpe") return std::make_unique<TpeAlgorithm>(given);
  ATTUNE_CHECK(false && "every rule of SearchRules() is made here");
  return nullptr;
}

}  // namespace attune
