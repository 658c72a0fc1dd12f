#ifndef ATTUNE_SERVER_SEARCH_POINT_WALK_H_
#define ATTUNE_SERVER_SEARCH_POINT_WALK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/error.h"
#include "core/search_space.h"

namespace attune {

// Where a point stands among all: for each parameter of the space, in order,
// the rank of its value, or kInactive.
using Place = std::vector<int64_t>;
inline constexpr int64_t kInactive = -1;

enum class WalkValues {
  kAll,   // every value of a finite domain; a continuous one is left open
  kGrid,  // the values of GridValue(), where a domain has any
};

// Visits the points of a space that are not forbidden, each once, in the order
// of an odometer: the last parameter turns fastest, and a parameter that is
// inactive stands still. A continuous domain counts as one value that the
// point does not have yet.
//
// Sub-spaces that the forbidden combinations rule out are not stepped through:
// when every value of a parameter fails, the walk goes back to the last
// parameter that had a part in one of the failures, and not to the one before
// (conflict-directed backjumping; Prosser, "Hybrid algorithms for the
// constraint satisfaction problem", 1993). So a step costs O(parameters +
// combinations), whatever the size of the space; only combinations made up to
// be a riddle cost more, and Next() bounds that.
class PointWalk {
 public:
  // `space` must be legal, and outlive the walk. Stands before the first point.
  PointWalk(const SearchSpace& space, WalkValues values);
  PointWalk(const PointWalk&) = delete;
  PointWalk& operator=(const PointWalk&) = delete;

  // The next call of Next() goes to the first point that is not before `place`
  // (SeekFrom) or is behind it (SeekAfter). `place` needs not be one of a
  // point. REQUIRES: one rank for each parameter; Next() not yet called.
  void SeekFrom(const Place& place);
  void SeekAfter(const Place& place);

  // Goes to the next point; false when there is none. RESOURCE_EXHAUSTED if
  // none was found within a bounded effort.
  absl::StatusOr<bool> Next();

  // The point that Next() went to; parameters left open have a place, but no
  // value.
  const Place& place() const { return place_; }
  const Parameters& parameters() const { return parameters_; }
  bool open() const;

  // Whether SeekFrom(place) would leave the present point out: by the first
  // rank that differs, kInactive counting as 0.
  bool IsBefore(const Place& place) const;

  // How many values the walk takes from each parameter, in order.
  std::vector<int64_t> Sizes() const;

 private:
  // A forbidden combination, kept at the last parameter that it names, by the
  // value that it has there; what it names before.
  using Combination = std::vector<std::pair<size_t, ParameterValue>>;
  struct Level {
    const ParameterSpec* spec = nullptr;
    Domain domain;
    int64_t size = 1;
    bool open = false;
    std::optional<size_t> parent;  // the level that the condition names
    std::multimap<ParameterValue, Combination> combinations;
  };

  Level MakeLevel(const ParameterSpec& spec, WalkValues values) const;
  void AddCombination(const Parameters& combination);
  std::optional<size_t> FindLevel(absl::string_view name) const;
  void Seek(const Place& place, int64_t beyond);
  bool Enter();
  bool IsForbidden(const Level& level, const ParameterValue& value);
  // Whether the levels before this one have the values that `combination`
  // names.
  bool IsRuledOut(const Combination& combination);
  bool JumpBack();
  int64_t SizeHere() const;

  const SearchSpace* const space_;
  std::vector<Level> levels_;
  bool done_ = false;
  // Next() goes on with trying rank `rank_` at `level_`; the levels before it
  // have their places and values.
  size_t level_ = 0;
  int64_t rank_ = 0;
  Place place_;
  Parameters parameters_;
  // Of each level, the value in parameters_, if it has one there.
  std::vector<std::optional<ParameterValue>> values_;
  // blame_[i][j]: level j < i had a part in the failure of a rank tried at
  // level i, under the present ranks of the levels before it.
  std::vector<std::vector<bool>> blame_;
};

// What is wrong with a legal `space` that has no point to walk to; nullopt if
// there is one.
std::optional<Violation> FindEmptiness(const SearchSpace& space,
                                       WalkValues values);

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_POINT_WALK_H_
