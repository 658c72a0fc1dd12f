#ifndef ATTUNE_CORE_STUDY_H_
#define ATTUNE_CORE_STUDY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/attributes.h"
#include "core/error.h"
#include "core/ids.h"
#include "core/search_space.h"

namespace attune {

enum class Goal { kMinimize, kMaximize };

struct Objective {
  std::string metric;
  Goal goal = Goal::kMinimize;
  friend bool operator==(const Objective&, const Objective&) = default;
};

// As long as no trial is completed, so many that failed are enough to see that
// the study is wrong; see Budget::max_failed.
inline constexpr int64_t kMostFailedAtFirst = 10;

// Absent: no limit.
struct Budget {
  // Trials ever created. Exact, however many workers there are.
  std::optional<int64_t> max_trials;
  // Trials running at the same time.
  std::optional<int64_t> max_parallel;
  // From the creation of the study. When it is over no trial starts any more
  // and the running ones are asked to stop.
  std::optional<absl::Duration> max_duration;
  // Trials that fail, since the study was created, resumed or changed, until it
  // is paused. Absent: kMostFailedAtFirst, and no limit once a trial is
  // completed.
  std::optional<int64_t> max_failed;
  friend bool operator==(const Budget&, const Budget&) = default;
};

// How points are chosen: one of SearchRules() of core/rule.h, and of its
// settings those that are not left at their defaults.
struct Algorithm {
  std::string name = "random";
  Parameters settings;
  friend bool operator==(const Algorithm&, const Algorithm&) = default;
};

// When a running trial is stopped early: one of StoppingRules().
struct Stopping {
  std::string name = "none";
  Parameters settings;
  // The metric that decides; absent: the study's first objective.
  std::optional<Objective> metric;
  friend bool operator==(const Stopping&, const Stopping&) = default;
};

// What runs a trial. Monostate: programs with a loop of their own, which lease
// trials and report for themselves.
struct NetworkTask {
  // Settings of core/network_settings.h that every trial has; a parameter of
  // the same name overrides it.
  Parameters settings;
  friend bool operator==(const NetworkTask&, const NetworkTask&) = default;
};
struct FunctionTask {
  // One of FunctionNames(); its dimensions are the parameters in their order,
  // its metric is `value`.
  std::string name;
  friend bool operator==(const FunctionTask&, const FunctionTask&) = default;
};
using Task = std::variant<std::monostate, NetworkTask, FunctionTask>;

inline constexpr size_t kMaxObjectives = 16;

struct StudySpec {
  std::string name;  // [a-z][a-z0-9-]{0,62}
  // 1 to kMaxObjectives, of different metrics. With several there is no single
  // best trial, but those that no other one beats; what asks for one number (a
  // ranking, a search, a stopping rule) takes the first.
  std::vector<Objective> objectives;
  // Without parameters, and without a task: whoever creates trials brings their
  // parameters, and nothing is searched.
  SearchSpace space;
  Algorithm algorithm;
  Stopping stopping;
  Budget budget;
  Task task;
  // How often a trial may be started: attempts that were lost or failed, and
  // not those handed back, count. >= 1.
  int max_attempts = 3;
  uint64_t seed = 0;  // <= INT64_MAX, so that every store can hold it
  friend bool operator==(const StudySpec&, const StudySpec&) = default;
};

enum class StudyState {
  kActive,
  kPaused,     // hands out no trials; running ones go on
  kStopped,    // as kPaused, by a person who does not mean to go on
  kCompleted,  // budget or space used up and every trial finished
};

struct Study {
  StudyId id;
  int64_t revision = 0;
  StudySpec spec;
  StudyState state = StudyState::kActive;
  // For a person: why it is completed or stopped, or paused if nobody did that.
  std::string state_reason;
  Attributes attributes;
  // The number of its last change. Those of a study and its trials are counted
  // together; see Trial::change.
  int64_t change = 0;
  absl::Time create_time;
  absl::Time update_time;
  friend bool operator==(const Study&, const Study&) = default;
};

// Whether trials come from a search, and not only from who creates them.
bool HasSearch(const StudySpec& spec);

// Everything that is wrong with `spec`, the search space, the task's settings
// and the parameters' fit to the task included. Fields are named as in the
// study file.
std::vector<Violation> Validate(const StudySpec& spec);

// "active", "paused", ...; "minimize", "maximize"; "linear", "log",
// "reverse_log".
absl::string_view ToString(StudyState state);
absl::string_view ToString(Goal goal);
absl::string_view ToString(Scale scale);

// The name of the folder with what the trials of a study leave in files,
// `mlp.20261124T165603.123456Z`: the study's name and when it was created, in
// UTC. So it is no other study's, also if that has the same name and, in
// another database, the same id.
std::string ArtifactFolder(absl::string_view study, absl::Time create_time);

// Names of the functions that a FunctionTask can name, ascending.
const std::vector<std::string>& FunctionNames();

}  // namespace attune

#endif  // ATTUNE_CORE_STUDY_H_
