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

bool Dominates(absl::Span<const double> a, absl::Span<const double> b,
               absl::Span<const Objective> objectives) {
  bool is_better = false;
  for (size_t i = 0; i < objectives.size(); ++i) {
    if (Better(b[i], a[i], objectives[i].goal)) return false;
    is_better = is_better || Better(a[i], b[i], objectives[i].goal);
  }
  return is_better;
}

std::vector<Trial> ParetoFront(absl::Span<const Trial> trials,
                               absl::Span<const Objective> objectives) {
  std::vector<const Trial*> completed;
  for (const Trial& trial : trials) {
    if (std::holds_alternative<Completed>(trial.state)) {
      completed.push_back(&trial);
    }
  }
  // Whoever dominates a trial is not worse by any objective, so the trials that
  // may stand in front of one are found before it in this order.
  const auto values = [](const Trial* trial) -> absl::Span<const double> {
    return std::get<Completed>(trial->state).objectives;
  };
  std::stable_sort(completed.begin(), completed.end(),
                   [&](const Trial* a, const Trial* b) {
                     for (size_t i = 0; i < objectives.size(); ++i) {
                       const Goal goal = objectives[i].goal;
                       if (Better(values(a)[i], values(b)[i], goal))
                         return true;
                       if (Better(values(b)[i], values(a)[i], goal))
                         return false;
                     }
                     return false;
                   });
  std::vector<const Trial*> front;
  for (const Trial* trial : completed) {
    const bool is_beaten =
        std::any_of(front.begin(), front.end(), [&](const Trial* other) {
          return Dominates(values(other), values(trial), objectives);
        });
    if (!is_beaten) front.push_back(trial);
  }
  std::sort(front.begin(), front.end(), [](const Trial* a, const Trial* b) {
    return a->id.number < b->id.number;
  });
  std::vector<Trial> result;
  result.reserve(front.size());
  for (const Trial* trial : front) result.push_back(*trial);
  return result;
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
