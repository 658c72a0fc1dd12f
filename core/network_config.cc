// ValidateNetworkTask() and ResolveNetworkConfig() of core/network_settings.h.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/check.h"
#include "core/lbfgs_conflicts.h"
#include "core/network_conflicts.h"
#include "core/network_settings.h"
#include "core/overloaded.h"

namespace attune {
namespace {

void Add(std::string field, std::string description,
         std::vector<Violation>& violations) {
  violations.push_back(
      {.field = std::move(field), .description = std::move(description)});
}

// Names that other programs give to our settings.
constexpr std::pair<absl::string_view, absl::string_view> kOtherNames[] = {
    {"lr", "learning_rate"},
    {"eta", "learning_rate"},
    {"step_size", "learning_rate"},
    {"alpha", "learning_rate"},
    {"architecture", "network"},
    {"hidden", "hidden_layers"},
    {"units", "hidden_layers"},
    {"neurons", "hidden_layers"},
    {"num_layers", "depth"},
    {"initialization", "init"},
    {"initializer", "init"},
    {"batchnorm", "batch_norm"},
    {"loss_function", "loss"},
    {"smoothing", "label_smoothing"},
    {"dropout_rate", "dropout"},
    {"num_epochs", "epochs"},
    {"data", "dataset"},
    {"label_column", "target_column"},
    {"label", "target_column"},
    {"k_folds", "folds"},
    {"n_samples", "samples"},
    {"lr_schedule", "schedule"},
    {"eps", "epsilon"},
    {"l2_regularization", "l2"},
    {"l1_regularization", "l1"},
    {"clipnorm", "clip_norm"},
    {"clipvalue", "clip_value"},
    {"max_norm", "clip_norm"},
};

std::string UnknownSetting(absl::string_view name) {
  std::string nearest;
  std::vector<std::string> names;
  for (const Setting& setting : NetworkSettings()) {
    names.emplace_back(setting.name);
  }
  for (const auto& [other, ours] : kOtherNames) {
    if (name == other) nearest = std::string(ours);
  }
  if (nearest.empty()) nearest = NearestName(name, names);
  return absl::StrCat("found an unknown name, expected a network setting",
                      nearest.empty()
                          ? " (`attune settings` lists them)"
                          : absl::StrCat("; did you mean `", nearest, "`?"));
}

void CheckBound(const std::string& field, const Setting& setting,
                const ParameterValue& bound,
                std::vector<Violation>& violations) {
  // Each item of a list has a place of its own.
  const auto* text = std::get_if<std::string>(&bound);
  if (setting.type == SettingType::kLayerList && text != nullptr) {
    for (const Violation& wrong : Violations(ParseLayerList(*text).status())) {
      Add(field + wrong.field, wrong.description, violations);
    }
    return;
  }
  if (auto problem = CheckSetting(setting, bound)) {
    Add(field, *std::move(problem), violations);
  }
}

// `min` and `max` are both integers or both numbers with a point.
void CheckRange(const std::string& field, const Setting& setting,
                const ParameterValue& min, const ParameterValue& max,
                std::vector<Violation>& violations) {
  switch (setting.type) {
    case SettingType::kNumber:
      break;
    case SettingType::kInt:
    case SettingType::kBatch:
    case SettingType::kLayers:
      if (std::holds_alternative<int64_t>(min)) break;
      Add(field,
          "found a range of numbers with a point, expected integers: write "
          "`min` and `max` without a point",
          violations);
      return;
    case SettingType::kBool:
    case SettingType::kWord:
    case SettingType::kText:
    case SettingType::kDataset:
    case SettingType::kNames:
    case SettingType::kWeights:
    case SettingType::kLayerList:
      Add(field,
          absl::StrCat("found a range, expected a list of values, each ",
                       ExpectedValue(setting)),
          violations);
      return;
  }
  CheckBound(field + ".min", setting, min, violations);
  CheckBound(field + ".max", setting, max, violations);
}

void CheckValues(const std::string& field, const Setting& setting,
                 const std::vector<ParameterValue>& values,
                 std::vector<Violation>& violations) {
  for (size_t i = 0; i < values.size(); ++i) {
    CheckBound(absl::StrCat(field, ".values[", i, "]"), setting, values[i],
               violations);
  }
}

void CheckParameter(const ParameterSpec& parameter,
                    std::vector<Violation>& violations) {
  const std::string field = absl::StrCat("parameters.", parameter.name);
  const Setting* setting = FindNetworkSetting(parameter.name);
  if (setting == nullptr) {
    Add(field, UnknownSetting(parameter.name), violations);
    return;
  }
  if (!setting->tunable) {
    Add(field,
        absl::StrCat("found a parameter, expected a fixed value: `",
                     setting->name, "` is set under `train`"),
        violations);
    return;
  }
  std::visit(
      Overloaded{
          [&](const DoubleRange& range) {
            CheckRange(field, *setting, range.min, range.max, violations);
          },
          [&](const IntRange& range) {
            CheckRange(field, *setting, range.min, range.max, violations);
          },
          [&](const auto& listed) {
            CheckValues(field, *setting, listed.values, violations);
          }},
      parameter.domain);
}

// `named` holds the settings that are given a value, `field(name)` says where.
template <typename FieldOf>
void CheckTogether(const std::set<std::string>& named, FieldOf field,
                   std::vector<Violation>& violations) {
  for (const std::string name : {"depth", "width"}) {
    const std::string other = name == "depth" ? "width" : "depth";
    if (named.count(name) == 0) continue;
    if (named.count("hidden_layers") != 0) {
      Add(field(name),
          absl::StrCat("found `", name,
                       "` beside `hidden_layers`, expected either "
                       "`hidden_layers` or `depth` and `width`"),
          violations);
    } else if (named.count(other) == 0) {
      Add(field(name),
          absl::StrCat("found `", name, "` without `", other,
                       "`, expected both"),
          violations);
    }
  }
}

// The values of one trial, by name: the table's defaults, overridden.
class Values {
 public:
  Values(const Parameters& settings, const Parameters& parameters)
      : given_(parameters) {
    given_.AddMissing(settings);
  }

