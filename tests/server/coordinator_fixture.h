#ifndef ATTUNE_TESTS_SERVER_COORDINATOR_FIXTURE_H_
#define ATTUNE_TESTS_SERVER_COORDINATOR_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/check.h"
#include "core/coordinator_api.h"
#include "gtest/gtest.h"
#include "server/command.h"
#include "server/coordinator.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/failing_storage.h"
#include "tests/testing/status_matchers.h"

namespace attune {

using Result = absl::StatusOr<Reply>;

// A coordinator on a storage in memory, called one batch at a time, at a time
// that the test sets.
class CoordinatorFixture : public testing::Test {
 protected:
  CoordinatorFixture() { Restart(); }

  // As if the process had ended and started again on the same storage.
  void Restart() {
    coordinator_.reset();
    absl::StatusOr<std::unique_ptr<Coordinator>> opened =
        Coordinator::Open(&storage_, options_, now_);
    ATTUNE_CHECK(opened.ok());
    coordinator_ = *std::move(opened);
  }

  // Answers that have not come yet are absent.
  struct Call {
    std::optional<Result> result;
  };
  // The call's answer appears in the returned place, now or later.
  Request Ask(Command command, std::shared_ptr<Call> call) {
    return {.command = std::move(command), .done = [call](Result result) {
              ATTUNE_CHECK(!call->result.has_value());
              call->result = std::move(result);
            }};
  }
  std::shared_ptr<Call> Start(Command command) {
    auto call = std::make_shared<Call>();
    std::vector<Request> batch;
    batch.push_back(Ask(std::move(command), call));
    coordinator_->Process(std::move(batch), now_);
    return call;
  }
  // All in one batch; every one must be answered at once.
  std::vector<Result> DoAll(std::vector<Command> commands) {
    std::vector<std::shared_ptr<Call>> calls;
    std::vector<Request> batch;
    for (Command& command : commands) {
      calls.push_back(std::make_shared<Call>());
      batch.push_back(Ask(std::move(command), calls.back()));
    }
    coordinator_->Process(std::move(batch), now_);
    std::vector<Result> results;
    for (const std::shared_ptr<Call>& call : calls) {
      ATTUNE_CHECK(call->result.has_value());
      results.push_back(*std::move(call->result));
    }
    return results;
  }
  Result Do(Command command) { return DoAll({std::move(command)}).front(); }

  // The same, with the answer unpacked.
  absl::StatusOr<Study> Create(StudySpec spec) {
    return As<Study>(Do(CreateStudy{std::move(spec)}));
  }
  absl::StatusOr<LeaseReply> Lease(absl::string_view worker,
                                   absl::string_view study = "") {
    return As<LeaseReply>(Do(LeaseOf(worker, study)));
  }
  // REQUIRES: the worker gets a trial.
  Assignment Assign(absl::string_view worker, absl::string_view study = "") {
    const absl::StatusOr<LeaseReply> reply = Lease(worker, study);
    ATTUNE_CHECK(reply.ok() && reply->assignments.size() == 1);
    return reply->assignments[0];
  }
  LeaseToken Token(absl::string_view worker) { return Assign(worker).token; }
  absl::StatusOr<Verdict> Report(LeaseToken token,
                                 std::vector<Measurement> measurements) {
    return As<Verdict>(Do(ReportMeasurements{token, std::move(measurements)}));
  }
  absl::StatusOr<Verdict> Renew(LeaseToken token) {
    const auto verdicts = As<std::vector<Verdict>>(Do(RenewLeases{{token}}));
    if (!verdicts.ok()) return verdicts.status();
    return verdicts->front();
  }
  absl::Status Finish(LeaseToken token, Outcome outcome = Finished(),
                      std::vector<Measurement> measurements = {}) {
    return Do(FinishTrial{token, std::move(measurements), std::move(outcome)})
        .status();
  }
  // Reports `loss` and finishes.
  absl::Status Complete(LeaseToken token, double loss = 1.0) {
    return Finish(token, Finished(),
                  {{.step = 1, .metrics = {{"loss", loss}}}});
  }
  absl::Status Release(LeaseToken token) {
    return Do(ReleaseTrial{token}).status();
  }

  static LeaseTrials LeaseOf(absl::string_view worker,
                             absl::string_view study = "",
                             absl::Duration wait = absl::ZeroDuration()) {
    return {{.workers = {{std::string(worker)}},
             .study = std::string(study),
             .wait = wait}};
  }
  std::shared_ptr<Call> Wait(absl::string_view worker,
                             absl::string_view study = "",
                             absl::Duration wait = absl::Seconds(30)) {
    return Start(LeaseOf(worker, study, wait));
  }

  void Advance(absl::Duration duration) {
    now_ += duration;
    coordinator_->Tick(now_);
  }

  // What is stored.
  Study StoredStudy(absl::string_view name = "test-study") {
    const auto studies = memory_.ListStudies({.name = std::string(name)});
    ATTUNE_CHECK(studies.ok() && studies->size() == 1);
    return studies->front();
  }
  std::vector<Trial> StoredTrials(absl::string_view name = "test-study") {
    const auto trials = memory_.ListTrials({.study = StoredStudy(name).id});
    ATTUNE_CHECK(trials.ok());
    return *trials;
  }
  Trial StoredTrial(TrialId id) {
    const auto trials =
        memory_.ListTrials({.study = id.study, .number = id.number});
    ATTUNE_CHECK(trials.ok() && trials->size() == 1);
    return trials->front();
  }
  std::vector<Measurement> StoredMeasurements(TrialId id) {
    const auto found = memory_.ListMeasurements(
        {.study = id.study, .numbers = std::vector<int64_t>{id.number}});
    ATTUNE_CHECK(found.ok());
    return found->empty() ? std::vector<Measurement>()
                          : found->front().measurements;
  }

  template <typename T>
  static absl::StatusOr<T> As(Result result) {
    if (!result.ok()) return std::move(result).status();
    ATTUNE_CHECK(std::holds_alternative<T>(*result));
    return std::get<T>(*std::move(result));
  }

  MemoryStorage memory_;
  FailingStorage storage_{&memory_};
  CoordinatorOptions options_;
  absl::Time now_ = TestTime();
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SERVER_COORDINATOR_FIXTURE_H_
