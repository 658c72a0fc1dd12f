#include "server/attempt_event.h"

#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/overloaded.h"

namespace attune {
namespace {

TrialEvent FinishedEvent(const StudySpec& spec, const TrialProgress& progress,
                         int attempt) {
  const auto failed = [&](absl::string_view cause, std::string message) {
    return AttemptFailed{.attempt = attempt,
                         .max_attempts = spec.max_attempts,
                         .cause = std::string(cause),
                         .message = std::move(message),
                         .permanent = true};
  };
  std::vector<double> objectives;
  for (const Objective& objective : spec.objectives) {
    const double* value = progress.Latest(objective.metric);
    if (value == nullptr) {
      const std::string reported = progress.MetricNames();
      return failed(cause::kMetricMissing,
                    absl::StrCat("the objective's metric '", objective.metric,
                                 "' was never reported; reported were: ",
                                 reported.empty() ? "none" : reported));
    }
    if (std::isnan(*value)) {
      return failed(cause::kNonFiniteObjective,
                    absl::StrCat("the last value of the objective's metric '",
                                 objective.metric, "' is NaN"));
    }
    objectives.push_back(*value);
  }
  return AttemptCompleted{.attempt = attempt,
                          .objectives = std::move(objectives)};
}

}  // namespace

TrialEvent AttemptEvent(const StudySpec& spec, const TrialProgress& progress,
                        const Outcome& outcome, int attempt) {
  return std::visit(Overloaded{[&](const Finished&) {
                                 return FinishedEvent(spec, progress, attempt);
                               },
                               [&](const Stopped&) -> TrialEvent {
                                 return AttemptStopped{.attempt = attempt};
                               },
                               [&](const Diverged& diverged) -> TrialEvent {
                                 return AttemptDiverged{
                                     .attempt = attempt,
                                     .reason = diverged.reason};
                               },
                               [&](const Broken& broken) -> TrialEvent {
                                 return AttemptFailed{
                                     .attempt = attempt,
                                     .max_attempts = spec.max_attempts,
                                     .cause = std::string(cause::kWorkerError),
                                     .message = broken.message,
                                     .permanent = false};
                               }},
                    outcome);
}

}  // namespace attune
