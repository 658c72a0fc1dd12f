#ifndef ATTUNE_SERVER_ATTEMPT_EVENT_H_
#define ATTUNE_SERVER_ATTEMPT_EVENT_H_

#include "core/coordinator_api.h"
#include "core/study.h"
#include "core/trial_machine.h"
#include "server/trial_progress.h"

namespace attune {

// What a worker's word on the end of `attempt` means for the trial. The
// objectives of a finished one are the last values of their metrics in
// `progress`; one that is missing or NaN makes it an attempt that failed for
// good, with a message that says which metric and what there was instead.
TrialEvent AttemptEvent(const StudySpec& spec, const TrialProgress& progress,
                        const Outcome& outcome, int attempt);

}  // namespace attune

#endif  // ATTUNE_SERVER_ATTEMPT_EVENT_H_
