#ifndef ATTUNE_TESTS_CLIENT_FAKE_COORDINATOR_H_
#define ATTUNE_TESTS_CLIENT_FAKE_COORDINATOR_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "client/scratch_directory.h"
#include "core/error.h"
#include "proto/grpc_status.h"
#include "proto/health.grpc.pb.h"
#include "proto/study_service.grpc.pb.h"
#include "tests/testing/status_matchers.h"

namespace attune {

namespace pb = ::attune::v1;

// One study and its trials, served on a Unix socket as a coordinator would.
// Change `study` and `trials` with `mutex` held.
class FakeCoordinator : public pb::StudyService::Service {
 public:
  FakeCoordinator() {
    auto directory = ScratchDirectory::Create();
    ATTUNE_EXPECT_OK(directory);
    directory_ = *std::move(directory);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address(), grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
    study.set_name("studies/s");
    study.set_state(pb::Study::ACTIVE);
  }
  ~FakeCoordinator() override { server_->Shutdown(); }

  std::string address() const {
    return absl::StrCat("unix:", directory_->path(), "/socket");
  }

  // Adds a trial, or changes the one of that number, and counts again.
  void SetTrial(const pb::Trial& trial) {
    absl::MutexLock lock(&mutex);
    trials[trial.number()] = trial;
    study.clear_trial_counts();
    for (const auto& [number, t] : trials) {
      std::string state = pb::Trial::State_Name(t.state());
      for (char& c : state) c = static_cast<char>(std::tolower(c));
      ++(*study.mutable_trial_counts())[state];
    }
  }

  grpc::Status GetStudy(grpc::ServerContext*,
                        const pb::GetStudyRequest* request,
                        pb::Study* response) override {
    absl::MutexLock lock(&mutex);
    if (request->name() != study.name()) return NotFound(request->name());
    *response = study;
    return grpc::Status::OK;
  }

  grpc::Status ListStudies(grpc::ServerContext*,
                           const pb::ListStudiesRequest* request,
                           pb::ListStudiesResponse* response) override {
    absl::MutexLock lock(&mutex);
    // Two pages of one study each.
    pb::Study& added = *response->add_studies();
    added = study;
    if (request->page_token().empty()) {
      response->set_next_page_token("second");
    } else {
      added.set_name("studies/second");
    }
    return grpc::Status::OK;
  }

  grpc::Status GetTrial(grpc::ServerContext*,
                        const pb::GetTrialRequest* request,
                        pb::Trial* response) override {
    absl::MutexLock lock(&mutex);
    for (const auto& [number, trial] : trials) {
      if (request->name() != absl::StrCat(study.name(), "/trials/", number)) {
        continue;
      }
      *response = trial;
      return grpc::Status::OK;
    }
    return NotFound(request->name());
  }

  // Pages of two trials.
  grpc::Status ListTrials(grpc::ServerContext*,
                          const pb::ListTrialsRequest* request,
                          pb::ListTrialsResponse* response) override {
    absl::MutexLock lock(&mutex);
    int64_t after = 0;
    if (!request->page_token().empty()) {
      after = std::stoll(request->page_token());
    }
    for (const auto& [number, trial] : trials) {
      const bool wanted =
          request->states().empty() ||
          std::count(request->states().begin(), request->states().end(),
                     trial.state()) > 0;
      if (number <= after || !wanted) continue;
      if (response->trials_size() == 2) {
        response->set_next_page_token(
            absl::StrCat(response->trials(1).number()));
        break;
      }
      *response->add_trials() = trial;
    }
    return grpc::Status::OK;
  }

  grpc::Status ListBestTrials(grpc::ServerContext*,
                              const pb::ListBestTrialsRequest* request,
                              pb::ListBestTrialsResponse* response) override {
    absl::MutexLock lock(&mutex);
    for (const auto& [number, trial] : trials) {
      if (trial.state() == pb::Trial::COMPLETED &&
          response->trials_size() < request->page_size()) {
        *response->add_trials() = trial;
      }
    }
    return grpc::Status::OK;
  }

  grpc::Status CreateStudy(grpc::ServerContext*,
                           const pb::CreateStudyRequest* request,
                           pb::Study* response) override {
    absl::MutexLock lock(&mutex);
    *study.mutable_attributes() = request->attributes();
    *response = study;
    return grpc::Status::OK;
  }

  // Takes what the mask names for all that there is. While `changes` are left,
  // one comes in between.
  grpc::Status UpdateStudy(grpc::ServerContext*,
                           const pb::UpdateStudyRequest* request,
                           pb::Study* response) override {
    absl::MutexLock lock(&mutex);
    if (request->study().name() != study.name()) {
      return NotFound(request->study().name());
    }
    if (changes > 0) {
      study.set_etag(absl::StrCat(--changes));
      (*study.mutable_attributes())["other"] = study.etag();
    }
    if (!request->study().etag().empty() && !study.etag().empty() &&
        request->study().etag() != study.etag()) {
      return ToGrpc(Error(absl::StatusCode::kAborted, reason::kRevisionMismatch,
                          "it has changed"));
    }
    *response = request->study();
    response->set_state_reason(
        absl::StrJoin(request->update_mask().paths(), ","));
    return grpc::Status::OK;
  }

  // All wait, numbered from 1 on.
  grpc::Status CreateTrials(grpc::ServerContext*,
                            const pb::CreateTrialsRequest* request,
                            pb::CreateTrialsResponse* response) override {
    for (const pb::Trial& wanted : request->trials()) {
      pb::Trial& trial = *response->add_trials();
      trial = wanted;
      trial.set_number(response->trials_size());
      trial.set_tag(request->request_id());
    }
    return grpc::Status::OK;
  }

  grpc::Status CancelTrial(grpc::ServerContext*,
                           const pb::CancelTrialRequest* request,
                           pb::Trial* response) override {
    response->set_name(request->name());
    response->set_state(pb::Trial::CANCELLED);
    response->set_state_reason(request->reason());
    return grpc::Status::OK;
  }

  grpc::Status StopTrial(grpc::ServerContext*,
                         const pb::StopTrialRequest* request,
                         pb::Trial* response) override {
    response->set_name(request->name());
    response->set_stop_requested(true);
    response->set_state_reason(request->reason());
    return grpc::Status::OK;
  }

  grpc::Status RetryTrial(grpc::ServerContext*,
                          const pb::RetryTrialRequest* request,
                          pb::Trial* response) override {
    response->set_name(request->name());
    response->set_state(pb::Trial::WAITING);
    return grpc::Status::OK;
  }

  absl::Mutex mutex;
  pb::Study study;
  int changes = 0;
  std::map<int64_t, pb::Trial> trials;

 private:
  struct Health : public grpc::health::v1::Health::Service {
    grpc::Status Check(
        grpc::ServerContext*, const grpc::health::v1::HealthCheckRequest*,
        grpc::health::v1::HealthCheckResponse* response) override {
      response->set_status(grpc::health::v1::HealthCheckResponse::SERVING);
      return grpc::Status::OK;
    }
  };

  static grpc::Status NotFound(const std::string& name) {
    return ToGrpc(Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
                        absl::StrCat("there is no ", name), name));
  }

  std::unique_ptr<ScratchDirectory> directory_;
  Health health_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_CLIENT_FAKE_COORDINATOR_H_
