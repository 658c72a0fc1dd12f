#ifndef ATTUNE_CORE_NETWORK_CONFLICTS_H_
#define ATTUNE_CORE_NETWORK_CONFLICTS_H_

#include <vector>

#include "core/error.h"
#include "core/search_space.h"

namespace attune {

// Adds what a network study sets in vain or against itself, each setting being
// legal alone: one that counts with no value that another can have
// (`restart_epochs` where no trial has the schedule cosine), a warm-up that
// leaves no epochs. What depends on the trial is none. A part of
// ValidateNetworkTask().
void CheckConflicts(const Parameters& settings, const SearchSpace& space,
                    std::vector<Violation>& violations);

}  // namespace attune

#endif  // ATTUNE_CORE_NETWORK_CONFLICTS_H_
