#include "core/trial.h"

#include <array>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/overloaded.h"

namespace attune {
namespace {

// One for each alternative of TrialState, in its order.
constexpr std::array<absl::string_view, std::variant_size_v<TrialState>>
    kStateNames = {"waiting",    "running", "completed", "pruned",
                   "infeasible", "failed",  "cancelled"};

}  // namespace

bool operator==(const Measurement& a, const Measurement& b) {
  if (a.step != b.step || a.metrics.size() != b.metrics.size()) return false;
  for (auto in_a = a.metrics.begin(), in_b = b.metrics.begin();
       in_a != a.metrics.end(); ++in_a, ++in_b) {
    if (in_a->first != in_b->first ||
        std::bit_cast<uint64_t>(in_a->second) !=
            std::bit_cast<uint64_t>(in_b->second)) {
      return false;
    }
  }
  return true;
}

bool IsFinished(const TrialState& state) {
  return !std::holds_alternative<Waiting>(state) &&
         !std::holds_alternative<Running>(state);
}

absl::string_view StateName(const TrialState& state) {
  return kStateNames[state.index()];
}

const std::vector<std::string>& TrialStateNames() {
  static const auto& names =
      *new std::vector<std::string>(kStateNames.begin(), kStateNames.end());
  return names;
}

std::optional<TrialState> StateNamed(absl::string_view name) {
  static const auto& states =
      *new std::vector<TrialState>({Waiting(), Running(), Completed(), Pruned(),
                                    Infeasible(), Failed(), Cancelled()});
  for (const TrialState& state : states) {
    if (StateName(state) == name) return state;
  }
  return std::nullopt;
}

int LastAttempt(const TrialState& state) {
  return std::visit(
      Overloaded{[](const Running& running) { return running.lease.attempt; },
                 [](const auto& other) { return other.attempt; }},
      state);
}

std::string StateReason(const TrialState& state) {
  return std::visit(
      Overloaded{[](const Pruned& pruned) { return pruned.reason; },
                 [](const Infeasible& infeasible) { return infeasible.reason; },
                 [](const Failed& failed) {
                   return failed.message.empty()
                              ? failed.cause
                              : absl::StrCat(failed.cause, ": ",
                                             failed.message);
                 },
                 [](const Cancelled& cancelled) { return cancelled.reason; },
                 [](const auto&) { return std::string(); }},
      state);
}

std::map<std::string, double> LatestMetrics(
    const std::vector<Measurement>& measurements) {
  std::map<std::string, std::pair<int64_t, double>> latest;
  for (const Measurement& measurement : measurements) {
    for (const auto& [name, value] : measurement.metrics) {
      auto [place, is_new] =
          latest.try_emplace(name, std::pair(measurement.step, value));
      if (!is_new && measurement.step > place->second.first) {
        place->second = {measurement.step, value};
      }
    }
  }
  std::map<std::string, double> result;
  for (const auto& [name, step_and_value] : latest) {
    result.emplace(name, step_and_value.second);
  }
  return result;
}

}  // namespace attune
