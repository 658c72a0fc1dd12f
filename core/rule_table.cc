// What search algorithms and stopping rules there are, and what each can be
// told. docs/search.md says what they do.

#include <vector>

#include "core/rule.h"

namespace attune {
namespace {

using setting::Int;

constexpr int64_t kMostCounted = 1'000'000'000;

std::vector<Rule> MakeSearchRules() {
  return {
      {.name = "random",
       .help = "Each parameter drawn by itself, uniformly on its scale."},
      {.name = "grid", .help = "Every point of the grid once, in order."},
  };
}

std::vector<Rule> MakeStoppingRules() {
  return {
      {.name = "none", .help = "Every trial runs to its end."},
      {.name = "median",
       .help = "Stops a trial whose best value so far is worse than the median "
               "of what the others had reached on average.",
       .settings = {Int("min_trials", 5, 1, kMostCounted,
                        "Completed trials before any is stopped."),
                    Int("warmup_steps", 0, 0, kMostCounted,
                        "Steps before a trial can be stopped.")},
       .takes_metric = true},
  };
}

}  // namespace

absl::Span<const Rule> SearchRules() {
  static const auto& rules = *new std::vector<Rule>(MakeSearchRules());
  return rules;
}

absl::Span<const Rule> StoppingRules() {
  static const auto& rules = *new std::vector<Rule>(MakeStoppingRules());
  return rules;
}

}  // namespace attune