  bool Has(absl::string_view name) const { return given_.contains(name); }

  ParameterValue Get(absl::string_view name) const {
    std::optional<ParameterValue> given = given_.Find(name);
    if (given.has_value()) return *std::move(given);
    const Setting* setting = FindNetworkSetting(name);
    ATTUNE_CHECK(setting != nullptr);
    // The optimizer's own default is that of no optimizer.
    return setting->optimizer_defaults.empty()
               ? setting->default_value
               : DefaultValue(*setting, Text("optimizer"));
  }
  double Number(absl::string_view name) const {
    const std::optional<double> number = AsDouble(Get(name));
    ATTUNE_CHECK(number.has_value());
    return *number;
  }
  int64_t Int(absl::string_view name) const {
    return std::get<int64_t>(Get(name));
  }
  bool Bool(absl::string_view name) const { return std::get<bool>(Get(name)); }
  std::string Text(absl::string_view name) const {
    return std::get<std::string>(Get(name));
  }

  std::vector<int64_t> HiddenLayers() const {
    if (Has("depth")) {
      const int64_t depth = Int("depth");
      if (depth == 0) return {};
      return std::vector<int64_t>(static_cast<size_t>(depth), Int("width"));
    }
    const ParameterValue layers = Get("hidden_layers");
    if (const auto* width = std::get_if<int64_t>(&layers)) return {*width};
    std::optional<std::vector<int64_t>> widths =
        ParseLayers(std::get<std::string>(layers));
    ATTUNE_CHECK(widths.has_value());
    return *std::move(widths);
  }

  std::optional<int64_t> Fold() const {
    return Has("fold") ? std::optional(Int("fold")) : std::nullopt;
  }

  std::vector<std::string> Categorical() const {
    return absl::StrSplit(Text("categorical"), ',', absl::SkipEmpty());
  }

