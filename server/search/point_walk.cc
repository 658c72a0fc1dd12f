#include "server/search/point_walk.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/unit_cube.h"

namespace attune {
namespace {

// Ranks tried in vain before Next() gives up: less than a second's work, far
// more than combinations that people write need.
constexpr int64_t kMaxTries = int64_t{1} << 20;

// With every value of a finite domain on its grid.
Domain WithoutPoints(Domain domain) {
  if (auto* range = std::get_if<DoubleRange>(&domain)) range->points.reset();
  if (auto* range = std::get_if<IntRange>(&domain)) range->points.reset();
  return domain;
}

}  // namespace

PointWalk::PointWalk(const SearchSpace& space, WalkValues values)
    : space_(&space) {
  levels_.reserve(space.parameters.size());
  for (const ParameterSpec& spec : space.parameters) {
    levels_.push_back(MakeLevel(spec, values));
  }
  for (const Parameters& combination : space.forbidden) {
    AddCombination(combination);
  }
  place_.assign(levels_.size(), kInactive);
  values_.assign(levels_.size(), std::nullopt);
  blame_.assign(levels_.size(), std::vector<bool>(levels_.size(), false));
}

PointWalk::Level PointWalk::MakeLevel(const ParameterSpec& spec,
                                      WalkValues values) const {
  Level level;
  level.spec = &spec;
  level.domain =
      values == WalkValues::kAll ? WithoutPoints(spec.domain) : spec.domain;
  level.size = GridSize(level.domain);
  if (level.size == 0) {
    level.open = true;
    level.size = 1;
  }
  if (spec.when.has_value()) level.parent = FindLevel(spec.when->parameter);
  return level;
}

std::optional<size_t> PointWalk::FindLevel(absl::string_view name) const {
  for (size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].spec->name == name) return i;
  }
  return std::nullopt;
}

void PointWalk::AddCombination(const Parameters& combination) {
  Combination parts;
  for (const auto& [name, value] : combination) {
    const std::optional<size_t> level = FindLevel(name);
    if (!level.has_value()) return;  // no point has it
    parts.emplace_back(*level, value);
  }
  if (parts.empty()) {  // every point has all of its no values
    done_ = true;
    return;
  }
  std::sort(parts.begin(), parts.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto [last, value] = std::move(parts.back());
  parts.pop_back();
  levels_[last].combinations.emplace(value, std::move(parts));
}

void PointWalk::SeekFrom(const Place& place) { Seek(place, 0); }

void PointWalk::SeekAfter(const Place& place) { Seek(place, 1); }

void PointWalk::Seek(const Place& place, int64_t beyond) {
  ATTUNE_CHECK(place.size() == levels_.size());
  if (levels_.empty()) {
    done_ = beyond > 0;
    return;
  }
  parameters_.clear();
  std::fill(values_.begin(), values_.end(), std::nullopt);
  for (level_ = 0; level_ < levels_.size(); ++level_) {
    // What stands before `place` was not tried, and so not found to fail: to go
    // back from here must leave nothing out.
    std::fill(blame_[level_].begin(), blame_[level_].end(), true);
    rank_ = std::max<int64_t>(place[level_], 0);
    if (level_ + 1 == levels_.size()) break;
    if (rank_ >= SizeHere() || !Enter()) return;
  }
  rank_ += beyond;
}

absl::StatusOr<bool> PointWalk::Next() {
  if (done_) return false;
  if (levels_.empty()) {
    done_ = true;
    return true;
  }
  for (int64_t tries = 0; tries < kMaxTries; ++tries) {
    if (rank_ >= SizeHere()) {
      if (!JumpBack()) {
        done_ = true;
        return false;
      }
    } else if (!Enter()) {
      ++rank_;
    } else if (level_ + 1 < levels_.size()) {
      ++level_;
      rank_ = 0;
      std::fill(blame_[level_].begin(), blame_[level_].end(), false);
    } else {
      // To go on from a point, leave none out.
      std::fill(blame_[level_].begin(), blame_[level_].end(), true);
      ++rank_;
      return true;
    }
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "search for a point that is not forbidden: gave up after ", kMaxTries,
      " steps without one, near {", ToString(parameters_),
      "}; write the forbidden combinations with fewer parameters each"));
}

bool PointWalk::open() const {
  for (size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].open && place_[i] != kInactive) return true;
  }
  return false;
}

bool PointWalk::IsBefore(const Place& place) const {
  return std::lexicographical_compare(
      place_.begin(), place_.end(), place.begin(), place.end(),
      [](int64_t a, int64_t b) {
        return std::max<int64_t>(a, 0) < std::max<int64_t>(b, 0);
      });
}

std::vector<int64_t> PointWalk::Sizes() const {
  std::vector<int64_t> sizes;
  sizes.reserve(levels_.size());
  for (const Level& level : levels_) sizes.push_back(level.size);
  return sizes;
}

int64_t PointWalk::SizeHere() const {
  const Level& level = levels_[level_];
  return IsActive(*space_, *level.spec, parameters_) ? level.size : 1;
}

// Takes `rank_` at `level_`; false, with the blame, if that is forbidden.
bool PointWalk::Enter() {
  const Level& level = levels_[level_];
  if (!IsActive(*space_, *level.spec, parameters_)) {
    place_[level_] = kInactive;
    return true;
  }
  place_[level_] = rank_;
  if (level.open) return true;
  const ParameterValue value = GridValue(level.domain, rank_);
  parameters_.Set(level.spec->name, value);
  values_[level_] = value;
  return !IsForbidden(level, value);
}

bool PointWalk::IsForbidden(const Level& level, const ParameterValue& value) {
  auto [begin, end] = level.combinations.equal_range(value);
  // Steps of a range may be written in several ways.
  if (std::holds_alternative<DoubleRange>(level.domain)) {
    begin = level.combinations.begin();
    end = level.combinations.end();
  }
  return std::any_of(begin, end, [&](const auto& combination) {
    return IsSameValue(level.domain, value, combination.first) &&
           IsRuledOut(combination.second);
  });
}

bool PointWalk::IsRuledOut(const Combination& combination) {
  for (const auto& [level, value] : combination) {
    if (!values_[level].has_value() ||
        !IsSameValue(levels_[level].domain, *values_[level], value)) {
      return false;
    }
  }
  for (const auto& part : combination) {
    blame_[level_][part.first] = true;
  }
  return true;
}

// Every rank of `level_` is done or failed: goes on with the next rank of the
// last level that can change this; false if there is none.
bool PointWalk::JumpBack() {
  std::vector<bool>& blame = blame_[level_];
  const Level& level = levels_[level_];
  if (level.parent.has_value() && place_[level_] != kInactive) {
    blame[*level.parent] = true;  // it could be inactive instead
  }
  size_t back = level_;
  do {
    if (back == 0) return false;
    --back;
  } while (!blame[back]);
  for (size_t i = 0; i < back; ++i) {
    if (blame[i]) blame_[back][i] = true;
  }
  for (size_t i = back; i <= level_; ++i) {
    parameters_.Erase(levels_[i].spec->name);
    values_[i].reset();
  }
  level_ = back;
  rank_ = std::max<int64_t>(place_[back], 0) + 1;
  return true;
}

std::optional<Violation> FindEmptiness(const SearchSpace& space,
                                       WalkValues values) {
  const absl::StatusOr<bool> found = PointWalk(space, values).Next();
  if (found.ok() && *found) return std::nullopt;
  return Violation{
      "forbidden",
      found.ok() ? "found combinations that leave no point to try, expected "
                   "them to leave at least one"
                 : std::string(found.status().message())};
}

}  // namespace attune
