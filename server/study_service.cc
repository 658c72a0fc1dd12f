#include "server/study_service.h"

#include <google/protobuf/empty.pb.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "core/study.h"
#include "proto/convert.h"
#include "proto/study_service.grpc.pb.h"

namespace attune {
namespace {

using google::protobuf::Empty;

// A study is sent back whole, and clients accept 4 MiB.
constexpr size_t kMaxSpecBytes = 1 << 20;

using Service = pb::StudyService;
using Changes =
    Service::WithRawMethod_CreateStudy<Service::WithRawMethod_DeleteStudy<
        Service::WithRawMethod_PauseStudy<Service::WithRawMethod_ResumeStudy<
            Service::WithRawMethod_StopStudy<Service::Service>>>>>;
using RawStudyService = Service::WithRawMethod_GetStudy<
    Service::WithRawMethod_ListStudies<Service::WithRawMethod_GetTrial<
        Service::WithRawMethod_ListTrials<Service::WithRawMethod_ListBestTrials<
            Service::WithRawMethod_ListMeasurements<Changes>>>>>>;

absl::StatusOr<Command> DecodeCreate(const pb::CreateStudyRequest& request) {
  const size_t bytes = request.spec().ByteSizeLong();
  if (bytes > kMaxSpecBytes) {
    return InvalidFields(
        {{.field = "spec",
          .description = absl::StrCat(
              "found ", bytes, " bytes, expected at most ", kMaxSpecBytes)}});
  }
  ATTUNE_ASSIGN_OR_RETURN(StudySpec spec,
                          FromProto(request.study_id(), request.spec()));
  const std::vector<Violation> violations = Validate(spec);
  if (!violations.empty()) return InvalidFields(violations);
  return CreateStudy{.spec = std::move(spec)};
}

// For the requests that name a study and no more.
template <typename Change, typename Request>
absl::StatusOr<Command> DecodeNamed(const Request& request) {
  ATTUNE_ASSIGN_OR_RETURN(std::string study, ParseStudyName(request.name()));
  return Change{.study = std::move(study)};
}

pb::Study EncodeStudy(const Reply& reply) {
  const auto* study = std::get_if<Study>(&reply);
  ATTUNE_CHECK(study != nullptr);
  return ToProto(*study);
}

Empty EncodeNothing(const Reply& /*reply*/) { return {}; }

}  // namespace

std::unique_ptr<grpc::Service> MakeStudyService(Dispatcher& dispatcher) {
  using Raw = RawStudyService;
  auto owner = std::make_unique<Raw>();
  Raw* raw = owner.get();
  Dispatcher& to = dispatcher;
  to.Change(raw, &Raw::RequestCreateStudy, &DecodeCreate, &EncodeStudy);
  to.Change(raw, &Raw::RequestDeleteStudy,
            &DecodeNamed<DeleteStudy, pb::DeleteStudyRequest>, &EncodeNothing);
  to.Change(raw, &Raw::RequestPauseStudy,
            &DecodeNamed<PauseStudy, pb::PauseStudyRequest>, &EncodeStudy);
  to.Change(raw, &Raw::RequestResumeStudy,
            &DecodeNamed<ResumeStudy, pb::ResumeStudyRequest>, &EncodeStudy);
  to.Change(raw, &Raw::RequestStopStudy,
            &DecodeNamed<StopStudy, pb::StopStudyRequest>, &EncodeStudy);
  to.Read(raw, &Raw::RequestGetStudy, &StudyQueries::GetStudy);
  to.Read(raw, &Raw::RequestListStudies, &StudyQueries::ListStudies);
  to.Read(raw, &Raw::RequestGetTrial, &StudyQueries::GetTrial);
  to.Read(raw, &Raw::RequestListTrials, &StudyQueries::ListTrials);
  to.Read(raw, &Raw::RequestListBestTrials, &StudyQueries::ListBestTrials);
  to.Read(raw, &Raw::RequestListMeasurements, &StudyQueries::ListMeasurements);
  return owner;
}

}  // namespace attune
