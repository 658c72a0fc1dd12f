#include "client/study_summary.h"

#include <algorithm>
#include <limits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/network_settings.h"
#include "core/overloaded.h"
#include "core/rule.h"

namespace attune {
namespace {

constexpr int64_t kMostInt = std::numeric_limits<int64_t>::max();

int64_t SaturatingProduct(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  return a > kMostInt / b ? kMostInt : a * b;
}

std::string CountText(int64_t count) {
  return count == kMostInt ? absl::StrCat("more than ", kMostInt - 1)
                           : absl::StrCat(count);
}

std::string ScaleText(Scale scale) {
  return scale == Scale::kLinear ? "" : absl::StrCat(", ", ToString(scale));
}

// With all its digits; otherwise as ShortValue().
std::string ValueText(const ParameterValue& value) {
  const std::string text = ToString(value);
  return text.empty() ? ShortValue(value) : Printable(text);
}

std::string SettingsText(const Parameters& settings) {
  return absl::StrJoin(settings, " ",
                       [](std::string* out, const auto& setting) {
                         absl::StrAppend(out, Printable(setting.first), "=",
                                         ValueText(setting.second));
                       });
}

std::string ListText(const std::vector<ParameterValue>& values) {
  constexpr size_t kShown = 12;
  std::vector<std::string> texts;
  for (const ParameterValue& value : values) {
    if (texts.size() == kShown) {
      texts.emplace_back("...");
      break;
    }
    texts.push_back(ValueText(value));
  }
  return absl::StrJoin(texts, " | ");
}

template <typename Range>
std::string RangeText(const Range& range, absl::string_view kind) {
  std::string text =
      absl::StrCat(kind, " ", ToString(ParameterValue(range.min)), " ... ",
                   ToString(ParameterValue(range.max)), ScaleText(range.scale));
  if (range.points.has_value()) {
    absl::StrAppend(&text, ", ", *range.points, " points");
  }
  return text;
}

std::string DomainText(const Domain& domain) {
  return std::visit(
      Overloaded{[](const DoubleRange& range) {
                   std::string text = RangeText(range, "number");
                   if (range.step.has_value()) {
                     absl::StrAppend(&text, ", step ",
                                     ToString(ParameterValue(*range.step)));
                   }
                   return text;
                 },
                 [](const IntRange& range) {
                   std::string text = RangeText(range, "integer");
                   if (range.step != 1)
                     absl::StrAppend(&text, ", step ", range.step);
                   return text;
                 },
                 [](const Discrete& discrete) {
                   return absl::StrCat(ListText(discrete.values), ", ordered");
                 },
                 [](const Choice& choice) { return ListText(choice.values); }},
      domain);
}

// `median min_trials=5 warmup_steps=2`: what it has by default is said too.
std::string RuleText(absl::Span<const Rule> rules, const std::string& name,
                     const Parameters& given) {
  const Rule* const rule = FindRule(rules, name);
  Parameters settings = given;
  if (rule != nullptr) {
    for (const Setting& setting : rule->settings) {
      if (!settings.contains(setting.name)) {
        settings.Set(setting.name, setting.default_value);
      }
    }
  }
  return settings.empty() ? name
                          : absl::StrCat(name, " ", SettingsText(settings));
}

std::string StoppingText(const Stopping& stopping) {
  return absl::StrCat(
      RuleText(StoppingRules(), stopping.name, stopping.settings),
      stopping.metric.has_value()
          ? absl::StrCat(", by ", stopping.metric->metric)
          : "");
}

std::string TaskText(const Task& task) {
  return std::visit(
      Overloaded{[](const std::monostate&) {
                   return std::string("programs of your own");
                 },
                 [](const NetworkTask& network) {
                   return absl::StrCat("train a network: ",
                                       SettingsText(network.settings));
                 },
                 [](const FunctionTask& function) {
                   return absl::StrCat("the function ", function.name);
                 }},
      task);
}

std::optional<int64_t> PointsOf(const Domain& domain) {
  const auto points = std::visit(
      Overloaded{[](const DoubleRange& range) { return range.points; },
                 [](const IntRange& range) { return range.points; },
                 [](const auto&) { return std::optional<int64_t>(); }},
      domain);
  const std::optional<int64_t> all = Cardinality(domain);
  if (points.has_value() && all.has_value()) return std::min(*points, *all);
  return points.has_value() ? points : all;
}

}  // namespace

std::string BudgetText(const Budget& budget) {
  std::vector<std::string> parts;
  if (budget.max_trials.has_value()) {
    parts.push_back(absl::StrCat(*budget.max_trials, " trials"));
  }
  if (budget.max_parallel.has_value()) {
    parts.push_back(absl::StrCat(*budget.max_parallel, " at a time"));
  }
  if (budget.max_duration.has_value()) {
    parts.push_back(absl::FormatDuration(*budget.max_duration));
  }
  if (budget.max_failed.has_value()) {
    parts.push_back(
        absl::StrCat("paused after ", *budget.max_failed, " failed trials"));
  }
  return parts.empty() ? "no limit" : absl::StrJoin(parts, ", ");
}

std::vector<SummaryLine> AttributeLines(const Attributes& attributes) {
  std::vector<SummaryLine> lines;
  for (const auto& [name, text] : attributes) {
    lines.push_back({"attribute", absl::StrCat(name, ": ", Printable(text))});
  }
  return lines;
}

std::vector<SummaryLine> SpecLines(const StudySpec& spec) {
  std::vector<SummaryLine> lines;
  for (const Objective& objective : spec.objectives) {
    lines.push_back({"objective", absl::StrCat(ToString(objective.goal), " ",
                                               objective.metric)});
  }
  const bool has_search = HasSearch(spec);
  lines.push_back(
      {"algorithm",
       has_search ? absl::StrCat(RuleText(SearchRules(), spec.algorithm.name,
                                          spec.algorithm.settings),
                                 ", seed ", spec.seed)
                  : "none: whoever creates a trial brings its parameters"});
  lines.push_back({"stopping", StoppingText(spec.stopping)});
  lines.push_back({"budget", BudgetText(spec.budget)});
  lines.push_back({"trial", TaskText(spec.task)});
  for (const ParameterSpec& parameter : spec.space.parameters) {
    std::string text = DomainText(parameter.domain);
    if (parameter.when.has_value()) {
      absl::StrAppend(&text, "  (when ", parameter.when->parameter, " is ",
                      ListText(parameter.when->any_of), ")");
    }
    lines.push_back({absl::StrCat("  ", parameter.name), std::move(text)});
  }
  if (!spec.space.forbidden.empty()) {
    lines.push_back({"forbidden", absl::StrCat(spec.space.forbidden.size(),
                                               " combinations")});
  }
  return lines;
}

std::string FormatLines(const std::vector<SummaryLine>& lines,
                        const Paper& paper) {
  std::vector<SummaryLine> clean;
  int widest = 0;
  for (const SummaryLine& line : lines) {
    std::string label = Printable(line.label);
    if (paper.width.has_value()) label = Shortened(label, kLongestName);
    widest = std::max(widest, Width(label));
    clean.push_back({std::move(label), Printable(line.text)});
  }
  std::string text;
  // Nothing is broken on paper that is too narrow for that.
  constexpr int kNarrowest = 20;
  const int left = widest + 2;
  const int width = paper.width.value_or(0) - left;
  for (const SummaryLine& line : clean) {
    const std::vector<std::string> parts =
        width >= kNarrowest ? Wrapped(line.text, width)
                            : std::vector<std::string>{line.text};
    absl::StrAppend(
        &text, Styled(line.label, Style::kBold, paper.color),
        std::string(static_cast<size_t>(left - Width(line.label)), ' '),
        absl::StrJoin(
            parts,
            absl::StrCat("\n", std::string(static_cast<size_t>(left), ' '))),
        "\n");
  }
  return text;
}

std::optional<int64_t> GridPoints(const SearchSpace& space) {
  int64_t product = 1;
  for (const ParameterSpec& parameter : space.parameters) {
    const std::optional<int64_t> points = PointsOf(parameter.domain);
    if (!points.has_value()) return std::nullopt;
    product = SaturatingProduct(product, *points);
  }
  return product;
}

std::optional<int64_t> MostTrials(const StudySpec& spec) {
  if (!HasSearch(spec)) return spec.budget.max_trials;
  const std::optional<int64_t> points = spec.algorithm.name == "grid"
                                            ? GridPoints(spec.space)
                                            : ProductCardinality(spec.space);
  if (!points.has_value()) return spec.budget.max_trials;
  return spec.budget.max_trials.has_value()
             ? std::min(*points, *spec.budget.max_trials)
             : *points;
}

std::optional<int64_t> MostEpochs(const StudySpec& spec) {
  const auto* task = std::get_if<NetworkTask>(&spec.task);
  if (task == nullptr) return std::nullopt;
  for (const ParameterSpec& parameter : spec.space.parameters) {
    if (parameter.name != "epochs") continue;
    if (const auto* range = std::get_if<IntRange>(&parameter.domain)) {
      return range->max;
    }
    std::vector<ParameterValue> values;
    if (const auto* choice = std::get_if<Choice>(&parameter.domain)) {
      values = choice->values;
    } else if (const auto* discrete =
                   std::get_if<Discrete>(&parameter.domain)) {
      values = discrete->values;
    }
    int64_t most = 0;
    for (const ParameterValue& value : values) {
      if (const auto* epochs = std::get_if<int64_t>(&value)) {
        most = std::max(most, *epochs);
      }
    }
    return most > 0 ? std::optional<int64_t>(most) : std::nullopt;
  }
  const auto config = ResolveNetworkConfig(task->settings, {});
  return config.ok() ? std::optional<int64_t>(config->epochs) : std::nullopt;
}

namespace {

// How many points there are.
std::vector<SummaryLine> SpaceLines(const StudySpec& spec) {
  std::vector<SummaryLine> lines;
  const std::optional<int64_t> size = ProductCardinality(spec.space);
  const bool has_holes =
      !spec.space.forbidden.empty() ||
      std::any_of(spec.space.parameters.begin(), spec.space.parameters.end(),
                  [](const ParameterSpec& p) { return p.when.has_value(); });
  const absl::string_view at_most =
      has_holes ? " at the most; conditions and forbidden ones leave fewer"
                : "";
  lines.push_back({"space", size.has_value() ? absl::StrCat(CountText(*size),
                                                            " points", at_most)
                                             : "continuous"});
  if (spec.algorithm.name == "grid") {
    const std::optional<int64_t> points = GridPoints(spec.space);
    lines.push_back(
        {"grid", points.has_value()
                     ? absl::StrCat(CountText(*points), " points", at_most)
                     : "has parameters without `points`"});
  }
  return lines;
}

}  // namespace

std::vector<SummaryLine> CostLines(const StudySpec& spec) {
  std::vector<SummaryLine> lines;
  if (HasSearch(spec)) lines = SpaceLines(spec);
  const std::optional<int64_t> trials = MostTrials(spec);
  const std::optional<int64_t> epochs = MostEpochs(spec);
  std::string cost = trials.has_value()
                         ? absl::StrCat(CountText(*trials), " trials at most")
                         : "no limit to the trials";
  if (epochs.has_value()) {
    absl::StrAppend(&cost, " of ", *epochs, " epochs");
    if (trials.has_value()) {
      absl::StrAppend(&cost, ": ",
                      CountText(SaturatingProduct(*trials, *epochs)),
                      " epochs in all");
    }
  }
  lines.push_back({"cost", cost});
  return lines;
}

}  // namespace attune
