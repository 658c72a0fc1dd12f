#include "server/stopping/stopping_rule.h"

#include <variant>

#include "core/overloaded.h"
#include "server/stopping/median_stopping.h"

namespace attune {

std::optional<Objective> StoppingMetric(const StudySpec& spec) {
  return std::visit(
      Overloaded{[](const NoStopping&) -> std::optional<Objective> {
                   return std::nullopt;
                 },
                 [&spec](const MedianStopping& median) {
                   return median.metric.has_value()
                              ? median.metric
                              : std::make_optional(spec.objectives.at(0));
                 }},
      spec.stopping);
}

StopDecision Decide(const StudySpec& spec, const StoppingView& view) {
  return std::visit(Overloaded{[](const NoStopping&) { return StopDecision{}; },
                               [&spec, &view](const MedianStopping& median) {
                                 return DecideMedian(
                                     median, *StoppingMetric(spec), view);
                               }},
                    spec.stopping);
}

}  // namespace attune
