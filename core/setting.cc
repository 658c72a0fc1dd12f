#include "core/setting.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/check.h"
#include "core/dataset_name.h"
#include "core/error.h"
#include "core/layer_list.h"

namespace attune {
namespace {

std::string Found(const ParameterValue& value) {
  constexpr absl::string_view kTypes[] = {"the number", "the integer",
                                          "the text", "the truth value"};
  return absl::StrCat("found ", kTypes[value.index()], " `", ToString(value),
                      "`");
}

bool InRange(const Setting& setting, double number) {
  if (setting.or_zero && number == 0.0) return true;
  return (setting.min_open ? number > setting.min : number >= setting.min) &&
         (setting.max_open ? number < setting.max : number <= setting.max);
}

std::optional<std::string> CheckInteger(const Setting& setting,
                                        const ParameterValue& value) {
  const auto* integer = std::get_if<int64_t>(&value);
  if (integer != nullptr && InRange(setting, static_cast<double>(*integer))) {
    return std::nullopt;
  }
  return absl::StrCat(
      Found(value), ", expected ", ExpectedValue(setting),
      std::holds_alternative<double>(value) ? ", written without a point" : "");
}

std::optional<std::string> CheckText(const Setting& setting,
                                     const ParameterValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || text->empty()) {
    return absl::StrCat(Found(value), ", expected a text",
                        text == nullptr ? "" : " that is not empty");
  }
  if (static_cast<int64_t>(text->size()) > kMaxTextLength) {
    return absl::StrCat("found a text of ", text->size(),
                        " bytes, expected at most ", kMaxTextLength);
  }
  if (setting.type == SettingType::kDataset &&
      !KindOfDataset(*text).has_value()) {
    return absl::StrCat(Found(value), ", expected ", ExpectedValue(setting));
  }
  return std::nullopt;
}

std::optional<std::string> CheckWord(const Setting& setting,
                                     const ParameterValue& value) {
  const auto* word = std::get_if<std::string>(&value);
  if (word != nullptr && std::find(setting.words.begin(), setting.words.end(),
                                   *word) != setting.words.end()) {
    return std::nullopt;
  }
  const std::string nearest =
      word == nullptr
          ? ""
          : NearestName(*word, {setting.words.begin(), setting.words.end()});
  return absl::StrCat(
      Found(value), ", expected ", ExpectedValue(setting),
      nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"));
}

std::optional<std::string> CheckNumber(const Setting& setting,
                                       const ParameterValue& value) {
  const std::optional<double> number = AsDouble(value);
  if (number.has_value() && InRange(setting, *number)) return std::nullopt;
  return absl::StrCat(Found(value), ", expected ", ExpectedValue(setting));
}

std::optional<std::string> CheckLayers(const Setting& setting,
                                       const ParameterValue& value) {
  if (std::holds_alternative<int64_t>(value)) {
    if (InRange(setting, *AsDouble(value))) return std::nullopt;
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    if (ParseLayers(*text).has_value()) return std::nullopt;
  }
  return absl::StrCat(Found(value), ", expected ", ExpectedValue(setting));
}

std::optional<std::string> CheckLayerList(const Setting& setting,
                                          const ParameterValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) {
    return absl::StrCat(Found(value), ", expected ", ExpectedValue(setting));
  }
  const auto layers = ParseLayerList(*text);
  if (layers.ok()) return std::nullopt;
  return absl::StrJoin(Violations(layers.status()), "; ",
                       [](std::string* out, const Violation& violation) {
                         absl::StrAppend(out, violation.field,
                                         violation.field.empty() ? "" : ": ",
                                         violation.description);
                       });
}

std::optional<std::string> CheckBatch(const Setting& setting,
                                      const ParameterValue& value) {
  if (value == ParameterValue(std::string("full"))) return std::nullopt;
  return CheckInteger(setting, value);
}

std::optional<std::string> CheckList(const Setting& setting,
                                     const ParameterValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && (setting.type == SettingType::kNames
                              ? !text->empty()
                              : *text == "none" || *text == "balanced" ||
                                    ParseWeights(*text).has_value())) {
    return std::nullopt;
  }
  return absl::StrCat(Found(value), ", expected ", ExpectedValue(setting));
}

}  // namespace

