#ifndef ATTUNE_SERVER_SEARCH_SOBOL_SEQUENCE_H_
#define ATTUNE_SERVER_SEARCH_SOBOL_SEQUENCE_H_

#include <cstdint>

namespace attune {

inline constexpr int kMostSobolDimensions = 200;

// Coordinate `dimension` of the point `index` of Sobol's sequence, as a
// fraction of 2^32 (Sobol 1967; direction numbers of Joe & Kuo, "Constructing
// Sobol sequences with better two-dimensional projections", 2008). REQUIRES: 0
// <= dimension < kMostSobolDimensions.
uint32_t SobolPoint(uint32_t index, int dimension);

// Owen's nested uniform scrambling of a coordinate, by a hash: each bit is
// flipped by a coin that depends on the bits above it and on `seed` (Burley,
// "Practical hash-based Owen scrambling", 2020, with Vegdahl's constants). One
// seed a dimension keeps what is even about the sequence.
uint32_t OwenScramble(uint32_t point, uint32_t seed);

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_SOBOL_SEQUENCE_H_
