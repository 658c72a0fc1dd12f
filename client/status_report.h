#ifndef ATTUNE_CLIENT_STATUS_REPORT_H_
#define ATTUNE_CLIENT_STATUS_REPORT_H_

#include <vector>

#include "absl/time/time.h"
#include "client/report.h"
#include "client/study_summary.h"
#include "proto/study_service.pb.h"

// How a coordinator is doing, as it is shown.
namespace attune {

// All but the workers.
std::vector<SummaryLine> StatusLines(const pb::ServerStatus& status,
                                     absl::Time now);

// A table of the workers and its columns in CSV; as JSON one object with
// everything, the workers' rows under `workers`.
Listing ListStatus(const pb::ServerStatus& status, absl::Time now);

}  // namespace attune

#endif  // ATTUNE_CLIENT_STATUS_REPORT_H_
