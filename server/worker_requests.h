#ifndef ATTUNE_SERVER_WORKER_REQUESTS_H_
#define ATTUNE_SERVER_WORKER_REQUESTS_H_

#include "absl/status/statusor.h"
#include "proto/worker_service.pb.h"
#include "server/command.h"

namespace attune {

// The requests of WorkerService as commands. INVALID_ARGUMENT, with every
// violation, for those that cannot be read.
absl::StatusOr<Command> ToCommand(const v1::LeaseTrialsRequest& request);
absl::StatusOr<Command> ToCommand(const v1::RenewLeasesRequest& request);
absl::StatusOr<Command> ToCommand(const v1::ReportMeasurementsRequest& request);
absl::StatusOr<Command> ToCommand(const v1::CompleteTrialRequest& request);
absl::StatusOr<Command> ToCommand(const v1::FailTrialRequest& request);
absl::StatusOr<Command> ToCommand(const v1::ReleaseTrialRequest& request);

}  // namespace attune

#endif  // ATTUNE_SERVER_WORKER_REQUESTS_H_
