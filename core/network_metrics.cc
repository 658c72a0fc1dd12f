#include "core/network_metrics.h"

#include <optional>

#include "core/dataset_name.h"
#include "core/network_settings.h"

namespace attune {
namespace {

// The text that `settings` give to `name`, else its default; empty if it is no
// text.
std::string TextOf(const Parameters& settings, const std::string& name) {
  const auto found = settings.find(name);
  const ParameterValue& value = found != settings.end()
                                    ? found->second
                                    : FindNetworkSetting(name)->default_value;
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
    metrics.insert(metrics.end(),
                   {"validation_accuracy", "validation_top3_accuracy",
                    "validation_macro_f1"});
  }
  if (regression) {
    metrics.insert(metrics.end(),
                   {"validation_rmse", "validation_mae", "validation_r2"});
  }
  metrics.insert(metrics.end(), {"learning_rate", "samples_per_second"});
  return metrics;
}

}  // namespace attune
