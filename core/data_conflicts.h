#ifndef ATTUNE_CORE_DATA_CONFLICTS_H_
#define ATTUNE_CORE_DATA_CONFLICTS_H_

#include <vector>

#include "core/error.h"
#include "core/given_settings.h"

namespace attune {

// Adds what a network study says of its data in vain or against itself, each
// setting being legal alone: what is for other datasets than its own (`noise`
// beside a file, a cnn beside a table), a shift out of the image, a layer that
// does not fit into it, a column that is named twice, `folds` beside
// `validation_fraction`, a fold that there is not. A part of CheckConflicts().
void CheckDataConflicts(const GivenSettings& given,
                        std::vector<Violation>& violations);

}  // namespace attune

#endif  // ATTUNE_CORE_DATA_CONFLICTS_H_
