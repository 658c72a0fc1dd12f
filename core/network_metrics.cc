#include "core/network_metrics.h"

#include <algorithm>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/dataset_name.h"
#include "core/network_settings.h"

namespace attune {
namespace {

constexpr absl::string_view kOfClasses[] = {
    "validation_accuracy", "validation_top3_accuracy", "validation_macro_f1"};
constexpr absl::string_view kOfNumbers[] = {"validation_rmse", "validation_mae",
                                            "validation_r2"};

bool AnyIsIn(const std::vector<Objective>& objectives,
             absl::Span<const absl::string_view> metrics) {
  return std::any_of(
      objectives.begin(), objectives.end(), [&](const Objective& objective) {
        return std::find(metrics.begin(), metrics.end(), objective.metric) !=
               metrics.end();
      });
}

// The text that `settings` give to `name`, else its default; empty if it is no
// text.
std::string TextOf(const Parameters& settings, absl::string_view name) {
  const ParameterValue value =
      settings.Find(name).value_or(FindNetworkSetting(name)->default_value);
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

}  // namespace

std::vector<std::string> NetworkMetrics(const Parameters& settings) {
  const std::optional<DatasetKind> kind =
      KindOfDataset(TextOf(settings, "dataset"));
  const bool open = !kind.has_value() || *kind == DatasetKind::kTable;
  const std::string task = TextOf(settings, "task");
  const bool regression =
      kind == DatasetKind::kRegression || (open && task != "classification");
  const bool classes =
      kind != DatasetKind::kRegression && !(open && task == "regression");
  std::vector<std::string> metrics = {"training_loss", "validation_loss"};
  if (classes) {
    for (const absl::string_view name : kOfClasses) metrics.emplace_back(name);
  }
  if (regression) {
    for (const absl::string_view name : kOfNumbers) metrics.emplace_back(name);
  }
  metrics.insert(metrics.end(),
                 {"learning_rate", "samples_per_second", kElapsedSeconds});
  if (settings.contains("report_every_steps")) metrics.emplace_back("epoch");
  return metrics;
}

std::string TaskByObjectives(const std::vector<Objective>& objectives) {
  if (AnyIsIn(objectives, kOfNumbers)) return "regression";
  return AnyIsIn(objectives, kOfClasses) ? "classification" : "auto";
}

Parameters WithTaskByObjectives(Parameters settings,
                                const std::vector<Objective>& objectives) {
  if (KindOfDataset(TextOf(settings, "dataset")) == DatasetKind::kTable &&
      TextOf(settings, "task") == "auto") {
    settings.Set("task", TaskByObjectives(objectives));
  }
  return settings;
}

}  // namespace attune
