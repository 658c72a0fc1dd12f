#ifndef ATTUNE_SERVER_ASSIGNMENT_H_
#define ATTUNE_SERVER_ASSIGNMENT_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/coordinator_api.h"
#include "server/booked_study.h"

namespace attune {

// What the worker that holds the running trial `number` needs to run it.
// `lease_duration` is infinite for one that was asked for without a lease.
// REQUIRES: the trial runs.
Assignment MakeAssignment(const BookedStudy& study, int64_t number,
                          absl::Duration lease_duration);

}  // namespace attune

#endif  // ATTUNE_SERVER_ASSIGNMENT_H_
