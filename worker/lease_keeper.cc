#include "worker/lease_keeper.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "core/check.h"
#include "core/log.h"

namespace attune {
namespace {

// A lease that is said to last no time at all must not keep a core busy.
constexpr absl::Duration kMinInterval = absl::Milliseconds(50);

}  // namespace

LeaseKeeper::LeaseKeeper(CoordinatorApi* coordinator, const Clock* clock,
                         const RetryPolicy& retry, Rng rng)
    : coordinator_(coordinator), clock_(clock), backoff_(retry, rng) {}

void LeaseKeeper::Hold(const LeaseToken& token, absl::Duration lease_duration,
                       std::stop_source stop) {
  const absl::Duration interval = std::max(lease_duration / 3, kMinInterval);
  const MutexLock lock(&mutex_);
  held_.insert_or_assign(token, Held{.interval = interval,
                                     .renew_time = clock_->Now() + interval,
                                     .stop = std::move(stop)});
  changed_ = true;
  woken_.NotifyAll();
}

void LeaseKeeper::Drop(const LeaseToken& token) {
  const MutexLock lock(&mutex_);
  held_.erase(token);
}

Verdict LeaseKeeper::LastVerdict(const LeaseToken& token) const {
  const MutexLock lock(&mutex_);
  const auto held = held_.find(token);
  return held == held_.end() ? Verdict::kContinue : held->second.verdict;
}

absl::Time LeaseKeeper::NextTime() const {
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [token, held] : held_) {
    if (held.verdict == Verdict::kLeaseLost) continue;
    next = std::min(next, held.renew_time);
  }
  return std::max(next, retry_time_);
}

std::vector<LeaseToken> LeaseKeeper::ToRenew() const {
  const MutexLock lock(&mutex_);
  std::vector<LeaseToken> tokens;
  if (NextTime() > clock_->Now()) return tokens;
  for (const auto& [token, held] : held_) {
    if (held.verdict != Verdict::kLeaseLost) tokens.push_back(token);
  }
  return tokens;
}

void LeaseKeeper::Take(const std::vector<LeaseToken>& tokens,
                       const std::vector<Verdict>& verdicts, absl::Time asked) {
  ATTUNE_CHECK(verdicts.size() == tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto found = held_.find(tokens[i]);
    if (found == held_.end()) continue;  // dropped in the meantime
    Held& held = found->second;
    held.renew_time = asked + held.interval;
    if (verdicts[i] == Verdict::kContinue) continue;
    held.verdict = verdicts[i];
    if (verdicts[i] == Verdict::kLeaseLost) held.stop.request_stop();
  }
}

absl::Time LeaseKeeper::Step() {
  const std::vector<LeaseToken> tokens = ToRenew();
  if (!tokens.empty()) {
    const absl::Time asked = clock_->Now();
    const absl::StatusOr<std::vector<Verdict>> verdicts =
        coordinator_->RenewLeases(tokens);
    const MutexLock lock(&mutex_);
    if (verdicts.ok()) {
      backoff_.Reset();
      retry_time_ = absl::InfinitePast();
      Take(tokens, *verdicts, asked);
    } else {
      retry_time_ = clock_->Now() + backoff_.Next();
      if (!IsRetryable(verdicts.status())) {
        Log(LogLevel::kError, "renewal_refused",
            {{"leases", std::to_string(tokens.size())},
             {"error", verdicts.status().ToString()}});
      }
    }
  }
  const MutexLock lock(&mutex_);
  return NextTime();
}

void LeaseKeeper::Run() {
  while (true) {
    const absl::Time next = Step();
    const SteadyTime deadline = SteadyTimeAfter(next - clock_->Now());
    const MutexLock lock(&mutex_);
    while (!changed_ && !closed_ && woken_.WaitUntil(&mutex_, deadline)) {
    }
    changed_ = false;
    if (closed_) return;
  }
}

void LeaseKeeper::Close() {
  const MutexLock lock(&mutex_);
  closed_ = true;
  woken_.NotifyAll();
}

}  // namespace attune
