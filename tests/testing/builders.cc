#include "tests/testing/builders.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/overloaded.h"

namespace attune {
namespace {

using Values = std::vector<ParameterValue>;

// Attempt::end of the last attempt of a trial in `state`.
std::string OutcomeOf(const TrialState& state) {
  return std::visit(
      Overloaded{[](const Waiting& waiting) -> std::string {
                   return waiting.lost == 0 ? "RELEASED"
                                            : std::string(cause::kLeaseExpired);
                 },
                 [](const Running&) { return std::string(); },
                 [](const Completed&) { return std::string("COMPLETED"); },
                 [](const Pruned&) { return std::string("PRUNED"); },
                 [](const Infeasible&) { return std::string("INFEASIBLE"); },
                 [](const Failed& failed) { return failed.cause; },
                 [](const Cancelled&) { return std::string("CANCELLED"); }},
      state);
}

DoubleRange Doubles(double min, double max, Scale scale) {
  return {.min = min, .max = max, .scale = scale};
}

IntRange Ints(int64_t min, int64_t max, Scale scale, int64_t step = 1) {
  return {.min = min, .max = max, .scale = scale, .step = step};
}

DoubleRange Stepped(double min, double max, Scale scale, double step) {
  return {.min = min, .max = max, .scale = scale, .step = step};
}

}  // namespace

absl::Time TestTime() { return absl::FromUnixSeconds(1'700'000'000); }

StudySpec MakeStudySpec(absl::string_view name) {
  StudySpec spec;
  spec.name = std::string(name);
  spec.objectives = {{.metric = "loss", .goal = Goal::kMinimize}};
  spec.space.parameters = {
      {.name = "x", .domain = DoubleRange{}, .when = std::nullopt}};
  spec.budget.max_trials = 10;
  spec.seed = 1;
  return spec;
}

Study MakeStudy(StudySpec spec, int64_t id) {
  return {.id = {.value = id},
          .revision = 1,
          .spec = std::move(spec),
          .state = StudyState::kActive,
          .state_reason = "",
          .create_time = TestTime(),
          .update_time = TestTime()};
}

Trial MakeTrial(int64_t number, TrialState state, Parameters parameters,
                int64_t study) {
  Trial trial;
  trial.id = {.study = {.value = study}, .number = number};
  trial.revision = 1;
  trial.parameters = std::move(parameters);
  trial.create_time = TestTime();
  const int last = LastAttempt(state);
  const auto* running = std::get_if<Running>(&state);
  for (int i = 1; i <= last; ++i) {
    const absl::Time start = TestTime() + absl::Seconds(10 * i);
    Attempt attempt{.number = i,
                    .worker = {absl::StrCat("worker/", i)},
                    .start_time = start,
                    .end_time = start + absl::Seconds(5),
                    .outcome = i < last ? std::string(cause::kLeaseExpired)
                                        : OutcomeOf(state)};
    if (i == last && running != nullptr) {
      attempt.worker = running->lease.worker;
      attempt.end_time.reset();
    }
    trial.attempts.push_back(std::move(attempt));
  }
  if (!trial.attempts.empty()) {
    trial.start_time = trial.attempts.front().start_time;
  }
  if (IsFinished(state)) {
    trial.end_time = TestTime() + absl::Seconds(10 * last + 5);
  }
  trial.state = std::move(state);
  return trial;
}

Trial MakeCompletedTrial(int64_t number, double objective,
                         Parameters parameters) {
  return MakeTrial(number, Completed{.attempt = 1, .objectives = {objective}},
                   std::move(parameters));
}

std::vector<NamedDomain> AllDomains() {
  const auto linear = Scale::kLinear;
  const auto log = Scale::kLog;
  const auto reverse = Scale::kReverseLog;
  return {
      {"Doubles", Doubles(-2.0, 3.0, linear)},
      {"DoublesLog", Doubles(1e-5, 10.0, log)},
      {"DoublesReverseLog", Doubles(0.001, 0.999, reverse)},
      {"DoublesReverseLogFromZero", Doubles(0.0, 0.9999, reverse)},
      {"DoublesReverseLogAboveOne", Doubles(0.001, 1.5, reverse)},
      {"OneDouble", Doubles(0.25, 0.25, linear)},
      {"OneDoubleLog", Doubles(0.25, 0.25, log)},
      {"DoublesStepped", Stepped(0.1, 0.9, linear, 0.1)},
      {"DoublesSteppedUneven", Stepped(-1.0, 1.0, linear, 0.3)},
      {"DoublesSteppedLog", Stepped(0.001, 1.0, log, 0.001)},
      {"DoublesSteppedReverseLog", Stepped(0.1, 0.9, reverse, 0.05)},
      {"DoublesSteppedReverseLogAboveOne", Stepped(0.5, 2.5, reverse, 0.25)},
      {"DoublesSteppedOnce", Stepped(0.5, 0.5, linear, 0.1)},
      {"Ints", Ints(-3, 4, linear)},
      {"IntsLog", Ints(1, 1000, log)},
      {"IntsReverseLog", Ints(1, 100, reverse)},
      {"IntsStepped", Ints(0, 10, linear, 4)},
      {"IntsSteppedLog", Ints(16, 512, log, 16)},
      {"IntsSteppedReverseLog", Ints(2, 30, reverse, 7)},
      {"OneInt", Ints(7, 7, linear)},
      {"OneIntLog", Ints(7, 7, log)},
      {"DiscreteInts",
       Discrete{Values{int64_t{32}, int64_t{64}, int64_t{128}}}},
      {"DiscreteDoubles", Discrete{Values{-0.5, 0.0, 1e6}}},
      {"DiscreteMixed", Discrete{Values{int64_t{1}, 1.5, int64_t{2}}}},
      {"Texts", Choice{Values{std::string("sgd"), std::string("adam"),
                              std::string("")}}},
      {"Truth", Choice{Values{false, true}}},
      {"MixedChoice", Choice{Values{int64_t{1}, 1.0, std::string("1"), true}}},
      {"OneChoice", Choice{Values{std::string("only")}}},
  };
}

SearchSpace MakeSpaceOfAllDomains() {
  SearchSpace space;
  for (NamedDomain& domain : AllDomains()) {
    space.parameters.push_back({.name = std::move(domain.name),
                                .domain = std::move(domain.domain),
                                .when = std::nullopt});
  }
  return space;
}

}  // namespace attune
