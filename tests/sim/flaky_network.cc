#include "tests/sim/flaky_network.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "core/check.h"

namespace attune {
namespace {

// A call's answer, once there is one.
struct Answer {
  std::optional<absl::StatusOr<Reply>> reply;
  bool caller_gone = false;
};

absl::Status NoAnswer() {
  return absl::DeadlineExceededError("no answer came in time");
}

// The answer as one of type T.
template <typename T>
absl::StatusOr<T> As(absl::StatusOr<Reply> reply) {
  if (!reply.ok()) return std::move(reply).status();
  ATTUNE_CHECK(std::holds_alternative<T>(*reply));
  return std::get<T>(*std::move(reply));
}

}  // namespace

bool FlakyNetwork::Happens(double probability) {
  return probability > 0.0 && rng_.Uniform() < probability;
}

absl::StatusOr<Reply> FlakyNetwork::Call(const Command& command, Link& link) {
  const absl::Time now = clock_->Now();
  if (Happens(faults_->cut)) {
    link.cut_until = now + absl::Seconds(rng_.Uniform(1.0, 40.0));
  }
  if (now < link.cut_until || !host_->is_up()) {
    return absl::UnavailableError("nobody is there");
  }
  if (Happens(faults_->lose_request)) {
    trace_->Add("lost: ", Describe(command));
    return NoAnswer();
  }
  if (Happens(faults_->delay)) {
    Delay(command);
    return NoAnswer();
  }
  auto answer = std::make_shared<Answer>();
  std::vector<Request> batch = TakeDelayed(0.3);
  Request request = {.command = command, .done = [answer](auto reply) {
                       ATTUNE_CHECK(!answer->reply.has_value());
                       answer->reply = std::move(reply);
                     }};
  if (rng_.Below(2) == 0) {  // else it cannot tell
    request.abandoned = [answer] { return answer->caller_gone; };
  }
  const auto place =
      batch.begin() + static_cast<ptrdiff_t>(rng_.Below(batch.size() + 1));
  batch.insert(place, std::move(request));
  host_->Process(std::move(batch));
  if (Happens(faults_->repeat)) Delay(command);
  if (!answer->reply.has_value() || Happens(faults_->lose_reply)) {
    answer->caller_gone = true;
    return NoAnswer();
  }
  return *std::move(answer->reply);
}

void FlakyNetwork::Delay(const Command& command) {
  delayed_.push_back(
      {.due = clock_->Now() + absl::Seconds(rng_.Uniform(0.0, 25.0)),
       .command = command});
}

void FlakyNetwork::Deliver() {
  std::vector<Request> batch = TakeDelayed(0.0);
  if (!batch.empty()) host_->Process(std::move(batch));
}

absl::Time FlakyNetwork::NextDelivery() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Delayed& one : delayed_) next = std::min(next, one.due);
  return next;
}

std::vector<Request> FlakyNetwork::TakeDelayed(double chance) {
  std::vector<Request> taken;
  std::vector<Delayed> rest;
  for (Delayed& one : delayed_) {
    if (one.due > clock_->Now() && !Happens(chance)) {
      rest.push_back(std::move(one));
      continue;
    }
    const auto place =
        taken.begin() + static_cast<ptrdiff_t>(rng_.Below(taken.size() + 1));
    taken.insert(place, {.command = std::move(one.command),
                         .done = [](const absl::StatusOr<Reply>&) {}});
  }
  delayed_ = std::move(rest);
  return taken;
}

absl::StatusOr<LeaseReply> FlakyCoordinator::LeaseTrials(
    const LeaseRequest& request) {
  return As<LeaseReply>(network_->Call(attune::LeaseTrials{request}, link_));
}

absl::StatusOr<std::vector<Verdict>> FlakyCoordinator::RenewLeases(
    absl::Span<const LeaseToken> tokens) {
  return As<std::vector<Verdict>>(network_->Call(
      attune::RenewLeases{{tokens.begin(), tokens.end()}}, link_));
}

absl::StatusOr<Verdict> FlakyCoordinator::ReportMeasurements(
    const LeaseToken& token, absl::Span<const Measurement> measurements) {
  return As<Verdict>(network_->Call(
      attune::ReportMeasurements{token,
                                 {measurements.begin(), measurements.end()}},
      link_));
}

absl::Status FlakyCoordinator::FinishTrial(
    const LeaseToken& token, absl::Span<const Measurement> measurements,
    const Outcome& outcome) {
  return network_
      ->Call(
          attune::FinishTrial{
              token, {measurements.begin(), measurements.end()}, outcome},
          link_)
      .status();
}

absl::Status FlakyCoordinator::ReleaseTrial(const LeaseToken& token) {
  return network_->Call(attune::ReleaseTrial{token}, link_).status();
}

}  // namespace attune
