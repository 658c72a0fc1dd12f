#ifndef ATTUNE_SERVER_SEARCH_FACTORY_H_
#define ATTUNE_SERVER_SEARCH_FACTORY_H_

#include <memory>

#include "core/study.h"
#include "server/search/search_algorithm.h"

namespace attune {

// The algorithm that `settings` describe. REQUIRES: ValidateRule() finds
// nothing wrong with them.
std::unique_ptr<SearchAlgorithm> MakeSearchAlgorithm(const Algorithm& settings);

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_FACTORY_H_
