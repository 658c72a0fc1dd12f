// What search algorithms and stopping rules there are, and what each can be
// told. docs/search.md says what they do.

#include <vector>

#include "core/rule.h"

namespace attune {
namespace {

using setting::Bool;
using setting::Int;

constexpr int64_t kMostCounted = 1'000'000'000;

std::vector<Rule> MakeSearchRules() {
  return {
      {.name = "random",
       .help = "Each parameter drawn by itself, uniformly on its scale."},
      {.name = "grid", .help = "Every point of the grid once, in order."},
      {.name = "sobol",
       .help =
           "A scrambled Sobol sequence: spread more evenly than by chance."},
      {.name = "halton",
       .help = "A scrambled Halton sequence: likewise, by prime numbers."},
      {.name = "latin_hypercube",
       .help = "Blocks of points with one in every slice of each parameter.",
       .settings = {Int("size", 0, 0, kMostCounted,
                        "Points of a block; 0: the study's max_trials, or "
                        "100 if it has none.")}},
      {.name = "tpe",
       .help = "A tree-structured Parzen estimator: more points where the good "
               "ones were, fewer where the others were.",
       .settings = {Int("startup_trials", 10, 1, kMostCounted,
                        "Known trials before it is used; the first ones are "
                        "those of sobol."),
                    Int("candidates", 24, 1, 10'000,
                        "Points drawn, of which the most promising is tried."),
                    Bool("multivariate", true,
                         "Whether parameters are chosen together, or each by "
                         "itself.")}},
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
