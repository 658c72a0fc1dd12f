#include "server/search/tpe.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>

#include "core/error.h"
#include "core/status_macros.h"
#include "core/unit_cube.h"
#include "server/search/free_points.h"
#include "server/search/history.h"
#include "server/search/parzen_estimator.h"
#include "server/search/point_walk.h"
#include "server/search/quasi_random.h"

namespace attune {
namespace {

constexpr double kGoodShare = 0.1;
constexpr double kMostGood = 25.0;

using Rows = std::vector<absl::Span<const double>>;
using Point = std::vector<double>;

// The rows of the good points, and of all others.
struct Split {
  Rows good;
  Rows bad;
};

Split SplitHistory(const History& history) {
  std::vector<size_t> known;
  for (size_t i = 0; i < history.size(); ++i) {
    if (history.outcomes[i] != Outcome::kPending) known.push_back(i);
  }
  const auto is_measured = [&history](size_t i) {
    return history.outcomes[i] == Outcome::kMeasured;
  };
  std::stable_sort(known.begin(), known.end(), [&](size_t a, size_t b) {
    if (is_measured(a) != is_measured(b)) return is_measured(a);
    return history.values[a] < history.values[b];
  });
  const double share =
      std::ceil(kGoodShare * static_cast<double>(known.size()));
  const auto good = static_cast<size_t>(std::min(share, kMostGood));
  Split split;
  for (size_t i = 0; i < known.size(); ++i) {
    (i < good ? split.good : split.bad).push_back(history.Row(known[i]));
  }
  for (size_t i = 0; i < history.size(); ++i) {
    if (history.outcomes[i] == Outcome::kPending) {
      split.bad.push_back(history.Row(i));
    }
  }
  return split;
}

ParzenDimension DimensionOf(const Domain& domain) {
  if (const auto* choice = std::get_if<Choice>(&domain)) {
    return {.choices = static_cast<int64_t>(choice->values.size())};
  }
  const std::optional<int64_t> values = Cardinality(domain);
  return {.cell =
              values.has_value() ? 1.0 / static_cast<double>(*values) : 0.0};
}

ParzenEstimator MakeEstimator(const std::vector<ParzenDimension>& dimensions,
                              const Rows& rows) {
  return {dimensions, rows, std::vector<double>(rows.size(), 1.0)};
}

// The coordinates of `dimension` alone, of the rows that have one.
Rows Column(const Rows& rows, size_t dimension) {
  Rows column;
  for (const auto& row : rows) {
    if (row[dimension] != kInactiveUnit) {
      column.push_back(row.subspan(dimension, 1));
    }
  }
  return column;
}

// `points` in descending order of log l - log g.
std::vector<size_t> BestFirst(const std::vector<Point>& points,
                              const ParzenEstimator& good,
                              const ParzenEstimator& bad) {
  std::vector<double> scores = good.LogDensity(points);
  const std::vector<double> others = bad.LogDensity(points);
  for (size_t i = 0; i < scores.size(); ++i) scores[i] -= others[i];
  std::vector<size_t> order(points.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&scores](size_t a, size_t b) {
    return scores[a] > scores[b];
  });
  return order;
}

// Whole points, the most promising first.
std::vector<Parameters> JointCandidates(const SearchSpace& space,
                                        const Split& split, int64_t count,
                                        Rng& rng) {
  std::vector<ParzenDimension> dimensions;
  for (const ParameterSpec& spec : space.parameters) {
    dimensions.push_back(DimensionOf(spec.domain));
  }
  const ParzenEstimator good = MakeEstimator(dimensions, split.good);
  const ParzenEstimator bad = MakeEstimator(dimensions, split.bad);
  std::vector<Parameters> points;
  std::vector<Point> units;
  for (int64_t i = 0; i < count; ++i) {
    points.push_back(PointAt(space, good.Sample(rng)));
    units.push_back(UnitOf(space, points.back()));
  }
  std::vector<Parameters> sorted;
  for (const size_t i : BestFirst(units, good, bad)) {
    sorted.push_back(points[i]);
  }
  return sorted;
}

// A point each of whose parameters is the most promising of candidates of its
// own.
Parameters IndependentCandidate(const SearchSpace& space, const Split& split,
                                int64_t count, Rng& rng) {
  Parameters point;
  for (size_t d = 0; d < space.parameters.size(); ++d) {
    const ParameterSpec& spec = space.parameters[d];
    if (!IsActive(space, spec, point)) continue;
    const std::vector<ParzenDimension> dimension = {DimensionOf(spec.domain)};
    const ParzenEstimator good =
        MakeEstimator(dimension, Column(split.good, d));
    const ParzenEstimator bad = MakeEstimator(dimension, Column(split.bad, d));
    std::vector<Point> units;
    for (int64_t i = 0; i < count; ++i) units.push_back(good.Sample(rng));
    const Point& best = units[BestFirst(units, good, bad)[0]];
    point.Set(spec.name, FromUnit(spec.domain, best[0]));
  }
  return point;
}

}  // namespace

TpeAlgorithm::TpeAlgorithm(const RuleSettings& settings)
    : startup_trials_(settings.Int("startup_trials")),
      candidates_(settings.Int("candidates")),
      multivariate_(settings.Bool("multivariate")) {}

absl::string_view TpeAlgorithm::name() const { return "tpe"; }

absl::Status TpeAlgorithm::Supports(const StudySpec& spec) const {
  const auto empty = FindEmptiness(spec.space, WalkValues::kAll);
  return empty.has_value() ? InvalidFields({*empty}) : absl::OkStatus();
}

absl::StatusOr<std::vector<Suggestion>> TpeAlgorithm::Suggest(
    const StudyView& study, int count, Rng& rng) const {
  const SearchSpace& space = study.spec.space;
  History history = ReadHistory(study);
  const int64_t known =
      std::count_if(history.outcomes.begin(), history.outcomes.end(),
                    [](Outcome o) { return o != Outcome::kPending; });
  if (known < startup_trials_ || space.parameters.empty()) {
    return QuasiRandomAlgorithm(Sequence::kSobol).Suggest(study, count, rng);
  }
  FreePoints points(study, rng);
  std::vector<Suggestion> suggestions;
  while (suggestions.size() < static_cast<size_t>(count)) {
    const Split split = SplitHistory(history);
    std::vector<Parameters> candidates;
    if (multivariate_) {
      candidates = JointCandidates(space, split, candidates_, rng);
    } else {
      // Each differs, as its candidates are drawn.
      constexpr int kTries = 8;
      for (int i = 0; i < kTries; ++i) {
        candidates.push_back(
            IndependentCandidate(space, split, candidates_, rng));
      }
    }
    const auto taken = std::find_if(
        candidates.begin(), candidates.end(),
        [&points](const Parameters& point) { return points.Take(point); });
    const size_t before = suggestions.size();
    if (taken != candidates.end()) {
      suggestions.push_back({*taken, ""});
    } else {
      ATTUNE_RETURN_IF_ERROR(FillUp(points, before + 1, suggestions));
      if (suggestions.size() == before) break;  // none is left
    }
    history.Add(space, suggestions.back().parameters, Outcome::kPending, 0.0);
  }
  return suggestions;
}

}  // namespace attune
