#ifndef ATTUNE_CORE_RULE_H_
#define ATTUNE_CORE_RULE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/error.h"
#include "core/search_space.h"
#include "core/setting.h"

namespace attune {

// A search algorithm or a stopping rule, as a study names it, and all that it
// can be told. What it does stands in server/search or server/stopping.
struct Rule {
  absl::string_view name;
  absl::string_view help;
  std::vector<Setting> settings;
  // Whether a study may say which metric it goes by, in place of the first
  // objective.
  bool takes_metric = false;
};

// The whole tables, in the order in which they are printed. The first is what a
// study has that names none.
absl::Span<const Rule> SearchRules();
absl::Span<const Rule> StoppingRules();

// nullptr if there is none of that name.
const Rule* FindRule(absl::Span<const Rule> rules, absl::string_view name);

// Everything that is wrong with a name and settings. Fields are named as in the
// study file, `algorithm.tpe.startup_trials`, where `field` is `algorithm`.
std::vector<Violation> ValidateRule(absl::Span<const Rule> rules,
                                    absl::string_view name,
                                    const Parameters& settings,
                                    absl::string_view field);

// The settings that a study gives to a rule, and for all others the defaults.
class RuleSettings {
 public:
  // REQUIRES: ValidateRule() finds nothing wrong. `rule` must outlive this.
  RuleSettings(const Rule& rule, Parameters given);

  // REQUIRES: the rule has a setting of that name and type.
  double Number(absl::string_view name) const;
  int64_t Int(absl::string_view name) const;
  bool Bool(absl::string_view name) const;
  std::string Word(absl::string_view name) const;

 private:
  ParameterValue Value(absl::string_view name) const;

  const Rule& rule_;
  const Parameters given_;
};

}  // namespace attune

#endif  // ATTUNE_CORE_RULE_H_
