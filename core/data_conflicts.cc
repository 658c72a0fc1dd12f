#include "core/data_conflicts.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/dataset_name.h"
#include "core/network_settings.h"
#include "core/overloaded.h"

namespace attune {
namespace {

bool IsTable(DatasetKind kind) { return kind == DatasetKind::kTable; }

// A setting that counts for some datasets only.
struct Only {
  absl::string_view setting;
  bool (*counts)(DatasetKind kind);
  absl::string_view where;
};
constexpr Only kOnly[] = {
    {"target_column", IsTable, "a .csv file"},
    {"task", IsTable, "a .csv file"},
    {"categorical", IsTable, "a .csv file"},
    {"missing", IsTable, "a .csv file"},
    {"samples", IsSynthetic, "a dataset that is made up"},
    {"noise", IsSynthetic, "a dataset that is made up"},
    {"shift", HasImages, "a dataset of images"},
    {"flip", HasImages, "a dataset of images"},
};

class DataCheck {
 public:
  DataCheck(const Parameters& settings, const SearchSpace& space,
            std::vector<Violation>& violations)
      : settings_(settings), space_(space), violations_(violations) {}

  void Run() {
    const ParameterValue& dataset = Setting("dataset");
    const auto* name = std::get_if<std::string>(&dataset);
    if (name != nullptr) {
      if (const auto kind = KindOfDataset(*name)) CheckKind(*name, *kind);
    }
    CheckFolds();
  }

 private:
  // The value that trials have which do not tune it.
  const ParameterValue& Setting(absl::string_view name) const {
    const auto found = settings_.find(std::string(name));
    if (found != settings_.end()) return found->second;
    const NetworkSetting* const setting = FindNetworkSetting(name);
    ATTUNE_CHECK(setting != nullptr);
    return setting->default_value;
  }
  const ParameterSpec* Tuned(absl::string_view name) const {
    const auto found =
        std::find_if(space_.parameters.begin(), space_.parameters.end(),
                     [name](const ParameterSpec& p) { return p.name == name; });
    return found == space_.parameters.end() ? nullptr : &*found;
  }
  bool Has(absl::string_view name) const {
    return settings_.count(std::string(name)) != 0 || Tuned(name) != nullptr;
  }

  void Add(absl::string_view name, std::string description) {
    violations_.push_back(
        {.field = absl::StrCat(
             Tuned(name) != nullptr ? "parameters." : "train.", name),
         .description = std::move(description)});
  }

  void CheckKind(const std::string& dataset, DatasetKind kind) {
    for (const Only& only : kOnly) {
      if (!Has(only.setting) || only.counts(kind)) continue;
      Add(only.setting,
          absl::StrCat("found `", only.setting, "` where `dataset` is ",
                       dataset, ", expected it only for ", only.where));
    }
    const bool regression =
        kind == DatasetKind::kRegression ||
        (IsTable(kind) &&
         Setting("task") == ParameterValue(std::string("regression")));
    if (regression && Has("class_weights")) {
      Add("class_weights",
          "found `class_weights` where the target is a number, expected them "
          "only where there are classes");
    }
  }

  // The largest value of a parameter or, if it is not tuned, setting; 0 if it
  // is none.
  int64_t Largest(absl::string_view name) const {
    const auto as_int = [](const ParameterValue& value) {
      const auto* number = std::get_if<int64_t>(&value);
      return number == nullptr ? 0 : *number;
    };
    const ParameterSpec* const tuned = Tuned(name);
    if (tuned == nullptr) return as_int(Setting(name));
    return std::visit(
        Overloaded{[](const DoubleRange&) { return int64_t{0}; },
                   [](const IntRange& range) { return range.max; },
                   [&](const auto& listed) {
                     int64_t largest = 0;
                     for (const ParameterValue& value : listed.values) {
                       largest = std::max(largest, as_int(value));
                     }
                     return largest;
                   }},
        tuned->domain);
  }

  void CheckFolds() {
    if (Has("folds") && Has("validation_fraction")) {
      Add("validation_fraction",
          "found `validation_fraction` beside `folds`, expected one of them");
    }
    if (!Has("fold")) return;
    if (!Has("folds")) {
      Add("fold", "found `fold` without `folds`, expected both");
    } else if (Largest("fold") >= Largest("folds")) {
      Add("fold", absl::StrCat("found the fold ", Largest("fold"),
                               ", expected one below `folds`, which is ",
                               Largest("folds")));
    }
  }

  const Parameters& settings_;
  const SearchSpace& space_;
  std::vector<Violation>& violations_;
};

}  // namespace

void CheckDataConflicts(const Parameters& settings, const SearchSpace& space,
                        std::vector<Violation>& violations) {
  DataCheck(settings, space, violations).Run();
}

}  // namespace attune
