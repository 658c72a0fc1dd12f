#include "bench/effort.h"

#include <grpcpp/grpcpp.h>

#include "absl/time/clock.h"
#include "bench/process_figures.h"
#include "bench/slot.h"
#include "core/status_macros.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"

namespace attune {
namespace {

double PerSecond(int64_t count, const Effort& before, const Effort& after) {
  return static_cast<double>(count) /
         absl::ToDoubleSeconds(after.time - before.time);
}

}  // namespace

absl::StatusOr<Effort> ReadEffort(const std::string& address, pid_t server) {
  const auto stub = v1::StudyService::NewStub(ConnectAlone(address));
  grpc::ClientContext context;
  v1::ServerStatus status;
  ATTUNE_RETURN_IF_ERROR(
      FromGrpc(stub->GetServerStatus(&context, {}, &status)));
  return Effort{.time = absl::Now(),
                .commits = status.commits().count(),
                .disk_bytes = ReadProcess(server).disk_bytes};
}

double CommitsPerSecond(const Effort& before, const Effort& after) {
  return PerSecond(after.commits - before.commits, before, after);
}

double BytesPerSecond(const Effort& before, const Effort& after) {
  return PerSecond(after.disk_bytes - before.disk_bytes, before, after);
}

}  // namespace attune
