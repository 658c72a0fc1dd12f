#include "server/health_service.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "proto/health.grpc.pb.h"

namespace attune {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using RawHealth = Health::WithRawMethod_Check<Health::Service>;

}  // namespace

std::unique_ptr<grpc::Service> MakeHealthService(
    RpcServer& rpc, std::vector<std::string> services,
    const std::atomic<bool>* serving) {
  auto raw = std::make_unique<RawHealth>();
  auto check = [services = std::move(services), serving](
                   const HealthCheckRequest& request, RpcAnswer answer) {
    const std::string& name = request.service();
    if (!name.empty() &&
        std::find(services.begin(), services.end(), name) == services.end()) {
      return answer.Fail(absl::NotFoundError(absl::StrCat(
          "health of '", name, "': there is no such service, only ",
          absl::StrJoin(services, ", "))));
    }
    HealthCheckResponse response;
    response.set_status(serving->load() ? HealthCheckResponse::SERVING
                                        : HealthCheckResponse::NOT_SERVING);
    answer.Send(response);
  };
  rpc.Unary<HealthCheckRequest>(raw.get(), &RawHealth::RequestCheck,
                                std::move(check));
  return raw;
}

}  // namespace attune
