#ifndef ATTUNE_CORE_NETWORK_SETTINGS_H_
#define ATTUNE_CORE_NETWORK_SETTINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/error.h"
#include "core/layer_list.h"
#include "core/search_space.h"

namespace attune {

enum class SettingType {
  kNumber,  // a double; integers are accepted and widened
  kInt,
  kBool,
  kWord,  // one of `words`
  kText,  // any text, e.g. a path
  // Widths of hidden layers, `256,128`; the empty text: none. An integer is one
  // layer.
  kLayers,
  kLayerList,  // the layers of a cnn, core/layer_list.h
  kBatch,      // an integer >= 1, or `full`
  kNames,      // of columns, `color,origin`
  kWeights,    // of classes: `none`, `balanced`, or numbers above 0: `1,2.5`
};

// A default that holds for one word of the setting `optimizer`.
struct OptimizerDefault {
  absl::string_view optimizer;
  ParameterValue value;
};

// One row of the table of what a network study can set and tune.
struct NetworkSetting {
  absl::string_view name;
  SettingType type = SettingType::kNumber;
  ParameterValue default_value;
  bool has_default = true;  // false: nothing is set unless the study sets it
  // For these optimizers in place of `default_value`.
  std::vector<OptimizerDefault> optimizer_defaults;
  // Numbers: the legal values lie between min and max; an open end excludes the
  // bound itself.
  double min = 0.0;
  double max = 0.0;
  bool min_open = false;
  bool max_open = false;
  bool or_zero = false;  // 0 is legal beside them, and switches it off
  std::vector<absl::string_view> words;
  bool tunable = true;  // may be a parameter of the search space
  absl::string_view help;
};

inline constexpr int64_t kMostHiddenLayers = 16;
inline constexpr int64_t kWidestHiddenLayer = 8192;
inline constexpr double kLargestSetting = 1e9;  // of numbers without a limit

// The whole table, in the order in which it is printed.
absl::Span<const NetworkSetting> NetworkSettings();

// nullptr if there is none of that name.
const NetworkSetting* FindNetworkSetting(absl::string_view name);

// What `setting` is in a trial with this optimizer that does not set it.
const ParameterValue& DefaultValue(const NetworkSetting& setting,
                                   absl::string_view optimizer);

// For people, what a value of `setting` must be: `an integer from 1 to 100000`.
std::string ExpectedValue(const NetworkSetting& setting);

// Why `value` is not legal for `setting`; nullopt if it is.
std::optional<std::string> CheckSetting(const NetworkSetting& setting,
                                        const ParameterValue& value);

// Everything that is wrong with `settings` and `space` as a network study:
// unknown names, values and bounds outside a setting's range, settings that
// contradict each other (`hidden_layers` beside `depth`) and those that can
// never count (`restart_epochs` where no trial has the schedule cosine). Fields
// are named as in the study file: `train.epochs`, `parameters.dropout.max`.
std::vector<Violation> ValidateNetworkTask(const Parameters& settings,
                                           const SearchSpace& space);

// The settings that a network is built from, whole and typed.
struct NetworkConfig {
  std::string dataset;
  int64_t train_examples = 0;  // 0: all
  std::string network;
  std::vector<int64_t> hidden_layers;  // of an mlp
  std::vector<LayerItem> layers;       // of any other network
  std::string activation;
  std::string initialization;
  std::string fan_mode;
  double init_value = 0.0;
  double dropout = 0.0;
  bool batch_norm = false;
  bool residual = false;
  std::string precision;
  std::string loss;
  double label_smoothing = 0.0;
  double huber_delta = 0.0;
  bool standardize_targets = true;
  std::string optimizer;
  double learning_rate = 0.0;
  double momentum = 0.0;
  double rho = 0.0;
  double beta1 = 0.0;
  double beta2 = 0.0;
  double epsilon = 0.0;
  bool epsilon_inside_root = false;
  bool bias_correction = true;
  bool centered = false;
  double rmsprop_momentum = 0.0;
  int64_t lbfgs_history = 0;
  double l1 = 0.0;
  double l2 = 0.0;
  double weight_decay = 0.0;
  double clip_norm = 0.0;   // 0: none
  double clip_value = 0.0;  // 0: none
  double ema_decay = 0.0;   // 0: the weights themselves
  std::string schedule;
  double decay_rate = 0.0;
  int64_t decay_epochs = 0;  // 0: all that are left after the warm-up
  double decay_power = 0.0;
  double final_learning_rate = 0.0;
  int64_t restart_epochs = 0;  // 0: no restarts
  int64_t restart_factor = 0;
  double cycle_rise = 0.0;
  double cycle_divisor = 0.0;
  int64_t plateau_patience = 0;
  double plateau_threshold = 0.0;
  int64_t plateau_cooldown = 0;
  double warmup_epochs = 0.0;
  std::string momentum_schedule;
  double initial_momentum = 0.0;
  int64_t momentum_epochs = 0;
  double cycle_momentum = 0.0;
  int64_t batch_size = 0;  // 0: the whole training set (`full`)
  int64_t epochs = 0;
  int64_t report_every_steps = 0;       // 0: after every epoch only
  int64_t early_stopping_patience = 0;  // 0: never
  double early_stopping_delta = 0.0;
  double validation_fraction = 0.0;
  int64_t folds = 0;            // 0: validation_fraction counts
  std::optional<int64_t> fold;  // nullopt: all of them, one after the other
  std::string target_column;
  std::string task;
  std::vector<std::string> categorical;
  std::string missing;
  int64_t samples = 0;
  double noise = 0.0;
  int64_t shift = 0;
  double flip = 0.0;
  bool balanced_classes = false;
  std::vector<double> class_weights;  // empty: none are named
  std::string keep_weights;
  int64_t keep_models = 0;
  friend bool operator==(const NetworkConfig&, const NetworkConfig&) = default;
};

// The widths that a kLayers text names; nullopt if it is not such a text.
std::optional<std::vector<int64_t>> ParseLayers(absl::string_view text);

// The weights that a kWeights text lists; nullopt if it is not such a list.
std::optional<std::vector<double>> ParseWeights(absl::string_view text);

// The table's defaults, overridden by `settings`, overridden by `parameters`.
// INVALID_ARGUMENT (every violation at once) if a name or a value is not legal.
absl::StatusOr<NetworkConfig> ResolveNetworkConfig(
    const Parameters& settings, const Parameters& parameters);

}  // namespace attune

#endif  // ATTUNE_CORE_NETWORK_SETTINGS_H_
