#include "worker/function_runner.h"

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "core/study.h"
#include "worker/test_functions.h"

namespace attune {
namespace {

class FunctionRun : public TrialRun {
 public:
  explicit FunctionRun(double value) : value_(value) {}

  absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token stop) override {
    if (stop.stop_requested()) {
      return absl::CancelledError("the trial was asked to stop");
    }
    if (reported_) return Outcome(Finished{});
    reported_ = true;
    return Measurement{.step = 1, .metrics = {{"value", value_}}};
  }

 private:
  double value_;
  bool reported_ = false;
};

// The names of the parameters of `assignment` in the order of its space.
// Whoever leaves the order out means the order of the names.
std::vector<std::string> OrderedNames(const Assignment& assignment) {
  std::vector<std::string> names;
  for (const std::string& name : assignment.parameter_order) {
    if (assignment.parameters.contains(name)) names.push_back(name);
  }
  if (!assignment.parameter_order.empty()) return names;
  for (const auto& [name, value] : assignment.parameters) {
    names.emplace_back(name);
  }
  return names;
}

absl::StatusOr<std::vector<double>> Coordinates(const Assignment& assignment,
                                                absl::string_view function) {
  std::vector<double> x;
  for (const std::string& name : OrderedNames(assignment)) {
    const ParameterValue value = assignment.parameters.at(name);
    const std::optional<double> number = AsDouble(value);
    if (!number.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the parameter ", name, " is '", ToString(value),
          "', but the function ", function, " takes numbers only"));
    }
    x.push_back(*number);
  }
  return x;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrialRun>> FunctionRunner::Start(
    const Assignment& assignment) {
  const auto* task = std::get_if<FunctionTask>(&assignment.task);
  if (task == nullptr) {
    return absl::InvalidArgumentError(
        "the trial has no function to evaluate, which is all that this runner "
        "does");
  }
  const TestFunction* function = FindTestFunction(task->name);
  if (function == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no function '", task->name, "', only ",
                     absl::StrJoin(FunctionNames(), ", ")));
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<double> x,
                          Coordinates(assignment, function->name));
  ATTUNE_ASSIGN_OR_RETURN(const double value, Evaluate(*function, x));
  return std::make_unique<FunctionRun>(value);
}

}  // namespace attune
