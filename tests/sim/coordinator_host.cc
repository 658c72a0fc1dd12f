#include "tests/sim/coordinator_host.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/overloaded.h"
#include "core/study.h"

namespace attune {
namespace {

std::string Describe(const LeaseToken& token) {
  return absl::StrCat(token.trial.study.value, "/", token.trial.number, "@",
                      token.attempt);
}

std::string Describe(const std::vector<Measurement>& measurements) {
  std::string text;
  for (const Measurement& measurement : measurements) {
    absl::StrAppend(&text, " step ", measurement.step);
    for (const auto& [name, value] : measurement.metrics) {
      absl::StrAppend(&text, " ", name, "=", ToString(ParameterValue(value)));
    }
  }
  return text;
}

std::string DescribeTrial(absl::string_view wish, absl::string_view study,
                          int64_t number) {
  return absl::StrCat(wish, " ", study, "/", number);
}

}  // namespace

std::string Describe(const Command& command) {
  return std::visit(
      Overloaded{
          [](const CreateStudy& create) {
            return absl::StrCat("create ", create.spec.name);
          },
          [](const UpdateStudy& update) {
            return absl::StrCat("update ", update.study);
          },
          [](const CreateTrials& create) {
            return absl::StrCat("create ", create.trials.size(), " trials of ",
                                create.study);
          },
          [](const SuggestTrials& suggest) {
            return absl::StrCat("suggest ", suggest.count, " of ",
                                suggest.study);
          },
          [](const UpdateTrial& update) {
            return DescribeTrial("update", update.study, update.number);
          },
          [](const CancelTrial& cancel) {
            return DescribeTrial("cancel", cancel.study, cancel.number);
          },
          [](const StopTrial& stop) {
            return DescribeTrial("stop", stop.study, stop.number);
          },
          [](const RetryTrial& retry) {
            return DescribeTrial("retry", retry.study, retry.number);
          },
          [](const DescribeCoordinator&) -> std::string { return "describe"; },
          [](const DeleteStudy& remove) {
            return absl::StrCat("delete ", remove.study);
          },
          [](const PauseStudy& pause) {
            return absl::StrCat("pause ", pause.study);
          },
          [](const ResumeStudy& resume) {
            return absl::StrCat("resume ", resume.study);
          },
          [](const StopStudy& stop) {
            return absl::StrCat("stop ", stop.study);
          },
          [](const LeaseTrials& lease) {
            return absl::StrCat("lease ", lease.request.workers[0].value, " ",
                                lease.request.study);
          },
          [](const RenewLeases& renew) {
            std::string text = "renew";
            for (const LeaseToken& token : renew.tokens) {
              absl::StrAppend(&text, " ", Describe(token));
            }
            return text;
          },
          [](const ReportMeasurements& report) {
            return absl::StrCat("report ", Describe(report.token),
                                Describe(report.measurements));
          },
          [](const FinishTrial& finish) {
            return absl::StrCat("finish ", Describe(finish.token), " as ",
                                finish.outcome.index(),
                                Describe(finish.measurements));
          },
          [](const ReleaseTrial& release) {
            return absl::StrCat("release ", Describe(release.token));
          }},
      command);
}

std::string Describe(const absl::StatusOr<Reply>& answer) {
  if (!answer.ok()) {
    return absl::StrCat(absl::StatusCodeToString(answer.status().code()), " ",
                        Reason(answer.status()));
  }
  return std::visit(
      Overloaded{[](const std::monostate&) -> std::string { return "ok"; },
                 [](const Study& study) {
                   return absl::StrCat("study ", study.id.value, " ",
                                       ToString(study.state));
                 },
                 [](const TrialsReply& reply) {
                   std::string text = absl::StrCat("trials of ", reply.study);
                   for (const Trial& trial : reply.trials) {
                     absl::StrAppend(&text, " ", trial.id.number, ":",
                                     StateName(trial.state));
                   }
                   return text;
                 },
                 [](const LeaseReply& lease) {
                   std::string text = lease.exhausted ? "exhausted" : "trials";
                   for (const Assignment& assignment : lease.assignments) {
                     absl::StrAppend(&text, " ", Describe(assignment.token),
                                     " {", ToString(assignment.parameters),
                                     "}");
                   }
                   return text;
                 },
                 [](const CoordinatorStatus& status) {
                   return absl::StrCat("status ", status.running_trials);
                 },
                 [](const Verdict& verdict) {
                   return absl::StrCat("verdict ", static_cast<int>(verdict));
                 },
                 [](const std::vector<Verdict>& verdicts) {
                   std::string text = "verdicts";
                   for (const Verdict verdict : verdicts) {
                     absl::StrAppend(&text, " ", static_cast<int>(verdict));
                   }
                   return text;
                 }},
      *answer);
}

void CoordinatorHost::Crash(bool cut_power) {
  trace_->Add(cut_power ? "the power fails" : "coordinator crashes");
  coordinator_.reset();
  storage_->Kill(cut_power);
}

void CoordinatorHost::BuryIfDead() {
  if (!storage_->is_dead()) return;
  coordinator_.reset();
  storage_->Bury();
}

void CoordinatorHost::Start() {
  const absl::Time now = clock_->Now();
  // Whoever forgets the extension takes the leases for as old as they are.
  const absl::Duration forgotten = bug_ == PlantedBug::kLeasesNotExtended
                                       ? kLeaseDuration
                                       : absl::ZeroDuration();
  absl::Status status = storage_->OpenStore();
  if (status.ok()) {
    absl::StatusOr<std::unique_ptr<Coordinator>> opened = Coordinator::Open(
        storage_, {.lease_duration = kLeaseDuration}, now - forgotten);
    status = opened.status();
    if (opened.ok()) coordinator_ = *std::move(opened);
  }
  trace_->Add("coordinator starts: ", absl::StatusCodeToString(status.code()));
  if (!is_up() || storage_->is_dead()) return Crash(/*cut_power=*/false);
  invariants_->OnStart(coordinator_->book(), now + kLeaseDuration);
  CheckAll(invariants_->known_studies());
}

void CoordinatorHost::Process(std::vector<Request> batch) {
  for (Request& request : batch) {
    trace_->Add("< ", Describe(request.command));
    invariants_->OnArrival(request.command);
    request.done = Observed(request.command, std::move(request.done));
    Tamper(request.command);
  }
  process_time_ = clock_->Now();
  coordinator_->Process(std::move(batch), process_time_);
  BuryIfDead();
}

void CoordinatorHost::Tick() {
  trace_->Add("tick");
  process_time_ = clock_->Now();
  coordinator_->Tick(process_time_);
  BuryIfDead();
}

void CoordinatorHost::Check() {
  if (is_up()) CheckAll(storage_->TakeTouched());
}

void CoordinatorHost::CheckAll(const std::set<StudyId>& studies) {
  invariants_->Check(studies, coordinator_->book());
  if (const auto wrong = storage_->Compare(studies)) {
    invariants_->Fail(*wrong);
  }
}

Done CoordinatorHost::Observed(const Command& command, Done done) {
  return [this, command,
          done = std::move(done)](absl::StatusOr<Reply> answer) mutable {
    if (storage_->is_dead()) return;  // the dead say nothing
    trace_->Add("> ", Describe(command), ": ", Describe(answer));
    invariants_->OnAnswer(command, answer, coordinator_->book(),
                          process_time_ + kLeaseDuration);
    done(std::move(answer));
  };
}

// ---- planted bugs -----------------------------------------------------------

void CoordinatorHost::Tamper(Command& command) {
  if (auto* create = std::get_if<CreateStudy>(&command)) {
    auto& most = create->spec.budget.max_trials;
    if (bug_ == PlantedBug::kBudgetCheckedAfter && most.has_value()) ++*most;
  }
  if (auto* report = std::get_if<ReportMeasurements>(&command)) {
    if (bug_ == PlantedBug::kNoFencing) IgnoreAttempt(report->token);
    if (bug_ == PlantedBug::kStepStoredTwice) StoreAgain(*report);
  }
  if (auto* finish = std::get_if<FinishTrial>(&command)) {
    if (bug_ == PlantedBug::kNoFencing) IgnoreAttempt(finish->token);
  }
}

// Makes a stale token the current one.
void CoordinatorHost::IgnoreAttempt(LeaseToken& token) const {
  const BookedStudy* study = coordinator_->book().Find(token.trial.study);
  const Trial* trial =
      study == nullptr ? nullptr : study->FindTrial(token.trial.number);
  if (trial != nullptr) token.attempt = LastAttempt(trial->state);
}

void CoordinatorHost::StoreAgain(const ReportMeasurements& report) {
  const TrialId id = report.token.trial;
  const BookedStudy* study = coordinator_->book().Find(id.study);
  if (study == nullptr || study->FindTrial(id.number) == nullptr) return;
  for (const Measurement& measurement : report.measurements) {
    if (study->progress(id.number).HasStep(measurement.step)) {
      storage_->StoreAgain(id, measurement);
    }
  }
}

}  // namespace attune
