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
#include "core/setting.h"

namespace attune {

// The whole table, in the order in which it is printed.
absl::Span<const Setting> NetworkSettings();

// nullptr if there is none of that name.
const Setting* FindNetworkSetting(absl::string_view name);

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

// The table's defaults, overridden by `settings`, overridden by `parameters`.
// INVALID_ARGUMENT (every violation at once) if a name or a value is not legal.
absl::StatusOr<NetworkConfig> ResolveNetworkConfig(
    const Parameters& settings, const Parameters& parameters);

}  // namespace attune

#endif  // ATTUNE_CORE_NETWORK_SETTINGS_H_
