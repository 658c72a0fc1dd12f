#ifndef ATTUNE_TESTS_SIM_FLAKY_NETWORK_H_
#define ATTUNE_TESTS_SIM_FLAKY_NETWORK_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/clock.h"
#include "core/coordinator_api.h"
#include "core/random.h"
#include "server/command.h"
#include "tests/sim/coordinator_host.h"
#include "tests/sim/faults.h"
#include "tests/sim/trace.h"

namespace attune {

// Carries calls to the coordinator, and loses, delays, repeats and reorders
// them. Calls that are under way together may form one batch.
class FlakyNetwork {
 public:
  // All must outlive it.
  FlakyNetwork(CoordinatorHost* host, const Clock* clock, const Faults* faults,
               Trace* trace, Rng rng)
      : host_(host), clock_(clock), faults_(faults), trace_(trace), rng_(rng) {}

  // One caller's connection.
  struct Link {
    absl::Time cut_until = absl::InfinitePast();
  };

  // DEADLINE_EXCEEDED or UNAVAILABLE if no answer came, whatever became of the
  // call. A call that would have to wait gets no answer.
  absl::StatusOr<Reply> Call(const Command& command, Link& link);

  // Delivers what was delayed and is due. REQUIRES: the coordinator is up.
  void Deliver();
  absl::Time NextDelivery() const;

 private:
  struct Delayed {
    absl::Time due;
    Command command;
  };

  bool Happens(double probability);
  void Delay(const Command& command);
  // Of what is under way, what is due and by chance some of the rest.
  std::vector<Request> TakeDelayed(double chance);

  CoordinatorHost* const host_;
  const Clock* const clock_;
  const Faults* const faults_;
  Trace* const trace_;
  Rng rng_;
  std::vector<Delayed> delayed_;
};

// The coordinator as a worker behind the network sees it.
class FlakyCoordinator : public CoordinatorApi {
 public:
  // `network` must outlive it.
  explicit FlakyCoordinator(FlakyNetwork* network) : network_(network) {}

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

 private:
  FlakyNetwork* const network_;
  FlakyNetwork::Link link_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_FLAKY_NETWORK_H_
