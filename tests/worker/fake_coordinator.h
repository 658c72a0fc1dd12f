#ifndef ATTUNE_TESTS_WORKER_FAKE_COORDINATOR_H_
#define ATTUNE_TESTS_WORKER_FAKE_COORDINATOR_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/coordinator_api.h"
#include "core/error.h"

namespace attune {

inline absl::Status Away() { return absl::UnavailableError("nobody answers"); }
inline absl::Status LeaseLost() {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kLeaseLost,
               "the lease has ended");
}

// A trial with a function to run, for `worker`.
inline Assignment MakeAssignment(int64_t number,
                                 absl::string_view worker = "w") {
  Assignment assignment;
  assignment.worker.value = std::string(worker);
  assignment.token = {.trial = {{1}, number}, .attempt = 1};
  assignment.study = "demo";
  assignment.parameters = {{"x", 0.5}};
  assignment.parameter_order = {"x"};
  assignment.task = FunctionTask{"sphere"};
  assignment.objectives = {{.metric = "value"}};
  assignment.lease_duration = absl::Seconds(60);
  return assignment;
}

// Answers as a test tells it to and remembers what it was told. For one
// thread.
class FakeCoordinator : public CoordinatorApi {
 public:
  // What the next calls of a kind answer instead of what they would; the call
  // has its effect all the same if `lost_reply`.
  struct Failure {
    absl::Status status;
    bool lost_reply = false;
  };
  static Failure LostReply() { return {Away(), true}; }
  std::deque<Failure> lease_failures;
  std::deque<Failure> renew_failures;
  std::deque<Failure> report_failures;
  std::deque<Failure> finish_failures;
  std::deque<Failure> release_failures;

  std::deque<Assignment> trials;  // to be leased, in order
  bool exhausted = false;
  std::deque<Verdict> report_verdicts;           // then kContinue
  std::map<LeaseToken, Verdict> renew_verdicts;  // else kContinue

  std::vector<LeaseRequest> lease_requests;
  std::vector<std::vector<LeaseToken>> renewals;
  int report_calls = 0;
  int finish_calls = 0;
  std::map<LeaseToken, std::vector<int64_t>> steps;  // stored, in order
  std::map<LeaseToken, std::vector<Outcome>> outcomes;
  std::vector<LeaseToken> released;

  absl::StatusOr<LeaseReply> LeaseTrials(const LeaseRequest& request) override {
    lease_requests.push_back(request);
    const std::optional<Failure> failure = Take(lease_failures);
    if (failure.has_value() && !failure->lost_reply) return failure->status;
    if (!held_.has_value() && !trials.empty()) {
      held_ = trials.front();
      trials.pop_front();
    }
    if (failure.has_value()) return failure->status;
    LeaseReply reply;
    reply.exhausted = exhausted;
    if (held_.has_value()) reply.assignments = {*held_};
    return reply;
  }

  absl::StatusOr<std::vector<Verdict>> RenewLeases(
      absl::Span<const LeaseToken> tokens) override {
    renewals.emplace_back(tokens.begin(), tokens.end());
    if (const auto failure = Take(renew_failures)) return failure->status;
    std::vector<Verdict> verdicts;
    for (const LeaseToken& token : tokens) {
      const auto found = renew_verdicts.find(token);
      verdicts.push_back(found == renew_verdicts.end() ? Verdict::kContinue
                                                       : found->second);
    }
    return verdicts;
  }

  absl::StatusOr<Verdict> ReportMeasurements(
      const LeaseToken& token,
      absl::Span<const Measurement> measurements) override {
    ++report_calls;
    const std::optional<Failure> failure = Take(report_failures);
    if (failure.has_value() && !failure->lost_reply) return failure->status;
    Store(token, measurements);
    if (failure.has_value()) return failure->status;
    if (report_verdicts.empty()) return Verdict::kContinue;
    const Verdict verdict = report_verdicts.front();
    report_verdicts.pop_front();
    return verdict;
  }

  absl::Status FinishTrial(const LeaseToken& token,
                           absl::Span<const Measurement> measurements,
                           const Outcome& outcome) override {
    ++finish_calls;
    const std::optional<Failure> failure = Take(finish_failures);
    if (failure.has_value() && !failure->lost_reply) return failure->status;
    Store(token, measurements);
    std::vector<Outcome>& ends = outcomes[token];
    if (ends.empty() || ends.back() != outcome) ends.push_back(outcome);
    held_.reset();
    return failure.has_value() ? failure->status : absl::OkStatus();
  }

  absl::Status ReleaseTrial(const LeaseToken& token) override {
    if (const auto failure = Take(release_failures)) return failure->status;
    released.push_back(token);
    held_.reset();
    return absl::OkStatus();
  }

 private:
  static std::optional<Failure> Take(std::deque<Failure>& failures) {
    if (failures.empty()) return std::nullopt;
    const Failure failure = failures.front();
    failures.pop_front();
    return failure;
  }

  // A step that was reported before keeps its first values.
  void Store(const LeaseToken& token,
             absl::Span<const Measurement> measurements) {
    for (const Measurement& measurement : measurements) {
      std::vector<int64_t>& stored = steps[token];
      const bool known = std::find(stored.begin(), stored.end(),
                                   measurement.step) != stored.end();
      if (!known) stored.push_back(measurement.step);
    }
  }

  std::optional<Assignment> held_;  // by the only worker
};

}  // namespace attune

#endif  // ATTUNE_TESTS_WORKER_FAKE_COORDINATOR_H_
