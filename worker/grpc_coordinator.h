#ifndef ATTUNE_WORKER_GRPC_COORDINATOR_H_
#define ATTUNE_WORKER_GRPC_COORDINATOR_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/coordinator_api.h"

namespace attune {

struct GrpcCoordinatorOptions {
  std::string address;  // host:port or unix:PATH
  // Within which every call must be answered; a call for a trial has it on top
  // of the time that it may wait.
  absl::Duration call_timeout = absl::Seconds(10);
};

// The coordinator over gRPC, by blocking calls over one connection that all
// slots share. Tries each call once. Logs when the coordinator is away and when
// it is back. Thread-safe.
class GrpcCoordinator : public CoordinatorApi {
 public:
  // Connects with the first call.
  explicit GrpcCoordinator(const GrpcCoordinatorOptions& options);
  // REQUIRES: no call is under way.
  ~GrpcCoordinator() override;

  absl::StatusOr<LeaseReply> LeaseTrials(const LeaseRequest& request) override;
  absl::StatusOr<std::vector<Verdict>> RenewLeases(
      absl::Span<const LeaseToken> tokens) override;
  absl::StatusOr<Verdict> ReportMeasurements(
      const LeaseToken& token,
      absl::Span<const Measurement> measurements) override;
  absl::Status FinishTrial(const LeaseToken& token,
                           absl::Span<const Measurement> measurements,
                           const Outcome& outcome) override;
  absl::Status ReleaseTrial(const LeaseToken& token) override;

  // Ends the calls that wait for a trial with CANCELLED; from now on none
  // waits.
  void CancelWaiting();

  // Ends all calls with CANCELLED; from now on each must be answered within
  // `call_timeout`, and none waits for a trial.
  void Hurry(absl::Duration call_timeout);

 private:
  class Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_GRPC_COORDINATOR_H_
