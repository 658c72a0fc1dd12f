#ifndef ATTUNE_CORE_UNIT_CUBE_H_
#define ATTUNE_CORE_UNIT_CUBE_H_

#include <cstdint>
#include <vector>

#include "core/search_space.h"

namespace attune {

// The one place that maps parameters to and from [0,1]. With
// w = (x - min) / (max - min) on the domain's scale, continuous ranges map
// x <-> w. A domain of n values maps the value of rank r to the middle
// (r + 0.5) / n of its cell if its values are equally likely (Discrete, Choice,
// linear steps), and to the middle of the cell it has on the scale otherwise;
// FromUnit maps each whole cell to its value, so a uniform u draws values as
// the scale says.

// REQUIRES: Contains(domain, value).
double ToUnit(const Domain& domain, const ParameterValue& value);

// REQUIRES: 0 <= u <= 1. The result satisfies Contains(domain, result).
ParameterValue FromUnit(const Domain& domain, double u);

// The values that grid search takes from `domain`, ascending: all of a finite
// domain, or `points` values evenly spaced on the scale (both ends included;
// one point: the middle). REQUIRES: GridSize(domain) > 0.
ParameterValue GridValue(const Domain& domain, int64_t index);

// How many values grid search takes from `domain`; 0 for a continuous range
// without `points`.
int64_t GridSize(const Domain& domain);

}  // namespace attune

#endif  // ATTUNE_CORE_UNIT_CUBE_H_
