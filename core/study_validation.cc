// Validate(StudySpec) of core/study.h.
#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/network_metrics.h"
#include "core/network_settings.h"
#include "core/overloaded.h"
#include "core/rule.h"
#include "core/study.h"

namespace attune {
namespace {

constexpr int kMostAttempts = 1000;

void Add(std::string field, std::string description,
         std::vector<Violation>& violations) {
  violations.push_back(
      {.field = std::move(field), .description = std::move(description)});
}

// `found ..., expected ...; did you mean ...?` for one word out of several.
std::string UnknownWord(absl::string_view word,
                        const std::vector<std::string>& names) {
  const std::string nearest = NearestName(word, names);
  return absl::StrCat(
      "found `", word, "`, expected one of ", absl::StrJoin(names, ", "),
      nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"));
}

bool IsStudyName(absl::string_view name) {
  constexpr size_t kLongest = 63;
  return !name.empty() && name.size() <= kLongest &&
         absl::ascii_islower(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const auto letter = static_cast<unsigned char>(c);
           return absl::ascii_islower(letter) || absl::ascii_isdigit(letter) ||
                  c == '-';
         });
}

void CheckMetricName(const std::string& field, const std::string& metric,
                     std::vector<Violation>& violations) {
  if (IsName(metric)) return;
  Add(field,
      absl::StrCat("found `", metric,
                   "`, expected a letter or `_` and then up to 62 letters, "
                   "digits, `_`, `.` or `-`"),
      violations);
}

// The study file calls a single one `objective`.
std::string MetricField(const StudySpec& spec, size_t i) {
  return spec.objectives.size() == 1
             ? "objective.metric"
             : absl::StrCat("objectives[", i, "].metric");
}

void CheckObjectives(const StudySpec& spec,
                     std::vector<Violation>& violations) {
  if (spec.objectives.empty() || spec.objectives.size() > kMaxObjectives) {
    Add(spec.objectives.empty() ? "objective" : "objectives",
        absl::StrCat("found ", spec.objectives.size(),
                     " objectives, expected 1 to ", kMaxObjectives),
        violations);
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < spec.objectives.size(); ++i) {
    const Objective& objective = spec.objectives[i];
    CheckMetricName(MetricField(spec, i), objective.metric, violations);
    if (!seen.insert(objective.metric).second) {
      Add(MetricField(spec, i),
          absl::StrCat("found `", objective.metric,
                       "` twice, expected each metric once"),
          violations);
    }
  }
}

// A study without a search: everything about one must be absent.
void CheckNoSearch(const StudySpec& spec, std::vector<Violation>& violations) {
  if (!spec.space.forbidden.empty()) {
    Add("forbidden", "found combinations of parameters, and no parameters",
        violations);
  }
  if (spec.algorithm != Algorithm()) {
    Add("algorithm",
        absl::StrCat("found `", spec.algorithm.name,
                     "`, expected none: there are no parameters to search"),
        violations);
  }
}

void CheckCount(const std::string& field, const std::optional<int64_t>& count,
                std::vector<Violation>& violations) {
  if (!count.has_value() || *count >= 1) return;
  Add(field,
      absl::StrCat("found ", *count, ", expected an integer of at least 1"),
      violations);
}

void CheckBudget(const StudySpec& spec, std::vector<Violation>& violations) {
  CheckCount("budget.max_trials", spec.budget.max_trials, violations);
  CheckCount("budget.max_parallel", spec.budget.max_parallel, violations);
  CheckCount("budget.max_failed", spec.budget.max_failed, violations);
  // 10,000 years, as much as can travel and be stored.
  constexpr absl::Duration kLongest = absl::Hours(87'660'000);
  const std::optional<absl::Duration>& duration = spec.budget.max_duration;
  if (duration.has_value() && (*duration <= absl::ZeroDuration() ||
                               *duration == absl::InfiniteDuration())) {
    Add("budget.max_duration",
        absl::StrCat("found ", absl::FormatDuration(*duration),
                     ", expected a finite duration above 0, e.g. 10m"),
        violations);
  } else if (duration.value_or(absl::ZeroDuration()) > kLongest) {
    Add("budget.max_duration",
        absl::StrCat("found ", absl::FormatDuration(*duration),
                     ", expected at most ", absl::FormatDuration(kLongest)),
        violations);
  }
  if (spec.max_attempts < 1 || spec.max_attempts > kMostAttempts) {
    Add("max_attempts",
        absl::StrCat("found ", spec.max_attempts,
                     ", expected an integer from 1 to ", kMostAttempts),
        violations);
  }
  constexpr auto kLargestSeed =
      static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (spec.seed > kLargestSeed) {
    Add("seed",
        absl::StrCat("found ", spec.seed, ", expected an integer from 0 to ",
                     kLargestSeed),
        violations);
  }
}

std::string StoppingMetricField(const StudySpec& spec) {
  return absl::StrCat("stopping.", spec.stopping.name, ".metric");
}

void CheckStopping(const StudySpec& spec, std::vector<Violation>& violations) {
  const std::vector<Violation> found = ValidateRule(
      StoppingRules(), spec.stopping.name, spec.stopping.settings, "stopping");
  violations.insert(violations.end(), found.begin(), found.end());
  const Rule* const rule = FindRule(StoppingRules(), spec.stopping.name);
  if (rule == nullptr || !spec.stopping.metric.has_value()) return;
  const std::string field = StoppingMetricField(spec);
  if (rule->takes_metric) {
    CheckMetricName(field, spec.stopping.metric->metric, violations);
  } else {
    Add(field,
        absl::StrCat("found a metric, but `", rule->name, "` goes by none"),
        violations);
  }
}

void CheckAlgorithm(const StudySpec& spec, std::vector<Violation>& violations) {
  const std::vector<Violation> found = ValidateRule(
      SearchRules(), spec.algorithm.name, spec.algorithm.settings, "algorithm");
  violations.insert(violations.end(), found.begin(), found.end());
}

// The metrics that a task reports are known: no other can be an objective or
// decide about stopping.
void CheckMetricsAreReported(const StudySpec& spec,
                             const std::vector<std::string>& reported,
                             std::vector<Violation>& violations) {
  const auto is_reported = [&reported](const std::string& metric) {
    return std::find(reported.begin(), reported.end(), metric) !=
           reported.end();
  };
  for (size_t i = 0; i < spec.objectives.size(); ++i) {
    const std::string& metric = spec.objectives[i].metric;
    if (IsName(metric) && !is_reported(metric)) {
      Add(MetricField(spec, i), UnknownWord(metric, reported), violations);
    }
  }
  const std::optional<Objective>& decides = spec.stopping.metric;
  if (decides.has_value() && IsName(decides->metric) &&
      !is_reported(decides->metric)) {
    Add(StoppingMetricField(spec), UnknownWord(decides->metric, reported),
        violations);
  }
}

// The fewest dimensions of each function.
size_t FewestDimensions(absl::string_view function) {
  if (function == "branin" || function == "rosenbrock" ||
      function == "ravine") {
    return 2;
  }
  return function == "hartmann6" ? 6 : 1;
}

void CheckFunctionTask(const StudySpec& spec, const FunctionTask& task,
                       std::vector<Violation>& violations) {
  const std::vector<std::string>& names = FunctionNames();
  if (std::find(names.begin(), names.end(), task.name) == names.end()) {
    Add("function.name", UnknownWord(task.name, names), violations);
  } else if (spec.space.parameters.size() < FewestDimensions(task.name)) {
    Add("parameters",
        absl::StrCat("found ", spec.space.parameters.size(),
                     " parameters, expected at least ",
                     FewestDimensions(task.name), ": `", task.name,
                     "` takes each as one dimension, in their order"),
        violations);
  }
  for (const ParameterSpec& parameter : spec.space.parameters) {
    const std::string field = absl::StrCat("parameters.", parameter.name);
    if (std::holds_alternative<Choice>(parameter.domain)) {
      Add(field,
          "found a choice, expected a range or ordered numbers (`values`): a "
          "function computes with numbers",
          violations);
    }
    if (parameter.when.has_value()) {
      Add(absl::StrCat(field, ".when"),
          "found a condition, expected none: a function needs each of its "
          "dimensions in every trial",
          violations);
    }
  }
  CheckMetricsAreReported(spec, {"value"}, violations);
}

void CheckNetworkTask(const StudySpec& spec, const NetworkTask& task,
                      std::vector<Violation>& violations) {
  const Parameters settings =
      WithTaskByObjectives(task.settings, spec.objectives);
  const std::vector<Violation> in_task =
      ValidateNetworkTask(settings, spec.space);
  violations.insert(violations.end(), in_task.begin(), in_task.end());
  CheckMetricsAreReported(spec, NetworkMetrics(settings), violations);
}

}  // namespace

std::vector<Violation> Validate(const StudySpec& spec) {
  std::vector<Violation> violations;
  if (!IsStudyName(spec.name)) {
    Add("name",
        absl::StrCat("found `", spec.name,
                     "`, expected a lower-case letter and then up to 62 "
                     "lower-case letters, digits or `-`"),
        violations);
  }
  CheckObjectives(spec, violations);
  CheckStopping(spec, violations);
  CheckBudget(spec, violations);
  if (HasSearch(spec)) {
    CheckAlgorithm(spec, violations);
    const std::vector<Violation> in_space = Validate(spec.space);
    violations.insert(violations.end(), in_space.begin(), in_space.end());
  } else {
    CheckNoSearch(spec, violations);
  }
  std::visit(Overloaded{[](const std::monostate&) {},
                        [&](const NetworkTask& task) {
                          CheckNetworkTask(spec, task, violations);
                        },
                        [&](const FunctionTask& task) {
                          CheckFunctionTask(spec, task, violations);
                        }},
             spec.task);
  return violations;
}

}  // namespace attune
