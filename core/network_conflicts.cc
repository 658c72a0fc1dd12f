#include "core/network_conflicts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/data_conflicts.h"
#include "core/given_settings.h"
#include "core/layer_list.h"
#include "core/network_settings.h"

namespace attune {
namespace {

void Add(std::string field, std::string description,
         std::vector<Violation>& violations) {
  violations.push_back(
      {.field = std::move(field), .description = std::move(description)});
}

// A setting that counts only where another one has one of these words.
struct Dependence {
  absl::string_view setting;
  absl::string_view on;
  std::vector<absl::string_view> words;
};
const std::vector<Dependence>& Dependences() {
  static const auto* const table = new std::vector<Dependence>{
      {"hidden_layers", "network", {"mlp"}},
      {"depth", "network", {"mlp"}},
      {"width", "network", {"mlp"}},
      {"batch_norm", "network", {"mlp"}},
      {"residual", "network", {"mlp"}},
      {"precision", "network", {"mlp"}},
      {"layers", "network", {"cnn"}},
      {"decay_rate",
       "schedule",
       {"step", "exponential", "inverse_time", "reduce_on_plateau"}},
      {"decay_epochs",
       "schedule",
       {"step", "exponential", "inverse_time", "linear", "polynomial"}},
      {"decay_power", "schedule", {"polynomial"}},
      {"final_learning_rate",
       "schedule",
       {"linear", "polynomial", "cosine", "one_cycle", "reduce_on_plateau"}},
      {"restart_epochs", "schedule", {"cosine"}},
      {"restart_factor", "schedule", {"cosine"}},
      {"cycle_divisor", "schedule", {"one_cycle"}},
      {"cycle_rise", "schedule", {"one_cycle"}},
      {"plateau_patience", "schedule", {"reduce_on_plateau"}},
      {"plateau_threshold", "schedule", {"reduce_on_plateau"}},
      {"plateau_cooldown", "schedule", {"reduce_on_plateau"}},
      {"momentum", "optimizer", {"momentum", "nesterov"}},
      {"momentum_schedule", "optimizer", {"momentum", "nesterov"}},
      {"rho", "optimizer", {"rmsprop", "adadelta"}},
      {"beta1", "optimizer", {"adam", "adamw", "amsgrad", "nadam", "lion"}},
      {"beta2", "optimizer", {"adam", "adamw", "amsgrad", "nadam", "lion"}},
      {"epsilon",
       "optimizer",
       {"rmsprop", "adam", "adamw", "adagrad", "adadelta", "amsgrad", "nadam"}},
      {"epsilon_inside_root",
       "optimizer",
       {"rmsprop", "adam", "adamw", "adagrad", "amsgrad", "nadam"}},
      {"bias_correction", "optimizer", {"adam", "adamw", "amsgrad", "nadam"}},
      {"centered", "optimizer", {"rmsprop"}},
      {"rmsprop_momentum", "optimizer", {"rmsprop"}},
      {"lbfgs_history", "optimizer", {"lbfgs"}},
      {"initial_momentum", "momentum_schedule", {"linear"}},
      {"momentum_epochs", "momentum_schedule", {"linear"}},
      {"cycle_momentum", "momentum_schedule", {"one_cycle"}},
      {"label_smoothing", "loss", {"auto", "cross_entropy"}},
      {"class_weights", "loss", {"auto", "cross_entropy"}},
      {"huber_delta", "loss", {"huber"}},
      {"standardize_targets", "loss", {"auto", "mse", "mae", "huber"}},
      {"keep_models", "keep_weights", {"best", "last"}},
      {"init_value", "init", {"constant"}},
      {"fan_mode",
       "init",
       {"he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
        "truncated_normal"}},
  };
  return *table;
}

void CheckDependences(const GivenSettings& given,
                      std::vector<Violation>& violations) {
  for (const auto& [setting, on, words] : Dependences()) {
    if (!given.Has(setting) || given.CanBe(on, words)) continue;
    Add(given.Field(setting),
        absl::StrCat("found ", given.Told(setting), " where ", given.Where(on),
                     ", expected it only where `", on, "` is ",
                     absl::StrJoin(words, " or ")),
        violations);
  }
}

void CheckLayers(const GivenSettings& given,
                 std::vector<Violation>& violations) {
  if (given.IsNamed("network", "cnn") && !given.Has("layers")) {
    Add(given.Field("network"), "found `cnn` without `layers`, expected both",
        violations);
  }
}

void CheckWarmup(const GivenSettings& given,
                 std::vector<Violation>& violations) {
  const std::optional<ParameterValue> warmup = given.Fixed("warmup_epochs");
  const std::optional<ParameterValue> epochs = given.Fixed("epochs");
  if (!warmup.has_value() || !epochs.has_value()) return;
  const std::optional<double> length = AsDouble(*warmup);
  const std::optional<double> all = AsDouble(*epochs);
  if (!length.has_value() || !all.has_value()) return;
  if (*length == 0.0 || *length < *all) return;
  Add(given.Field("warmup_epochs"),
      absl::StrCat("found ", given.Told("warmup_epochs"), " where ",
                   given.Where("epochs"), ", expected fewer than all `epochs`"),
      violations);
}

void CheckEarlyStopping(const GivenSettings& given,
                        std::vector<Violation>& violations) {
  if (given.Has("early_stopping_delta") &&
      given.Fixed("early_stopping_patience") == ParameterValue(int64_t{0})) {
    Add(given.Field("early_stopping_delta"),
        absl::StrCat("found ", given.Told("early_stopping_delta"),
                     " without `early_stopping_patience`, expected both"),
        violations);
  }
}

void CheckRestarts(const GivenSettings& given,
                   std::vector<Violation>& violations) {
  if (given.Has("restart_factor") &&
      given.Largest("restart_epochs") == int64_t{0}) {
    Add(given.Field("restart_factor"),
        absl::StrCat("found ", given.Told("restart_factor"),
                     " without `restart_epochs`, expected both"),
        violations);
  }
}

// Where an epoch is one step, none is within it; and folds report together.
void CheckReports(const GivenSettings& given,
                  std::vector<Violation>& violations) {
  if (!given.Has("report_every_steps")) return;
  const std::string found =
      absl::StrCat("found ", given.Told("report_every_steps"), " where ");
  const std::string field = given.Field("report_every_steps");
  for (const auto& [setting, word] :
       {std::pair("optimizer", "lbfgs"), std::pair("batch_size", "full")}) {
    if (given.Fixed(setting) != ParameterValue(std::string(word))) continue;
    Add(field,
        absl::StrCat(found, given.Where(setting),
                     ", so that an epoch is one step, expected minibatches"),
        violations);
    return;
  }
  if (given.Has("folds") && !given.Has("fold")) {
    Add(field,
        absl::StrCat(found, "a trial trains on each of ", given.Told("folds"),
                     ", which report together after each epoch, expected it "
                     "only beside `fold`"),
        violations);
  }
}

// What belongs to hidden layers, where no trial has one.
void CheckLinear(const GivenSettings& given,
                 std::vector<Violation>& violations) {
  const bool by_depth = given.Has("depth");
  const bool linear =
      !given.CanBe("network", {"cnn", "lenet"}) &&
      (by_depth
           ? given.Fixed("depth") == ParameterValue(int64_t{0})
           : given.Fixed("hidden_layers") == ParameterValue(std::string()));
  if (!linear) return;
  for (const absl::string_view setting :
       {"activation", "dropout", "batch_norm"}) {
    if (!given.Has(setting)) continue;
    Add(given.Field(setting),
        absl::StrCat("found ", given.Told(setting), " where ",
                     given.Where(by_depth ? "depth" : "hidden_layers"),
                     ", expected it only where there are hidden layers"),
        violations);
  }
}

// What belongs to layers that no list of a cnn has.
void CheckConvolutional(const GivenSettings& given,
                        std::vector<Violation>& violations) {
  if (given.CanBe("network", {"mlp", "lenet"}) || !given.Has("layers")) return;
  bool has_dense = false;
  bool has_conv = false;
  for (const auto& [field, value] : given.Listed("layers")) {
    const auto* text = std::get_if<std::string>(&value);
    const auto layers = ParseLayerList(text == nullptr ? "" : *text);
    if (!layers.ok()) return;  // reported as that
    for (const LayerItem& layer : *layers) {
      has_dense |= std::holds_alternative<DenseLayer>(layer);
      has_conv |= std::holds_alternative<ConvLayer>(layer);
    }
  }
  if (given.Has("dropout") && !has_dense) {
    Add(given.Field("dropout"),
        "found `dropout` where no `layers` have a dense layer, behind which it "
        "acts, expected one, or `dropout RATE` among the layers",
        violations);
  }
  if (given.Has("activation") && !has_dense && !has_conv) {
    Add(given.Field("activation"),
        "found `activation` where no `layers` have a conv or a dense layer, "
        "behind which it acts, expected one",
        violations);
  }
}

void CheckBatchNorm(const GivenSettings& given,
                    std::vector<Violation>& violations) {
  if (given.Fixed("batch_norm") == ParameterValue(true) &&
      given.Fixed("batch_size") == ParameterValue(int64_t{1})) {
    Add(given.Field("batch_norm"),
        "found `batch_norm: true` where `batch_size` is 1, expected more: a "
        "single example has no variance",
        violations);
  }
}

// Whether some hidden layer may be as wide as the one before it.
bool MayHaveEqualNeighbours(const GivenSettings& given) {
  if (given.Has("depth")) {
    const std::optional<ParameterValue> depth = given.Fixed("depth");
    const auto* layers =
        depth.has_value() ? std::get_if<int64_t>(&*depth) : nullptr;
    return layers == nullptr || *layers >= 2;
  }
  const std::optional<ParameterValue> widths = given.Fixed("hidden_layers");
  if (!widths.has_value()) return true;
  if (std::holds_alternative<int64_t>(*widths)) return false;
  const auto* text = std::get_if<std::string>(&*widths);
  const auto layers = text == nullptr ? std::nullopt : ParseLayers(*text);
  return !layers.has_value() ||
         std::adjacent_find(layers->begin(), layers->end()) != layers->end();
}

void CheckResidual(const GivenSettings& given,
                   std::vector<Violation>& violations) {
  if (given.Fixed("residual") != ParameterValue(true) ||
      MayHaveEqualNeighbours(given)) {
    return;
  }
  Add(given.Field("residual"),
      absl::StrCat(
          "found `residual: true` where ",
          given.Where(given.Has("depth") ? "depth" : "hidden_layers"),
          ", expected a hidden layer that is as wide as the one before "
          "it, as in `128,128`"),
      violations);
}

}  // namespace

void CheckConflicts(const Parameters& settings, const SearchSpace& space,
                    std::vector<Violation>& violations) {
  const GivenSettings given(settings, space);
  CheckDependences(given, violations);
  CheckLayers(given, violations);
  CheckWarmup(given, violations);
  CheckEarlyStopping(given, violations);
  CheckRestarts(given, violations);
  CheckReports(given, violations);
  CheckLinear(given, violations);
  CheckConvolutional(given, violations);
  CheckBatchNorm(given, violations);
  CheckResidual(given, violations);
  CheckDataConflicts(given, violations);
}

}  // namespace attune
