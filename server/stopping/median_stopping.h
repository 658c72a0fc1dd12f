#ifndef ATTUNE_SERVER_STOPPING_MEDIAN_STOPPING_H_
#define ATTUNE_SERVER_STOPPING_MEDIAN_STOPPING_H_

#include "core/rule.h"
#include "core/study.h"
#include "server/stopping/stopping_rule.h"

namespace attune {

// The median rule of Golovin et al., "Google Vizier: A Service for Black-Box
// Optimization" (KDD 2017), section 3.2.1: after step s, a trial is stopped if
// its best value up to s is strictly worse than the median, over the finished
// trials, of the mean of their values up to s.
//
// Finished are completed trials and, unlike in the paper, pruned ones: without
// them the median would be that of ever better survivors, and the rule would
// stop a growing share of the trials. A trial that ended before s takes part
// with the mean of what it has; one without a value up to s does not.
// Its settings are those of core/rule.h.
StopDecision DecideMedian(const RuleSettings& settings, const Objective& metric,
                          const StoppingView& view);

}  // namespace attune

#endif  // ATTUNE_SERVER_STOPPING_MEDIAN_STOPPING_H_
