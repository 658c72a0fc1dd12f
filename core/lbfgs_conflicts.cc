#include "core/lbfgs_conflicts.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/layer_list.h"
#include "core/network_settings.h"

namespace attune {
namespace {

bool IsLbfgs(const ParameterValue& value) {
  return value == ParameterValue(std::string("lbfgs"));
}

bool IsFull(const ParameterValue& value) {
  return value == ParameterValue(std::string("full"));
}
bool IsZero(const ParameterValue& value) { return AsDouble(value) == 0.0; }
bool IsFalse(const ParameterValue& value) {
  return value == ParameterValue(false);
}
// What is no list of layers is reported as that.
bool IsWithoutChance(const ParameterValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return true;
  const absl::StatusOr<std::vector<LayerItem>> items = ParseLayerList(*text);
  return !items.ok() ||
         std::none_of(items->begin(), items->end(), [](const LayerItem& item) {
           return std::holds_alternative<DropoutLayer>(item) ||
                  std::holds_alternative<BatchNormLayer>(item);
         });
}

bool IsFloat(const ParameterValue& value) {
  return value == ParameterValue(std::string("float"));
}

struct Need {
  absl::string_view setting;
  bool (*fits)(const ParameterValue& value);
  absl::string_view expected;
};
constexpr Need kNeeds[] = {
    {"batch_size", IsFull, "`full`"},
    {"dropout", IsZero, "0"},
    {"batch_norm", IsFalse, "false"},
    {"layers", IsWithoutChance, "neither dropout nor batch_norm"},
    {"precision", IsFloat, "`float`"},
    {"shift", IsZero, "0"},
    {"flip", IsZero, "0"},
    {"l1", IsZero, "0"},
    {"weight_decay", IsZero, "0"},
    {"clip_norm", IsZero, "0"},
    {"clip_value", IsZero, "0"},
};

class LbfgsCheck {
 public:
  LbfgsCheck(const Parameters& settings, const SearchSpace& space,
             std::vector<Violation>& violations)
      : settings_(settings), space_(space), violations_(violations) {}

  void Run() {
    if (!CanBeLbfgs()) return;
    for (const Need& need : kNeeds) Check(need);
  }

 private:
  bool CanBeLbfgs() const {
    const ParameterSpec* optimizer = FindParameter(space_, "optimizer");
    if (optimizer != nullptr) {
      const auto* choice = std::get_if<Choice>(&optimizer->domain);
      return choice != nullptr &&
             std::any_of(choice->values.begin(), choice->values.end(), IsLbfgs);
    }
    const std::optional<ParameterValue> given = settings_.Find("optimizer");
    return given.has_value() && IsLbfgs(*given);
  }

  // False if its conditions are for other optimizers only.
  bool ExistsWithLbfgs(const ParameterSpec& parameter) const {
    if (!parameter.when.has_value()) return true;
    if (parameter.when->parameter == "optimizer") {
      const std::vector<ParameterValue>& values = parameter.when->any_of;
      return std::any_of(values.begin(), values.end(), IsLbfgs);
    }
    const ParameterSpec* above =
        FindParameter(space_, parameter.when->parameter);
    // A parameter that stands after its condition is another violation.
    return above == nullptr || above >= &parameter || ExistsWithLbfgs(*above);
  }

  static bool AllFit(const ParameterSpec& parameter, const Need& need) {
    const auto* choice = std::get_if<Choice>(&parameter.domain);
    return choice != nullptr &&
           std::all_of(choice->values.begin(), choice->values.end(), need.fits);
  }

  void Check(const Need& need) {
    const ParameterSpec* parameter = FindParameter(space_, need.setting);
    if (parameter != nullptr && ExistsWithLbfgs(*parameter)) {
      // Forbidden combinations may leave out all that do not fit; if not, the
      // trial is refused.
      if (!space_.forbidden.empty() || AllFit(*parameter, need)) return;
      Add("parameters.", need, "other values");
      return;
    }
    const std::optional<ParameterValue> given = settings_.Find(need.setting);
    if (!given.has_value() || need.fits(*given)) return;
    Add("train.", need, absl::StrCat("`", ToString(*given), "`"));
  }

  void Add(absl::string_view prefix, const Need& need,
           absl::string_view found) {
    violations_.push_back(
        {.field = absl::StrCat(prefix, need.setting),
         .description = absl::StrCat(
             "found ", found, " where `optimizer` ",
             FindParameter(space_, "optimizer") == nullptr ? "is" : "can be",
             " lbfgs, expected ", need.expected,
             ": it needs the same smooth loss in every step")});
  }

  const Parameters& settings_;
  const SearchSpace& space_;
  std::vector<Violation>& violations_;
};

}  // namespace

void CheckLbfgs(const Parameters& settings, const SearchSpace& space,
                std::vector<Violation>& violations) {
  LbfgsCheck(settings, space, violations).Run();
}

}  // namespace attune
