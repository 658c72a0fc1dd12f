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

void CoordinatorHost::Crash() {
  coordinator_.reset();
  trace_->Add("coordinator crashes");
}

void CoordinatorHost::Start() {
  absl::StatusOr<std::unique_ptr<Coordinator>> opened = Coordinator::Open(
      storage_, {.lease_duration = absl::Seconds(10)}, clock_->Now());
  trace_->Add("coordinator starts: ",
              absl::StatusCodeToString(opened.status().code()));
  if (opened.ok()) coordinator_ = *std::move(opened);
}

void CoordinatorHost::Process(std::vector<Request> batch) {
  for (Request& request : batch) {
    trace_->Add("< ", Describe(request.command));
    request.done = Observed(request.command, std::move(request.done));
    tamper(request.command, coordinator_->book());
  }
  coordinator_->Process(std::move(batch), clock_->Now());
}

void CoordinatorHost::Tick() {
  trace_->Add("tick");
  coordinator_->Tick(clock_->Now());
}

void CoordinatorHost::CheckAll(const std::set<StudyId>& studies) {
  invariants_->Check(studies, is_up() ? &coordinator_->book() : nullptr);
}

Done CoordinatorHost::Observed(const Command& command, Done done) {
  return [this, command,
          done = std::move(done)](absl::StatusOr<Reply> answer) mutable {
    trace_->Add("> ", Describe(command), ": ", Describe(answer));
    invariants_->OnAnswer(command, answer);
    done(std::move(answer));
  };
}

}  // namespace attune
