#include "core/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace attune {
namespace {

// NaN, and so the worst, where there is none.
double FirstObjective(const Completed& completed) {
  return completed.objectives.empty() ? std::numeric_limits<double>::quiet_NaN()
                                      : completed.objectives.front();
}

}  // namespace

bool Better(double a, double b, Goal goal) {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return goal == Goal::kMinimize ? a < b : a > b;
}

bool RanksBefore(const Trial& a, const Trial& b, Goal goal) {
  const auto* completed_a = std::get_if<Completed>(&a.state);
  const auto* completed_b = std::get_if<Completed>(&b.state);
  if ((completed_a != nullptr) != (completed_b != nullptr)) {
    return completed_a != nullptr;
  }
  if (completed_a != nullptr && completed_b != nullptr) {
    const double value_a = FirstObjective(*completed_a);
    const double value_b = FirstObjective(*completed_b);
    if (Better(value_a, value_b, goal)) return true;
    if (Better(value_b, value_a, goal)) return false;
  }
  return a.id.number < b.id.number;
}

std::vector<Trial> BestTrials(absl::Span<const Trial> trials, Goal goal,
                              int64_t k) {
  std::vector<const Trial*> completed;
  for (const Trial& trial : trials) {
    if (std::holds_alternative<Completed>(trial.state)) {
      completed.push_back(&trial);
    }
  }
  const auto count = static_cast<int64_t>(completed.size());
  const int64_t wanted = k <= 0 ? count : std::min(k, count);
  std::partial_sort(completed.begin(), completed.begin() + wanted,
                    completed.end(), [goal](const Trial* a, const Trial* b) {
                      return RanksBefore(*a, *b, goal);
                    });
  std::vector<Trial> best;
  best.reserve(static_cast<size_t>(wanted));
  for (int64_t i = 0; i < wanted; ++i) {
    best.push_back(*completed[static_cast<size_t>(i)]);
  }
  return best;
}

std::optional<double> Median(std::vector<double> values, Goal goal) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end(),
            [goal](double a, double b) { return Better(a, b, goal); });
  const size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return std::midpoint(values[middle - 1], values[middle]);
}

}  // namespace attune
