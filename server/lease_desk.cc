#include "server/lease_desk.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/random.h"

namespace attune {
namespace {

constexpr absl::Duration kLongestWait = absl::Seconds(60);
constexpr StudyId kAnyStudy = {};

// Below 2^63, so that signed integers on the wire can hold it.
uint64_t TrialSeed(uint64_t study_seed, int64_t number) {
  return Rng(study_seed)
             .Split("trial")
             .Split(static_cast<uint64_t>(number))
             .Bits() >>
         1;
}

bool IsAbandoned(const std::function<bool()>& abandoned) {
  return abandoned != nullptr && abandoned();
}

}  // namespace

void LeaseDesk::Ask(Request request, absl::Time now) {
  const LeaseRequest& lease = std::get<LeaseTrials>(request.command).request;
  std::optional<StudyId> study;
  if (!lease.study.empty()) {
    const absl::StatusOr<const BookedStudy*> found = book_->Find(lease.study);
    if (!found.ok()) return Answer(std::move(request.done), found.status());
    study = (*found)->study().id;
  }
  AnswerNone(room_.TakeAllOf(lease.workers));
  Serve(now);  // they came first
  if (IsAbandoned(request.abandoned)) {
    return Answer(std::move(request.done), LeaseReply());
  }
  LeaseReply reply = Grant(lease, study, now);
  if (!reply.assignments.empty() || reply.exhausted ||
      lease.wait <= absl::ZeroDuration()) {
    return Answer(std::move(request.done), std::move(reply));
  }
  room_.Add({.request = lease,
             .study = study.value_or(kAnyStudy),
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
    LeaseReply reply = Grant(
        first.request,
        first.study == kAnyStudy ? std::nullopt : std::optional(first.study),
        now);
    // Else the study had nothing after all, and is not open any more.
    if (!reply.assignments.empty()) {
      Answer(std::move(room_.Take(*ticket).done), std::move(reply));
    }
  }
  DismissHopeless();
}

std::optional<WaitingRoom::Ticket> LeaseDesk::NextToServe() const {
  std::optional<WaitingRoom::Ticket> next;
  for (const StudyId queue : room_.Queues()) {
    if (!IsOpen(queue)) continue;
    const WaitingRoom::Ticket ticket = room_.First(queue);
    if (!next.has_value() || ticket < *next) next = ticket;
  }
  return next;
}

void LeaseDesk::DismissHopeless() {
  for (const StudyId queue : room_.Queues()) {
    const BookedStudy* study = book_->Find(queue);
    const bool is_deleted = queue != kAnyStudy && study == nullptr;
    if (!is_deleted &&
        !IsExhausted(queue == kAnyStudy ? std::nullopt
                                        : std::optional(queue))) {
      continue;
    }
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

LeaseReply LeaseDesk::Grant(const LeaseRequest& request,
                            std::optional<StudyId> study, absl::Time now) {
  LeaseReply reply;
  for (const WorkerId& worker : request.workers) {
    const std::optional<TrialId> trial = LeaseTo(worker, study, now);
    if (trial.has_value()) {
      reply.assignments.push_back(MakeAssignment(*trial));
    }
  }
  reply.exhausted = reply.assignments.empty() && IsExhausted(study);
  return reply;
}

std::optional<TrialId> LeaseDesk::LeaseTo(const WorkerId& worker,
                                          std::optional<StudyId> study,
                                          absl::Time now) {
  if (const auto held = book_->HeldBy(worker, study)) {
    book_->MoveDeadline(*held, now + book_->lease_duration());
    return held;
  }
  while (true) {
    const std::optional<StudyId> open = study.has_value() && IsOpen(*study)
                                            ? study
                                        : study.has_value() ? std::nullopt
                                                            : book_->NextOpen();
    if (!open.has_value()) return std::nullopt;
    if (const auto leased = source_->GiveTo(*open, worker, now)) return leased;
    // Its search has no more points. That may have been all it waited for.
    life_->CompleteIfDone(*open, now);
  }
}

bool LeaseDesk::IsOpen(StudyId queue) const {
  if (queue == kAnyStudy) return book_->NextOpen().has_value();
  const BookedStudy* study = book_->Find(queue);
  return study != nullptr && study->CanHandOut();
}

bool LeaseDesk::IsExhausted(std::optional<StudyId> study) const {
  if (!study.has_value()) return !book_->HasLiveStudies();
  const StudyState state = book_->Find(*study)->study().state;
  return state == StudyState::kCompleted || state == StudyState::kStopped;
}

Assignment LeaseDesk::MakeAssignment(TrialId id) const {
  const BookedStudy* study = book_->Find(id.study);
  const StudySpec& spec = study->study().spec;
  const Trial& trial = *study->FindTrial(id.number);
  const Lease& lease = std::get<Running>(trial.state).lease;
  Assignment assignment = {.worker = lease.worker,
                           .token = {.trial = id, .attempt = lease.attempt},
                           .study = spec.name,
                           .parameters = trial.parameters,
                           .task = spec.task,
                           .seed = TrialSeed(spec.seed, id.number),
                           .study_seed = spec.seed,
                           .lease_duration = book_->lease_duration()};
  for (const ParameterSpec& parameter : spec.space.parameters) {
    assignment.parameter_order.push_back(parameter.name);
  }
  for (const Objective& objective : spec.objectives) {
    assignment.metrics.push_back(objective.metric);
  }
  return assignment;
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
