#ifndef ATTUNE_CORE_SETTING_H_
#define ATTUNE_CORE_SETTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/search_space.h"

namespace attune {

enum class SettingType {
  kNumber,  // a double; integers are accepted and widened
  kInt,
  kBool,
  kWord,     // one of `words`
  kText,     // any text, e.g. a path
  kDataset,  // core/dataset_name.h
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

// One row of a table of what can be set: in a network study, or for a search
// algorithm or stopping rule.
struct Setting {
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

// Rows of such a table, and what is said of one beside its range.
namespace setting {
Setting Number(absl::string_view name, double default_value, double min,
               double max, absl::string_view help);
Setting Int(absl::string_view name, int64_t default_value, int64_t min,
            int64_t max, absl::string_view help);
Setting Bool(absl::string_view name, bool default_value,
             absl::string_view help);
Setting Word(absl::string_view name, std::vector<absl::string_view> words,
             absl::string_view default_value, absl::string_view help);
Setting OpenMin(Setting setting);
Setting OpenMax(Setting setting);
Setting OrZero(Setting setting);
}  // namespace setting

// What `setting` is in a trial with this optimizer that does not set it.
const ParameterValue& DefaultValue(const Setting& setting,
                                   absl::string_view optimizer);

// For people, what a value of `setting` must be: `an integer from 1 to 100000`.
std::string ExpectedValue(const Setting& setting);

// Why `value` is not legal for `setting`; nullopt if it is.
std::optional<std::string> CheckSetting(const Setting& setting,
                                        const ParameterValue& value);

// The widths that a kLayers text names; nullopt if it is not such a text.
std::optional<std::vector<int64_t>> ParseLayers(absl::string_view text);

// The weights that a kWeights text lists; nullopt if it is not such a list.
std::optional<std::vector<double>> ParseWeights(absl::string_view text);

}  // namespace attune

#endif  // ATTUNE_CORE_SETTING_H_