namespace setting {

Setting Number(absl::string_view name, double default_value, double min,
               double max, absl::string_view help) {
  return {.name = name,
          .type = SettingType::kNumber,
          .default_value = default_value,
          .min = min,
          .max = max,
          .help = help};
}

Setting Int(absl::string_view name, int64_t default_value, int64_t min,
            int64_t max, absl::string_view help) {
  return {.name = name,
          .type = SettingType::kInt,
          .default_value = default_value,
          .min = static_cast<double>(min),
          .max = static_cast<double>(max),
          .help = help};
}

Setting Bool(absl::string_view name, bool default_value,
             absl::string_view help) {
  return {.name = name,
          .type = SettingType::kBool,
          .default_value = default_value,
          .help = help};
}

Setting Word(absl::string_view name, std::vector<absl::string_view> words,
             absl::string_view default_value, absl::string_view help) {
  return {.name = name,
          .type = SettingType::kWord,
          .default_value = std::string(default_value),
          .words = std::move(words),
          .help = help};
}

Setting OpenMin(Setting setting) {
  setting.min_open = true;
  return setting;
}

Setting OpenMax(Setting setting) {
  setting.max_open = true;
  return setting;
}

Setting OrZero(Setting setting) {
  setting.or_zero = true;
  return setting;
}

}  // namespace setting

const ParameterValue& DefaultValue(const Setting& setting,
                                   absl::string_view optimizer) {
  for (const OptimizerDefault& one : setting.optimizer_defaults) {
    if (one.optimizer == optimizer) return one.value;
  }
  return setting.default_value;
}

std::string ExpectedValue(const Setting& setting) {
  const auto bound = [&setting](double number) {
    return setting.type == SettingType::kNumber
               ? ToString(ParameterValue(number))
               : absl::StrCat(static_cast<int64_t>(number));
  };
  switch (setting.type) {
    case SettingType::kNumber:
      return absl::StrCat(setting.or_zero ? "0 or " : "", "a number ",
                          setting.min_open ? "above " : "of at least ",
                          bound(setting.min), " and ",
                          setting.max_open ? "below " : "of at most ",
                          bound(setting.max));
    case SettingType::kInt:
      return absl::StrCat("an integer from ", bound(setting.min), " to ",
                          bound(setting.max));
    case SettingType::kBool:
      return "true or false";
    case SettingType::kWord:
      return absl::StrCat("one of ", absl::StrJoin(setting.words, ", "));
    case SettingType::kText:
      return "a text";
    case SettingType::kDataset:
      return ExpectedDataset();
    case SettingType::kLayers:
      return absl::StrCat("the widths of up to ", kMostHiddenLayers,
                          " layers, each from 1 to ", kWidestHiddenLayer,
                          ", as in `256,128`");
    case SettingType::kLayerList:
      return "a list of layers, as in [conv 5x5x6, pool 2, dense 120]";
    case SettingType::kBatch:
      return absl::StrCat("an integer from ", bound(setting.min), " to ",
                          bound(setting.max), ", or `full`");
    case SettingType::kNames:
      return "names of columns, as in `color,origin`";
    case SettingType::kWeights:
      return absl::StrCat(
          "`none`, `balanced`, or a number above 0 and of at most ",
          ToString(ParameterValue(kLargestSetting)),
          " for each class, as in `1,2.5`");
  }
  return "";
}

std::optional<std::string> CheckSetting(const Setting& setting,
                                        const ParameterValue& value) {
  switch (setting.type) {
    case SettingType::kNumber:
      return CheckNumber(setting, value);
    case SettingType::kInt:
      return CheckInteger(setting, value);
    case SettingType::kBool:
      if (std::holds_alternative<bool>(value)) return std::nullopt;
      return absl::StrCat(Found(value), ", expected ", ExpectedValue(setting));
    case SettingType::kWord:
      return CheckWord(setting, value);
    case SettingType::kText:
    case SettingType::kDataset:
      return CheckText(setting, value);
    case SettingType::kLayers:
      return CheckLayers(setting, value);
    case SettingType::kLayerList:
      return CheckLayerList(setting, value);
    case SettingType::kBatch:
      return CheckBatch(setting, value);
    case SettingType::kNames:
    case SettingType::kWeights:
      return CheckList(setting, value);
  }
  ATTUNE_CHECK(false && "every type of setting has its case");
  return std::nullopt;
}

std::optional<std::vector<int64_t>> ParseLayers(absl::string_view text) {
  std::vector<int64_t> layers;
  if (text.empty()) return layers;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int64_t width = 0;
    if (!absl::SimpleAtoi(part, &width) || width < 1 ||
        width > kWidestHiddenLayer) {
      return std::nullopt;
    }
    layers.push_back(width);
  }
  if (static_cast<int64_t>(layers.size()) > kMostHiddenLayers)
    return std::nullopt;
  return layers;
}

std::optional<std::vector<double>> ParseWeights(absl::string_view text) {
  std::vector<double> weights;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    double weight = 0.0;
    if (!absl::SimpleAtod(part, &weight) || !(weight > 0.0) ||
        weight > kLargestSetting) {
      return std::nullopt;
    }
    weights.push_back(weight);
  }
  return weights;
}

}  // namespace attune
