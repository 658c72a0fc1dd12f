#include "server/lease_desk.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/trial_machine.h"
#include "server/assignment.h"

namespace attune {
namespace {

constexpr absl::Duration kLongestWait = absl::Seconds(60);
// Queues of requests that name no study.
constexpr StudyId kAnyStudy = {.value = 0};
constexpr StudyId kAnyStudyWithTask = {.value = -1};

bool NamesStudy(StudyId queue) { return queue.value > 0; }

bool IsAbandoned(const std::function<bool()>& abandoned) {
  return abandoned != nullptr && abandoned();
}

}  // namespace

void LeaseDesk::Ask(Request request, absl::Time now) {
  const LeaseRequest& lease = std::get<LeaseTrials>(request.command).request;
  StudyId queue = lease.with_task ? kAnyStudyWithTask : kAnyStudy;
  if (!lease.study.empty()) {
    const absl::StatusOr<const BookedStudy*> found = book_->Find(lease.study);
    if (!found.ok()) return Answer(std::move(request.done), found.status());
    queue = (*found)->study().id;
  }
  AnswerNone(room_.TakeAllOf(lease.workers));
  Serve(now);  // they came first
  if (IsAbandoned(request.abandoned)) {
    return Answer(std::move(request.done), LeaseReply());
  }
  LeaseReply reply = Grant(lease, queue, now);
  if (!reply.assignments.empty() || reply.exhausted ||
      lease.wait <= absl::ZeroDuration() || MustWait(lease, queue, now)) {
    return Answer(std::move(request.done), std::move(reply));
  }
  if (room_.waiting().size() >= max_waiting_) {
    return Answer(std::move(request.done),
                  LimitReached("calls of LeaseTrials that wait", max_waiting_));
  }
  room_.Add({.request = lease,
             .queue = queue,
             .since = now,
             .deadline = now + std::min(lease.wait, kLongestWait),
             .done = std::move(request.done),
             .abandoned = std::move(request.abandoned)});
}

void LeaseDesk::Serve(absl::Time now) {
  while (const std::optional<WaitingRoom::Ticket> ticket = NextToServe()) {
    const WaitingLease& first = room_.Get(*ticket);
    if (IsAbandoned(first.abandoned)) {
      Answer(std::move(room_.Take(*ticket).done), LeaseReply());
      continue;
    }
    LeaseReply reply = Grant(first.request, first.queue, now);
    // Else the study had nothing after all, and is not open any more.
    if (!reply.assignments.empty() ||
        MustWait(first.request, first.queue, now)) {
      Answer(std::move(room_.Take(*ticket).done), std::move(reply));
    }
  }
  DismissHopeless();
}

std::optional<WaitingRoom::Ticket> LeaseDesk::NextToServe() const {
  std::optional<WaitingRoom::Ticket> next;
  for (const StudyId queue : room_.Queues()) {
    if (!NextOpen(queue).has_value()) continue;
    const WaitingRoom::Ticket ticket = room_.First(queue);
    if (!next.has_value() || ticket < *next) next = ticket;
  }
  return next;
}

void LeaseDesk::DismissHopeless() {
  for (const StudyId queue : room_.Queues()) {
    const BookedStudy* study = book_->Find(queue);
    const bool is_deleted = NamesStudy(queue) && study == nullptr;
    if (!is_deleted && !IsExhausted(queue)) continue;
    for (WaitingLease& waiting : room_.TakeQueue(queue)) {
      if (is_deleted) {
        const std::string& name = waiting.request.study;
        Answer(std::move(waiting.done),
               Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
                     absl::StrCat("study '", name, "' was deleted"),
                     StudyResource(name)));
      } else {
        Answer(std::move(waiting.done), LeaseReply{.exhausted = true});
      }
    }
  }
}

void LeaseDesk::EndWaits(absl::Time now) { AnswerNone(room_.TakeOverdue(now)); }

void LeaseDesk::EndAllWaits() { AnswerNone(room_.TakeAll()); }

LeaseReply LeaseDesk::Grant(const LeaseRequest& request, StudyId queue,
                            absl::Time now) {
  LeaseReply reply;
  for (const WorkerId& worker : request.workers) {
    const std::optional<TrialId> trial = LeaseTo(worker, queue, now);
    if (trial.has_value()) {
      reply.assignments.push_back(MakeAssignment(
          *book_->Find(trial->study), trial->number, book_->lease_duration()));
    }
  }
  reply.exhausted = reply.assignments.empty() && IsExhausted(queue);
  return reply;
}

bool LeaseDesk::MustWait(const LeaseRequest& request, StudyId queue,
                         absl::Time now) const {
  return NextOpen(queue).has_value() &&
         std::none_of(request.workers.begin(), request.workers.end(),
                      [&](const WorkerId& worker) {
                        return NextFor(worker, queue, now).has_value();
                      });
}

std::optional<StudyId> LeaseDesk::NextFor(const WorkerId& worker, StudyId queue,
                                          absl::Time now) const {
  const auto must_wait = [&](StudyId study) {
    return failing_->MustWait(worker, study, now);
  };
  if (!NamesStudy(queue)) {
    return book_->NextOpen(queue == kAnyStudyWithTask, must_wait);
  }
  const std::optional<StudyId> open = NextOpen(queue);
  return open.has_value() && must_wait(*open) ? std::nullopt : open;
}

std::optional<TrialId> LeaseDesk::HeldBy(const WorkerId& worker,
                                         StudyId queue) const {
  return book_->HeldBy(worker,
                       NamesStudy(queue) ? std::optional(queue) : std::nullopt);
}

std::optional<TrialId> LeaseDesk::LeaseTo(const WorkerId& worker, StudyId queue,
                                          absl::Time now) {
  if (const auto held = HeldBy(worker, queue)) {
    book_->MoveDeadline(*held, now + book_->lease_duration());
    return held;
  }
  const LeaseGranted grant = {.worker = worker,
                              .deadline = now + book_->lease_duration()};
  while (true) {
    const std::optional<StudyId> open = NextFor(worker, queue, now);
    if (!open.has_value()) return std::nullopt;
    const bool fresh = failing_->LeavesToOthers(worker, *open);
    if (const auto leased = source_->GiveTo(*open, grant, now, fresh)) {
      return leased;
    }
    // Its search has no more points. That may have been all it waited for.
    life_->CompleteIfDone(*open, now);
  }
}

std::optional<StudyId> LeaseDesk::NextOpen(StudyId queue) const {
  if (!NamesStudy(queue)) return book_->NextOpen(queue == kAnyStudyWithTask);
  const BookedStudy* study = book_->Find(queue);
  if (study == nullptr || !study->CanHandOut()) return std::nullopt;
  return queue;
}

bool LeaseDesk::IsExhausted(StudyId queue) const {
  if (!NamesStudy(queue)) {
    return !book_->HasLiveStudies(queue == kAnyStudyWithTask);
  }
  const StudyState state = book_->Find(queue)->study().state;
  return state == StudyState::kCompleted || state == StudyState::kStopped;
}

void LeaseDesk::Answer(Done done, absl::StatusOr<Reply> reply) {
  outbox_->Put(std::move(done), std::move(reply), book_->HasChanges());
}

void LeaseDesk::AnswerNone(std::vector<WaitingLease> waiting) {
  for (WaitingLease& one : waiting) {
    outbox_->Put(std::move(one.done), LeaseReply(), false);
  }
}

}  // namespace attune