  std::vector<double> ClassWeights() const {
    return ParseWeights(Text("class_weights")).value_or(std::vector<double>());
  }

  // Where the end is reached once, all epochs if nothing else is said.
  int64_t DecayEpochs() const {
    const std::string schedule = Text("schedule");
    const bool ends = schedule == "linear" || schedule == "polynomial";
    return ends && !Has("decay_epochs") ? 0 : Int("decay_epochs");
  }

  std::vector<LayerItem> Layers() const {
    const std::string network = Text("network");
    if (network == "mlp") return {};
    return ParseLayerList(network == "lenet" ? kLenetLayers : Text("layers"))
        .value();
  }

  int64_t BatchSize() const {
    const ParameterValue given = Get("batch_size");
    const auto* size = std::get_if<int64_t>(&given);
    return size == nullptr ? 0 : *size;
  }

 private:
  Parameters given_;
};

void CheckValuesOf(absl::string_view prefix, const Parameters& values,
                   std::vector<Violation>& violations) {
  for (const auto& [name, value] : values) {
    const Setting* setting = FindNetworkSetting(name);
    const std::string field = absl::StrCat(prefix, ".", name);
    if (setting == nullptr) {
      Add(field, UnknownSetting(name), violations);
    } else {
      CheckBound(field, *setting, value, violations);
    }
  }
}

// Where every parameter has one value only.
SearchSpace AsSpace(const Parameters& parameters) {
  SearchSpace space;
  for (const auto& [name, value] : parameters) {
    space.parameters.push_back(
        {.name = std::string(name), .domain = Choice{{value}}});
  }
  return space;
}

// Of one trial: a width is not needed where there are no hidden layers, layers
// are where the network has no others.
void CheckTrialLayers(const Parameters& settings, const Parameters& parameters,
                      std::vector<Violation>& violations) {
  std::set<std::string> named;
  for (const auto& [name, value] : settings) named.emplace(name);
  for (const auto& [name, value] : parameters) named.emplace(name);
  const Values values(settings, parameters);
  if (values.Has("depth") &&
      values.Get("depth") == ParameterValue(int64_t{0})) {
    named.insert("width");
  }
  CheckTogether(
      named,
      [&settings](const std::string& name) {
        return absl::StrCat(settings.contains(name) ? "train." : "parameters.",
                            name);
      },
      violations);
  if (values.Get("network") == ParameterValue(std::string("cnn")) &&
      !values.Has("layers")) {
    Add(absl::StrCat(settings.contains("network") ? "train." : "parameters.",
                     "network"),
        "found `cnn` without `layers`, expected both", violations);
  }
}

void SetData(const Values& values, NetworkConfig& config) {
  config.dataset = values.Text("dataset");
  config.train_examples = values.Int("train_examples");
  config.validation_fraction = values.Number("validation_fraction");
  config.folds = values.Int("folds");
  config.fold = values.Fold();
  config.target_column = values.Text("target_column");
  config.task = values.Text("task");
  config.categorical = values.Categorical();
  config.missing = values.Text("missing");
  config.samples = values.Int("samples");
  config.noise = values.Number("noise");
  config.shift = values.Int("shift");
  config.flip = values.Number("flip");
  config.balanced_classes = values.Text("class_weights") == "balanced";
  config.class_weights = values.ClassWeights();
}

void SetStructure(const Values& values, NetworkConfig& config) {
  config.network = values.Text("network");
  config.hidden_layers = values.HiddenLayers();
  config.layers = values.Layers();
  config.activation = values.Text("activation");
  config.initialization = values.Text("init");
  config.fan_mode = values.Text("fan_mode");
  config.init_value = values.Number("init_value");
  config.dropout = values.Number("dropout");
  config.batch_norm = values.Bool("batch_norm");
  config.residual = values.Bool("residual");
  config.precision = values.Text("precision");
}

void SetOptimizer(const Values& values, NetworkConfig& config) {
  config.loss = values.Text("loss");
  config.label_smoothing = values.Number("label_smoothing");
  config.huber_delta = values.Number("huber_delta");
  config.standardize_targets = values.Bool("standardize_targets");
  config.optimizer = values.Text("optimizer");
  config.learning_rate = values.Number("learning_rate");
  config.momentum = values.Number("momentum");
  config.rho = values.Number("rho");
  config.beta1 = values.Number("beta1");
  config.beta2 = values.Number("beta2");
  config.epsilon = values.Number("epsilon");
  config.epsilon_inside_root = values.Bool("epsilon_inside_root");
  config.bias_correction = values.Bool("bias_correction");
  config.centered = values.Bool("centered");
  config.rmsprop_momentum = values.Number("rmsprop_momentum");
  config.lbfgs_history = values.Int("lbfgs_history");
  config.l1 = values.Number("l1");
  config.l2 = values.Number("l2");
  config.weight_decay = values.Number("weight_decay");
  config.clip_norm = values.Number("clip_norm");
  config.clip_value = values.Number("clip_value");
  config.ema_decay = values.Number("ema_decay");
}

void SetSchedule(const Values& values, NetworkConfig& config) {
  config.schedule = values.Text("schedule");
  config.decay_rate = values.Number("decay_rate");
  config.decay_epochs = values.DecayEpochs();
  config.decay_power = values.Number("decay_power");
  config.final_learning_rate = values.Number("final_learning_rate");
  config.restart_epochs = values.Int("restart_epochs");
  config.restart_factor = values.Int("restart_factor");
  config.cycle_rise = values.Number("cycle_rise");
  config.cycle_divisor = values.Number("cycle_divisor");
  config.plateau_patience = values.Int("plateau_patience");
  config.plateau_threshold = values.Number("plateau_threshold");
  config.plateau_cooldown = values.Int("plateau_cooldown");
  config.warmup_epochs = values.Number("warmup_epochs");
  config.momentum_schedule = values.Text("momentum_schedule");
  config.initial_momentum = values.Number("initial_momentum");
  config.momentum_epochs = values.Int("momentum_epochs");
  config.cycle_momentum = values.Number("cycle_momentum");
  config.batch_size = values.BatchSize();
  config.epochs = values.Int("epochs");
  config.report_every_steps = values.Int("report_every_steps");
  config.early_stopping_patience = values.Int("early_stopping_patience");
  config.early_stopping_delta = values.Number("early_stopping_delta");
}

void SetKeeping(const Values& values, NetworkConfig& config) {
  config.keep_weights = values.Text("keep_weights");
  config.keep_models = values.Int("keep_models");
}

}  // namespace

std::vector<Violation> ValidateNetworkTask(const Parameters& settings,
                                           const SearchSpace& space) {
  std::vector<Violation> violations;
  CheckValuesOf("train", settings, violations);
  std::set<std::string> named;
  for (const auto& [name, value] : settings) named.emplace(name);
  for (const ParameterSpec& parameter : space.parameters) {
    CheckParameter(parameter, violations);
    named.insert(parameter.name);
  }
  CheckTogether(
      named,
      [&settings](const std::string& name) {
        return absl::StrCat(settings.contains(name) ? "train." : "parameters.",
                            name);
      },
      violations);
  CheckConflicts(settings, space, violations);
  CheckLbfgs(settings, space, violations);
  return violations;
}

absl::StatusOr<NetworkConfig> ResolveNetworkConfig(
    const Parameters& settings, const Parameters& parameters) {
  std::vector<Violation> violations;
  CheckValuesOf("train", settings, violations);
  CheckValuesOf("parameters", parameters, violations);
  CheckTrialLayers(settings, parameters, violations);
  CheckLbfgs(settings, AsSpace(parameters), violations);
  if (!violations.empty()) return InvalidFields(violations);
  const Values values(settings, parameters);
  NetworkConfig config;
  SetData(values, config);
  SetStructure(values, config);
  SetOptimizer(values, config);
  SetSchedule(values, config);
  SetKeeping(values, config);
  return config;
}

}  // namespace attune
