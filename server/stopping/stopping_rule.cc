#include "server/stopping/stopping_rule.h"

#include "core/check.h"
#include "core/rule.h"
#include "server/stopping/median_stopping.h"

namespace attune {

std::optional<Objective> StoppingMetric(const StudySpec& spec) {
  if (spec.stopping.name == "none") return std::nullopt;
  return spec.stopping.metric.has_value() ? spec.stopping.metric
                                          : spec.objectives.at(0);
}

StopDecision Decide(const StudySpec& spec, const StoppingView& view) {
  const std::optional<Objective> metric = StoppingMetric(spec);
  if (!metric.has_value()) return {};
  const Rule* const rule = FindRule(StoppingRules(), spec.stopping.name);
  ATTUNE_CHECK(rule != nullptr);
  const RuleSettings settings(*rule, spec.stopping.settings);
  ATTUNE_CHECK(rule->name == "median");
  return DecideMedian(settings, *metric, view);
}

}  // namespace attune
