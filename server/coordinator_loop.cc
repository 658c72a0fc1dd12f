#include "server/coordinator_loop.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/error.h"
#include "server/outbox.h"

namespace attune {
namespace {

// So that a clock that jumped is noticed even if nothing comes in.
constexpr absl::Duration kLongestSleep = absl::Seconds(5);

// What can wait until what is begun is done.
bool IsNewWork(const Command& command) {
  return std::holds_alternative<CreateStudy>(command) ||
         std::holds_alternative<CreateTrials>(command) ||
         std::holds_alternative<SuggestTrials>(command) ||
         std::holds_alternative<RetryTrial>(command) ||
         std::holds_alternative<LeaseTrials>(command);
}

}  // namespace

CoordinatorLoop::CoordinatorLoop(std::unique_ptr<Coordinator> coordinator,
                                 const Clock* clock)
    : coordinator_(std::move(coordinator)),
      clock_(clock),
      thread_([this] { Run(); }) {}

CoordinatorLoop::~CoordinatorLoop() { Close(); }

absl::Status CoordinatorLoop::Admit(const Command& command) const {
  if (closing_) {
    return Error(absl::StatusCode::kUnavailable, reason::kShuttingDown,
                 "the coordinator is shutting down");
  }
  if (inbox_.size() < kMaxQueued || !IsNewWork(command)) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kResourceExhausted, reason::kOverloaded,
               absl::StrCat("the coordinator has ", kMaxQueued,
                            " calls to work off, which is the limit; try "
                            "again in a moment"));
}

void CoordinatorLoop::Post(Request request) {
  std::vector<Request> requests;
  requests.push_back(std::move(request));
  Post(std::move(requests));
}

void CoordinatorLoop::Post(std::vector<Request> requests) {
  std::vector<std::pair<Done, absl::Status>> refused;
  bool is_news = false;
  {
    MutexLock lock(&mutex_);
    // With some in the inbox the thread knows already.
    is_news = inbox_.empty();
    if (is_news) inbox_.reserve(requests.size());
    for (Request& request : requests) {
      absl::Status status = Admit(request.command);
      if (status.ok()) {
        inbox_.push_back(std::move(request));
      } else {
        refused.emplace_back(std::move(request.done), std::move(status));
      }
    }
    is_news = is_news && !inbox_.empty();
  }
  // Not under the lock, which the thread would only wait for.
  if (is_news) news_.NotifyOne();
  for (auto& [done, status] : refused) done(std::move(status));
}

int64_t CoordinatorLoop::queued() const {
  MutexLock lock(&mutex_);
  return static_cast<int64_t>(inbox_.size());
}

void CoordinatorLoop::Close() {
  std::thread thread;
  {
    MutexLock lock(&mutex_);
    closing_ = true;
    news_.NotifyOne();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void CoordinatorLoop::Run() {
  std::vector<Request> batch;
  while (AwaitWork(batch)) {
    if (!batch.empty()) {
      coordinator_->Process(std::exchange(batch, {}), clock_->Now());
    }
    const absl::Time now = clock_->Now();
    if (now >= coordinator_->NextTick()) coordinator_->Tick(now);
  }
  coordinator_->AnswerWaiting();
}

bool CoordinatorLoop::AwaitWork(std::vector<Request>& batch) {
  const absl::Duration sleep =
      std::min(coordinator_->NextTick() - clock_->Now(), kLongestSleep);
  const SteadyTime deadline = SteadyTimeAfter(sleep);
  MutexLock lock(&mutex_);
  while (inbox_.empty() && !closing_ && news_.WaitUntil(&mutex_, deadline)) {
  }
  TakeBatch(batch);
  return !batch.empty() || !closing_;
}

void CoordinatorLoop::TakeBatch(std::vector<Request>& batch) {
  if (inbox_.size() <= kMaxBatch) {
    batch.swap(inbox_);
    return;
  }
  const auto end = inbox_.begin() + static_cast<ptrdiff_t>(kMaxBatch);
  batch.assign(std::make_move_iterator(inbox_.begin()),
               std::make_move_iterator(end));
  inbox_.erase(inbox_.begin(), end);
}

}  // namespace attune
