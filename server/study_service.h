#ifndef ATTUNE_SERVER_STUDY_SERVICE_H_
#define ATTUNE_SERVER_STUDY_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <memory>

#include "server/dispatcher.h"

namespace attune {

// attune.v1.StudyService, its methods registered with `dispatcher`. To be
// registered with the builder, and to outlive the server.
std::unique_ptr<grpc::Service> MakeStudyService(Dispatcher& dispatcher);

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_SERVICE_H_
