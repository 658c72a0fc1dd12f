// The rows of the table of settings.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/network_settings.h"
#include "core/setting.h"

namespace attune {
namespace {

using setting::Bool;
using setting::Int;
using setting::Number;
using setting::OpenMax;
using setting::OpenMin;
using setting::OrZero;
using setting::Word;

constexpr int64_t kMostFolds = 100;
// What holds gradients smaller than this leaves steps that vanish in the
// rounding of the weights, so that nothing is learned.
constexpr double kSmallestGradient = 1e-12;
// Steps are computed in float, in which much less is 0: a rate that never
// moves, or a divisor of 0.
constexpr double kSmallestFactor = 1e-30;

using Words = std::vector<absl::string_view>;

Setting Text(absl::string_view name, absl::string_view default_value,
             absl::string_view help) {
  return {.name = name,
          .type = SettingType::kText,
          .default_value = std::string(default_value),
          .help = help};
}

Setting WithoutDefault(Setting setting) {
  setting.has_default = false;
  return setting;
}

Setting Fixed(Setting setting) {
  setting.tunable = false;
  return setting;
}

Setting ByOptimizer(Setting setting, std::vector<OptimizerDefault> defaults) {
  setting.optimizer_defaults = std::move(defaults);
  return setting;
}

void AddTable(std::vector<Setting>& table) {
  table.push_back(Fixed(
      Text("target_column", "target",
           "The column of a .csv file that holds the class, or the number to "
           "predict.")));
  table.push_back(Fixed(Word(
      "task", {"auto", "classification", "regression"}, "auto",
      "What the target of a .csv file is. auto: what the objective measures; "
      "if that is a loss, a number to predict if all are numbers and one has a "
      "fraction, else a class.")));
  table.push_back(Fixed(WithoutDefault(
      {.name = "categorical",
       .type = SettingType::kNames,
       .default_value = std::string(),
       .help = "The columns of a .csv file whose numbers are names, as in "
               "`zip,month`. Columns of texts need not be named."})));
  table.push_back(Fixed(Word(
      "missing", {"refuse", "drop", "impute"}, "refuse",
      "What is done about fields of a .csv file that are empty, `?`, NA or "
      "NaN. refuse: the file; drop: their rows; impute: take the training "
      "examples' mean, or their most frequent category.")));
}

void AddSynthetic(std::vector<Setting>& table) {
  table.push_back(Fixed(Int("samples", 1000, 10, 1'000'000,
                            "How many examples to make up, for the datasets "
                            "that are.")));
  table.push_back(Fixed(
      Number("noise", 0.05, 0.0, kLargestSetting,
             "The deviation of what is added to made-up examples by chance: to "
             "both coordinates, for friedman1 to the target.")));
}

void AddData(std::vector<Setting>& table) {
  table.push_back(Fixed(
      {.name = "dataset",
       .type = SettingType::kDataset,
       .default_value = std::string("fashion-mnist"),
       .help =
           "What to learn from: `fashion-mnist`, `cifar-10`, the made-up "
           "`spirals`, `moons`, `blobs`, `xor` and `friedman1`, or a path, "
           "absolute or below the worker's data directory: of a .csv file, or, "
           "with a `/` in it, of a folder of IDX files such as MNIST's."}));
  AddTable(table);
  AddSynthetic(table);
  table.push_back(Fixed(Int(
      "train_examples", 0, 0, 1'000'000'000,
      "How many of the examples that are left for training to use; 0 is all "
      "of them. More than there are is an error.")));
  table.push_back(Fixed(OpenMin(OpenMax(Number(
      "validation_fraction", 1.0 / 6.0, 0.0, 1.0,
      "The share of the examples kept apart to measure validation_loss and "
      "validation_accuracy; drawn by the study's seed, the same in every "
      "trial.")))));
  table.push_back(Fixed(WithoutDefault(
      Int("folds", 0, 2, kMostFolds,
          "In place of validation_fraction: the examples are cut into so many "
          "parts. A trial trains once for each, without it, validates on it, "
          "and reports the means."))));
  table.push_back(WithoutDefault(
      Int("fold", 0, 0, kMostFolds - 1,
          "With folds: validate on this one alone, counted from 0.")));
  table.push_back(
      Int("shift", 0, 0, 1000,
          "For images: in training each is moved by up to so many pixels along "
          "each axis, by chance."));
  table.push_back({.name = "flip",
                   .type = SettingType::kNumber,
                   .default_value = 0.0,
                   .min = 0.0,
                   .max = 1.0,
                   .help = "For images: the chance with which, in training, "
                           "left and right change places."});
  table.push_back({.name = "class_weights",
                   .type = SettingType::kWeights,
                   .default_value = std::string("none"),
                   .help = "How much each class counts in the loss of "
                           "training: `balanced` makes up for how frequent it "
                           "is, or one number for each class in their order, "
                           "as in `1,2.5`."});
}

void AddInitialization(std::vector<Setting>& table) {
  table.push_back(Word(
      "init",
      {"xavier_uniform", "xavier_normal", "he_uniform", "he_normal",
       "lecun_uniform", "lecun_normal", "orthogonal", "truncated_normal",
       "constant"},
      "he_normal",
      "How weights begin. Xavier: the variance 2 / (inputs + outputs), suits "
      "tanh and sigmoid; He: 2 / inputs, suits relu; LeCun and "
      "truncated_normal (within two deviations): 1 / inputs; orthogonal: with "
      "orthonormal rows or columns; constant: init_value. Biases begin at 0."));
  table.push_back(Word(
      "fan_mode", {"in", "out", "avg"}, "in",
      "For init he, lecun and truncated_normal: whether the variance is by a "
      "neuron's inputs, by the outputs that use an input, or by their mean."));
  table.push_back(Number("init_value", 0.01, -kLargestSetting, kLargestSetting,
                         "For init constant: every weight."));
}

void AddStructure(std::vector<Setting>& table) {
  table.push_back(
      Word("network", {"mlp", "cnn", "lenet"}, "mlp",
           "mlp: the dense layers of hidden_layers. cnn: those of layers, for "
           "images. lenet: the cnn with layers [conv 5x5x6, pool 2, conv "
           "5x5x16, pool 2, dense 120, dense 84]."));
  table.push_back({.name = "hidden_layers",
                   .type = SettingType::kLayers,
                   .default_value = std::string("128"),
                   .min = 1,
                   .max = kWidestHiddenLayer,
                   .help = "The widths of the hidden layers in neurons, from "
                           "the input on: `256,128` is two layers, the empty "
                           "text none."});
  table.push_back(WithoutDefault(
      Int("depth", 0, 0, kMostHiddenLayers,
          "The number of hidden layers, all of them `width` wide; with `width` "
          "in place of hidden_layers.")));
  table.push_back(
      WithoutDefault(Int("width", 0, 1, kWidestHiddenLayer,
                         "The neurons of each of the `depth` hidden layers.")));
  table.push_back(WithoutDefault(
      {.name = "layers",
       .type = SettingType::kLayerList,
       .default_value = std::string(),
       .help = "For network cnn: its layers, each `conv HxWxCHANNELS [stride "
               "S] [same]`, `pool K [stride S]`, `avgpool K [stride S]`, "
               "`batch_norm`, `dropout RATE`, `flatten` or `dense WIDTH`; the "
               "one that computes the classes follows."}));
  table.push_back(Word("activation",
                       {"relu", "leaky_relu", "elu", "gelu", "swish", "tanh",
                        "sigmoid", "softplus"},
                       "relu", "The function that follows each hidden layer."));
  AddInitialization(table);
  table.push_back(OpenMax(
      Number("dropout", 0.0, 0.0, 1.0,
             "The chance with which each hidden neuron is left out of a "
             "training step; nothing is left out when measuring.")));
  table.push_back(Bool("batch_norm", false,
                       "Whether the sums in each hidden neuron are given the "
                       "mean 0 and the deviation 1 over a minibatch, then a "
                       "mean and a deviation that are trained."));
  table.push_back(Bool("residual", false,
                       "Whether each hidden layer that is as wide as the one "
                       "before it adds what it computes to its input."));
  table.push_back(Word(
      "precision", {"float", "bf16"}, "float",
      "What an mlp multiplies in training. bf16: factors rounded to 8 bits, on "
      "processors with AVX512-BF16, where wide layers are quicker; weights, "
      "sums and steps stay float, and so does all measuring."));
}

void AddLoss(std::vector<Setting>& table) {
  table.push_back(Word(
      "loss",
      {"auto", "cross_entropy", "mse", "mae", "huber", "binary_cross_entropy"},
      "auto",
      "What training lowers, a mean over the examples. auto: cross_entropy for "
      "classes, mse for numbers to predict. mse: squared errors; mae: absolute "
      "errors; huber: squared ones up to huber_delta, from there straight on; "
      "binary_cross_entropy: each output apart as a chance. For classes the "
      "last four compare with 1 for the right one and 0 for the others."));
  table.push_back(OpenMax(
      Number("label_smoothing", 0.0, 0.0, 1.0,
             "For cross_entropy in training: the share of a label that all "
             "classes get in equal parts.")));
  table.push_back(
      Number("huber_delta", 1.0, kSmallestGradient, kLargestSetting,
             "For huber: the error from which on it counts in a straight line, "
             "in deviations of the target where it is standardized. It is also "
             "the largest gradient by the output: with less than 1e-12 "
             "nothing would be learned."));
  table.push_back(
      Bool("standardize_targets", true,
           "For numbers to predict: whether the network learns them with mean "
           "0 and deviation 1 over the training examples. What is measured in "
           "units is in those of the data all the same. "
           "binary_cross_entropy takes them as they are."));
}

void AddOptimizer(std::vector<Setting>& table) {
  table.push_back(
      Word("optimizer",
           {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw",
            "adagrad", "adadelta", "amsgrad", "nadam", "lion", "lbfgs"},
           "adam",
           "The rule that turns gradients g into steps of the weights. lbfgs "
           "makes one step an epoch, with the gradient of all examples."));
  table.push_back(ByOptimizer(
      Number("learning_rate", 0.001, kSmallestFactor, kLargestSetting,
             "The size of a step, before the schedule; for lbfgs the step that "
             "its line search tries first."),
      {{"adagrad", 0.01}, {"adadelta", 1.0}, {"lion", 1e-4}, {"lbfgs", 1.0}}));
  table.push_back(OpenMax(
      Number("momentum", 0.9, 0.0, 1.0,
             "For momentum and nesterov: the share of the last step that the "
             "next one keeps, v = momentum v - learning_rate g.")));
  table.push_back(OpenMax(
      Number("rho", 0.9, 0.0, 1.0,
             "For rmsprop and adadelta: the share that the mean of g^2 keeps "
             "in a step.")));
  table.push_back(
      OpenMax(Number("beta1", 0.9, 0.0, 1.0,
                     "For adam and its kin and lion: the share that the mean "
                     "of g keeps in a step.")));
  table.push_back(ByOptimizer(
      OpenMax(Number("beta2", 0.999, 0.0, 1.0,
                     "For adam and its kin: the share that the mean of g^2 "
                     "keeps in a step; for lion that of g.")),
      {{"lion", 0.99}}));
  table.push_back(ByOptimizer(
      Number("epsilon", 1e-8, kSmallestFactor, 1.0,
             "For rmsprop, adagrad, adam and its kin: keeps the divisor above "
             "0, sqrt(mean of g^2) + epsilon; for adadelta it is inside both "
             "roots."),
      {{"adagrad", 1e-10}, {"adadelta", 1e-6}}));
  table.push_back(Bool("epsilon_inside_root", false,
                       "For rmsprop, adagrad, adam and its kin: divide by "
                       "sqrt(mean of g^2 + epsilon) instead."));
  table.push_back(Bool("bias_correction", true,
                       "For adam and its kin: divide the means by 1 - "
                       "beta^step, as they begin at 0."));
  table.push_back(Bool("centered", false,
                       "For rmsprop: divide by the root of the mean of g^2 "
                       "less the squared mean of g."));
  table.push_back(OpenMax(
      Number("rmsprop_momentum", 0.0, 0.0, 1.0,
             "For rmsprop: the share of the last step that the next one "
             "keeps.")));
  table.push_back(
      Int("lbfgs_history", 10, 1, 1000,
          "For lbfgs: how many steps it knows the curvature from."));
}

void AddRegularization(std::vector<Setting>& table) {
  table.push_back(Number("l1", 0.0, 0.0, kLargestSetting,
                         "Adds l1 |w| to the loss, for every weight w: g "
                         "becomes g + l1 sign(w)."));
  table.push_back(Number("l2", 0.0, 0.0, kLargestSetting,
                         "Adds l2 w^2 / 2 to the loss, for every weight w: g "
                         "becomes g + l2 w."));
  table.push_back(ByOptimizer(
      Number("weight_decay", 0.0, 0.0, kLargestSetting,
             "Shrinks every weight by the share learning_rate weight_decay in "
             "each step, beside what the optimizer makes of g."),
      {{"adamw", 0.01}}));
  table.push_back(
      OrZero(Number("clip_norm", 0.0, kSmallestGradient, kLargestSetting,
                    "Scales g to this length if it is longer; 0 never does. "
                    "With less than 1e-12 nothing would be learned.")));
  table.push_back(
      OrZero(Number("clip_value", 0.0, kSmallestGradient, kLargestSetting,
                    "Cuts each component of g to at most this size; 0 never "
                    "does. With less than 1e-12 nothing would be learned.")));
  table.push_back(OpenMax(
      Number("ema_decay", 0.0, 0.0, 1.0,
             "Measures and keeps a mean of the weights, and of batch_norm's "
             "running statistics, over the steps, in which a step's share "
             "shrinks by this factor with each step that follows; 0 takes the "
             "weights themselves.")));
}

void AddLearningRateSchedule(std::vector<Setting>& table) {
  table.push_back(Word(
      "schedule",
      {"constant", "step", "exponential", "inverse_time", "linear",
       "polynomial", "cosine", "one_cycle", "reduce_on_plateau"},
      "constant",
      "How the learning rate changes with the epochs t that are done, a part "
      "of one included. step: learning_rate decay_rate^floor(t / "
      "decay_epochs); exponential: learning_rate decay_rate^(t / "
      "decay_epochs); inverse_time: learning_rate / (1 + decay_rate t / "
      "decay_epochs); linear: in a straight line to final_learning_rate; "
      "polynomial: along (1 - t / decay_epochs)^decay_power; cosine: along "
      "half a cosine; one_cycle: up to learning_rate and down again; "
      "reduce_on_plateau: times decay_rate when validation_loss no longer "
      "falls."));
  table.push_back(OpenMin(
      Number("decay_rate", 0.5, 0.0, 1.0,
             "For step and exponential: what the learning rate is multiplied "
             "by every decay_epochs epochs, for reduce_on_plateau at each "
             "reduction; for inverse_time: its factor of t.")));
  table.push_back(WithoutDefault(
      Int("decay_epochs", 5, 1, 100'000,
          "For step, exponential and inverse_time: the epochs from one decay "
          "to the next, 5 if it is not set. For linear and polynomial: the "
          "epochs until final_learning_rate, all of them if it is not set.")));
  table.push_back(OpenMin(
      Number("decay_power", 2.0, 0.0, 100.0,
             "For polynomial: the power of what is left of the epochs; 1 is "
             "a straight line.")));
  table.push_back(
      Number("final_learning_rate", 0.0, 0.0, kLargestSetting,
             "For linear, polynomial, cosine and one_cycle: the learning rate "
             "at the end; for reduce_on_plateau: the least."));
  table.push_back(
      Int("restart_epochs", 0, 0, 100'000,
          "For cosine: begin again at learning_rate after so many epochs; 0 "
          "is never."));
  table.push_back(
      Int("restart_factor", 1, 1, 100,
          "For cosine with restarts: how many times as long as the last one "
          "each next period is."));
  table.push_back(
      Number("cycle_rise", 0.3, 0.0, 1.0,
             "For one_cycle: the share of the steps in which the learning rate "
             "rises and the momentum falls."));
  table.push_back(
      Number("cycle_divisor", 25.0, 1.0, kLargestSetting,
             "For one_cycle: training begins at learning_rate divided by it."));
  table.push_back(
      Int("plateau_patience", 10, 0, 100'000,
          "For reduce_on_plateau: how many epochs in a row may bring no lower "
          "validation_loss; after one more the learning rate is reduced."));
  table.push_back(OpenMax(
      Number("plateau_threshold", 1e-4, 0.0, 1.0,
             "For reduce_on_plateau: the share of the best validation_loss by "
             "which a lower one counts.")));
  table.push_back(
      Int("plateau_cooldown", 0, 0, 100'000,
          "For reduce_on_plateau: the epochs after a reduction that do not "
          "count as bad."));
  table.push_back(
      Number("warmup_epochs", 0.0, 0.0, 100'000,
             "The epochs, or the part of one, in which the learning rate first "
             "rises from near 0 in a straight line; the schedule follows."));
}

void AddMomentumSchedule(std::vector<Setting>& table) {
  table.push_back(Word(
      "momentum_schedule", {"constant", "linear", "one_cycle"}, "constant",
      "How the momentum changes. linear: from initial_momentum in a straight "
      "line to `momentum`, which it keeps; one_cycle: from `momentum` down to "
      "cycle_momentum and back, against the learning rate's cycle."));
  table.push_back(OpenMax(Number("initial_momentum", 0.5, 0.0, 1.0,
                                 "For momentum_schedule linear: the momentum "
                                 "of the first step.")));
  table.push_back(
      Int("momentum_epochs", 5, 1, 100'000,
          "For momentum_schedule linear: the epochs until `momentum`."));
  table.push_back(
      OpenMax(Number("cycle_momentum", 0.85, 0.0, 1.0,
                     "For momentum_schedule one_cycle: the momentum where the "
                     "learning rate is highest.")));
}

void AddSchedule(std::vector<Setting>& table) {
  AddLearningRateSchedule(table);
  AddMomentumSchedule(table);
  table.push_back({.name = "batch_size",
                   .type = SettingType::kBatch,
                   .default_value = int64_t{64},
                   .optimizer_defaults = {{"lbfgs", std::string("full")}},
                   .min = 1,
                   .max = kLargestSetting,
                   .help = "The examples whose mean gradient makes one step; "
                           "`full` is the whole training set."});
  table.push_back(Int("epochs", 10, 1, 100'000,
                      "How often the whole training set is gone through; the "
                      "metrics are measured after each."));
  table.push_back(Fixed(WithoutDefault(
      Int("report_every_steps", 0, 1, 1'000'000'000,
          "Report the training also after every so many steps, that is "
          "minibatches, within an epoch. The steps of all measurements then "
          "count minibatches, not epochs, and their metric `epoch` the epochs, "
          "a part of one included."))));
  table.push_back(
      Int("early_stopping_patience", 0, 0, 100'000,
          "End the training after so many epochs in a row without a lower "
          "validation_loss; 0 is never."));
  table.push_back(
      Number("early_stopping_delta", 0.0, 0.0, kLargestSetting,
             "For early_stopping_patience: by how much a validation_loss must "
             "be lower to count."));
}

void AddKeeping(std::vector<Setting>& table) {
  table.push_back(Fixed(Word(
      "keep_weights", {"best", "last", "none"}, "best",
      "Which weights a trial keeps as its model, where the worker has a folder "
      "for artifacts: those of its best epoch, by the study's objective, or of "
      "its last one.")));
  table.push_back(
      Fixed(Int("keep_models", 3, 1, 1'000'000,
                "Of how many of the study's best trials the models stay.")));
}

}  // namespace

absl::Span<const Setting> NetworkSettings() {
  static const auto* const table = [] {
    auto* rows = new std::vector<Setting>;
    AddData(*rows);
    AddStructure(*rows);
    AddLoss(*rows);
    AddOptimizer(*rows);
    AddRegularization(*rows);
    AddSchedule(*rows);
    AddKeeping(*rows);
    return rows;
  }();
  return *table;
}

const Setting* FindNetworkSetting(absl::string_view name) {
  const absl::Span<const Setting> table = NetworkSettings();
  const auto found =
      std::find_if(table.begin(), table.end(),
                   [name](const Setting& s) { return s.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace attune
