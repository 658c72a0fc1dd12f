#include "server/study_service.h"

#include <google/protobuf/empty.pb.h>

#include <variant>

#include "core/check.h"
#include "core/study.h"
#include "core/trial.h"
#include "proto/convert.h"
#include "proto/study_service.grpc.pb.h"
#include "server/study_requests.h"

namespace attune {
namespace {

using google::protobuf::Empty;

using Service = pb::StudyService;
using StudyChanges = Service::WithRawMethod_CreateStudy<
    Service::WithRawMethod_UpdateStudy<Service::WithRawMethod_DeleteStudy<
        Service::WithRawMethod_PauseStudy<Service::WithRawMethod_ResumeStudy<
            Service::WithRawMethod_StopStudy<Service::Service>>>>>>;
using TrialChanges = Service::WithRawMethod_CreateTrials<
    Service::WithRawMethod_SuggestTrials<Service::WithRawMethod_UpdateTrial<
        Service::WithRawMethod_CancelTrial<Service::WithRawMethod_StopTrial<
            Service::WithRawMethod_RetryTrial<StudyChanges>>>>>>;
using RawStudyService = Service::WithRawMethod_GetStudy<
    Service::WithRawMethod_ListStudies<Service::WithRawMethod_GetTrial<
        Service::WithRawMethod_ListTrials<Service::WithRawMethod_ListBestTrials<
            Service::WithRawMethod_ListMeasurements<
                Service::WithRawMethod_WatchStudy<
                    Service::WithRawMethod_GetServerStatus<TrialChanges>>>>>>>>;

template <typename T>
const T& Get(const Reply& reply) {
  const T* value = std::get_if<T>(&reply);
  ATTUNE_CHECK(value != nullptr);
  return *value;
}

pb::Study EncodeStudy(const Reply& reply) { return ToProto(Get<Study>(reply)); }

Empty EncodeNothing(const Reply& /*reply*/) { return {}; }

pb::Trial EncodeTrial(const Reply& reply) {
  const auto& [study, trials] = Get<TrialsReply>(reply);
  ATTUNE_CHECK(trials.size() == 1);
  return ToProto(trials.front(), study, nullptr);
}

pb::CreateTrialsResponse EncodeTrials(const Reply& reply) {
  const auto& [study, trials] = Get<TrialsReply>(reply);
  pb::CreateTrialsResponse response;
  for (const Trial& trial : trials) {
    *response.add_trials() = ToProto(trial, study, nullptr);
  }
  return response;
}

pb::SuggestTrialsResponse EncodeSuggested(const Reply& reply) {
  return ToSuggestResponse(Get<LeaseReply>(reply));
}

}  // namespace

std::unique_ptr<grpc::Service> MakeStudyService(Dispatcher& dispatcher) {
  using Raw = RawStudyService;
  auto owner = std::make_unique<Raw>();
  Raw* raw = owner.get();
  Dispatcher& to = dispatcher;
  to.Change<pb::CreateStudyRequest>(raw, &Raw::RequestCreateStudy, &ToCommand,
                                    &EncodeStudy);
  to.Change<pb::UpdateStudyRequest>(raw, &Raw::RequestUpdateStudy, &ToCommand,
                                    &EncodeStudy);
  to.Change<pb::DeleteStudyRequest>(raw, &Raw::RequestDeleteStudy, &ToCommand,
                                    &EncodeNothing);
  to.Change<pb::PauseStudyRequest>(raw, &Raw::RequestPauseStudy, &ToCommand,
                                   &EncodeStudy);
  to.Change<pb::ResumeStudyRequest>(raw, &Raw::RequestResumeStudy, &ToCommand,
                                    &EncodeStudy);
  to.Change<pb::StopStudyRequest>(raw, &Raw::RequestStopStudy, &ToCommand,
                                  &EncodeStudy);
  to.Change<pb::CreateTrialsRequest>(raw, &Raw::RequestCreateTrials, &ToCommand,
                                     &EncodeTrials);
  to.Change<pb::SuggestTrialsRequest>(raw, &Raw::RequestSuggestTrials,
                                      &ToCommand, &EncodeSuggested);
  to.Change<pb::UpdateTrialRequest>(raw, &Raw::RequestUpdateTrial, &ToCommand,
                                    &EncodeTrial);
  to.Change<pb::CancelTrialRequest>(raw, &Raw::RequestCancelTrial, &ToCommand,
                                    &EncodeTrial);
  to.Change<pb::StopTrialRequest>(raw, &Raw::RequestStopTrial, &ToCommand,
                                  &EncodeTrial);
  to.Change<pb::RetryTrialRequest>(raw, &Raw::RequestRetryTrial, &ToCommand,
                                   &EncodeTrial);
  to.Read(raw, &Raw::RequestGetStudy, &StudyQueries::GetStudy);
  to.Read(raw, &Raw::RequestListStudies, &StudyQueries::ListStudies);
  to.Read(raw, &Raw::RequestGetTrial, &StudyQueries::GetTrial);
  to.Read(raw, &Raw::RequestListTrials, &StudyQueries::ListTrials);
  to.Read(raw, &Raw::RequestListBestTrials, &StudyQueries::ListBestTrials);
  to.Read(raw, &Raw::RequestListMeasurements, &StudyQueries::ListMeasurements);
  to.Watch(raw, &Raw::RequestWatchStudy);
  to.Status(raw, &Raw::RequestGetServerStatus);
  return owner;
}

}  // namespace attune
