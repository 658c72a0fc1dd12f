#ifndef ATTUNE_SERVER_STOPPING_STOPPING_RULE_H_
#define ATTUNE_SERVER_STOPPING_STOPPING_RULE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/study.h"

namespace attune {

// One metric of one trial: its values by step.
using Curve = std::map<int64_t, double>;

// All that a stopping rule may see: the curve of the trial in question and
// those of the study's completed and pruned trials, by trial number.
struct StoppingView {
  const Curve& trial;
  const std::map<int64_t, Curve>& finished;
  int64_t completed = 0;  // how many of `finished` are completed
};

struct StopDecision {
  bool stop = false;
  std::string reason;  // for a person to read; empty when `stop` is false
  friend bool operator==(const StopDecision&, const StopDecision&) = default;
};

// The metric that decides, and its goal; nullopt if the rule never stops.
std::optional<Objective> StoppingMetric(const StudySpec& spec);

// Whether a trial of the study is to be stopped after its last step. A function
// of its arguments alone. Safe for concurrent use.
StopDecision Decide(const StudySpec& spec, const StoppingView& view);

}  // namespace attune

#endif  // ATTUNE_SERVER_STOPPING_STOPPING_RULE_H_
