#ifndef ATTUNE_SERVER_STUDY_REQUESTS_H_
#define ATTUNE_SERVER_STUDY_REQUESTS_H_

#include "absl/status/statusor.h"
#include "proto/study_service.pb.h"
#include "server/command.h"

namespace attune {

// The requests of StudyService that change something, as commands.
// INVALID_ARGUMENT, with every violation, for those that cannot be read.
absl::StatusOr<Command> ToCommand(const v1::CreateStudyRequest& request);
absl::StatusOr<Command> ToCommand(const v1::UpdateStudyRequest& request);
absl::StatusOr<Command> ToCommand(const v1::DeleteStudyRequest& request);
absl::StatusOr<Command> ToCommand(const v1::PauseStudyRequest& request);
absl::StatusOr<Command> ToCommand(const v1::ResumeStudyRequest& request);
absl::StatusOr<Command> ToCommand(const v1::StopStudyRequest& request);
absl::StatusOr<Command> ToCommand(const v1::CreateTrialsRequest& request);
absl::StatusOr<Command> ToCommand(const v1::SuggestTrialsRequest& request);
absl::StatusOr<Command> ToCommand(const v1::UpdateTrialRequest& request);
absl::StatusOr<Command> ToCommand(const v1::CancelTrialRequest& request);
absl::StatusOr<Command> ToCommand(const v1::StopTrialRequest& request);
absl::StatusOr<Command> ToCommand(const v1::RetryTrialRequest& request);

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_REQUESTS_H_
