#ifndef ATTUNE_BENCH_SLOT_H_
#define ATTUNE_BENCH_SLOT_H_

#include <grpcpp/channel.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {

// A connection of its own, as if it were another process.
std::shared_ptr<grpc::Channel> ConnectAlone(const std::string& address);

// One slot of a worker that computes nothing: a connection of its own and a
// blocking stub. For use by one thread.
class Slot {
 public:
  static constexpr int64_t kSteps = 1000;  // of a trial that is reported

  // `study` is a resource name.
  Slot(const std::string& address, std::string worker, std::string study);

  // The bare call, with the message of a report, to an echo server.
  absl::Status Echo();

  // Reports the next step of the slot's trial. It leases one where it has none,
  // and goes on with another after kSteps steps.
  absl::Status Report();

  // Runs a trial: leases it, reports one step, completes it.
  absl::Status RunTrial();

  // Leases a trial. REQUIRES: the slot has none.
  absl::Status Lease();

  // Completes the slot's trial, if it has one.
  absl::Status Finish();

 private:
  absl::Status SendReport();

  const std::string worker_;
  const std::string study_;
  std::unique_ptr<v1::WorkerService::Stub> stub_;
  std::optional<v1::LeaseToken> token_;
  int64_t step_ = 0;
};

}  // namespace attune

#endif  // ATTUNE_BENCH_SLOT_H_
