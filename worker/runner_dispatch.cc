#include "worker/runner_dispatch.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "core/overloaded.h"
#include "core/study.h"

namespace attune {

absl::StatusOr<std::unique_ptr<TrialRun>> RunnerDispatch::Start(
    const Assignment& assignment) {
  using Run = absl::StatusOr<std::unique_ptr<TrialRun>>;
  return std::visit(
      Overloaded{
          [&](const NetworkTask&) -> Run {
            if (network_ == nullptr) {
              return absl::UnimplementedError(
                  "this worker has no training engine");
            }
            return network_->Start(assignment);
          },
          [&](const FunctionTask&) -> Run {
            return function_->Start(assignment);
          },
          [&](const std::monostate&) -> Run {
            return absl::InvalidArgumentError(absl::StrCat(
                "the study ", assignment.study,
                " has neither `train` nor `function`: programs of their own "
                "run its trials, not an attune-worker"));
          }},
      assignment.task);
}

void RunnerDispatch::Discard(const Assignment& assignment) {
  const bool is_network = std::holds_alternative<NetworkTask>(assignment.task);
  if (is_network && network_ != nullptr) network_->Discard(assignment);
}

}  // namespace attune
