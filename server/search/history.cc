#include "server/search/history.h"

#include <optional>
#include <utility>
#include <variant>

#include "core/overloaded.h"
#include "core/unit_cube.h"

namespace attune {
namespace {

// nullopt: it says nothing of its point.
std::optional<Outcome> OutcomeOf(const TrialState& state) {
  return std::visit(
      Overloaded{
          [](const Completed&) { return std::optional(Outcome::kMeasured); },
          [](const Pruned&) { return std::optional(Outcome::kBad); },
          [](const Infeasible&) { return std::optional(Outcome::kBad); },
          [](const Failed& failed) {
            return failed.cause == cause::kNonFiniteObjective
                       ? std::optional(Outcome::kBad)
                       : std::nullopt;
          },
          [](const Cancelled&) { return std::optional<Outcome>(); },
          [](const auto&) { return std::optional(Outcome::kPending); }},
      state);
}

}  // namespace

void History::Add(const SearchSpace& space, const Parameters& point,
                  Outcome outcome, double value) {
  const std::vector<double> unit = UnitOf(space, point);
  units.insert(units.end(), unit.begin(), unit.end());
  outcomes.push_back(outcome);
  values.push_back(value);
}

History ReadHistory(const StudyView& study) {
  History history;
  history.dimensions = study.spec.space.parameters.size();
  history.units.reserve(study.trials.size() * history.dimensions);
  history.values.reserve(study.trials.size());
  history.outcomes.reserve(study.trials.size());
  const bool maximize = study.spec.objectives[0].goal == Goal::kMaximize;
  for (const Trial& trial : study.trials) {
    const std::optional<Outcome> outcome = OutcomeOf(trial.state);
    if (!outcome.has_value()) continue;
    double value = 0.0;
    if (const auto* completed = std::get_if<Completed>(&trial.state)) {
      value = maximize ? -completed->objectives[0] : completed->objectives[0];
    }
    history.Add(study.spec.space, trial.parameters, *outcome, value);
  }
  return history;
}

std::vector<double> UnitOf(const SearchSpace& space, const Parameters& point) {
  std::vector<double> unit;
  unit.reserve(space.parameters.size());
  for (const ParameterSpec& spec : space.parameters) {
    const std::optional<ParameterValue> value = point.Find(spec.name);
    unit.push_back(value.has_value() ? ToUnit(spec.domain, *value)
                                     : kInactiveUnit);
  }
  return unit;
}

}  // namespace attune
