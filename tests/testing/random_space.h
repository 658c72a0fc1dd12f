#ifndef ATTUNE_TESTS_TESTING_RANDOM_SPACE_H_
#define ATTUNE_TESTS_TESTING_RANDOM_SPACE_H_

#include <map>
#include <string>

#include "core/random.h"
#include "core/search_space.h"

namespace attune {

struct RandomSpaceOptions {
  int max_parameters = 5;
  bool continuous = true;  // ranges without a step among them
  bool points = false;     // continuous ranges say how many points a grid takes
};

// A legal search space of random size: every kind of domain and scale, chains
// of conditions, forbidden combinations.
SearchSpace RandomSpace(const RandomSpaceOptions& options, Rng& rng);

// Values of one to three parameters, to be forbidden together.
Parameters RandomCombination(const SearchSpace& space, Rng& rng);

// Every point of a space by CanonicalKey(), found the slow and obvious way.
// Of each domain it takes all values or, `on_grid`, those of GridValue().
// REQUIRES: these are finitely many.
std::map<std::string, Parameters> AllPoints(const SearchSpace& space,
                                            bool on_grid);

// Some point of a space, drawn in a way of its own; it may be forbidden.
Parameters SomePoint(const SearchSpace& space, Rng& rng);

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_RANDOM_SPACE_H_
