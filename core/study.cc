#include "core/study.h"

#include "absl/strings/str_cat.h"

namespace attune {

absl::string_view ToString(StudyState state) {
  switch (state) {
    case StudyState::kActive:
      return "active";
    case StudyState::kPaused:
      return "paused";
    case StudyState::kStopped:
      return "stopped";
    case StudyState::kCompleted:
      return "completed";
  }
  return "unknown";
}

absl::string_view ToString(Goal goal) {
  return goal == Goal::kMinimize ? "minimize" : "maximize";
}

absl::string_view ToString(Scale scale) {
  switch (scale) {
    case Scale::kLinear:
      return "linear";
    case Scale::kLog:
      return "log";
    case Scale::kReverseLog:
      return "reverse_log";
  }
  return "unknown";
}

bool HasSearch(const StudySpec& spec) {
  return !spec.space.parameters.empty() ||
         !std::holds_alternative<std::monostate>(spec.task);
}

std::string ArtifactFolder(absl::string_view study, absl::Time create_time) {
  return absl::StrCat(
      study, ".",
      absl::FormatTime("%Y%m%dT%H%M%E6SZ", create_time, absl::UTCTimeZone()));
}

const std::vector<std::string>& FunctionNames() {
  static const auto* const kNames = new std::vector<std::string>{
      "ackley", "branin",     "hartmann6", "rastrigin",
      "ravine", "rosenbrock", "sphere",
  };
  return *kNames;
}

}  // namespace attune
