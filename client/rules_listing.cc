#include "client/rules_listing.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/settings_listing.h"
#include "core/error.h"
#include "core/rule.h"

namespace attune {
namespace {

// A row for the rule and one for each of its settings.
void AddRule(absl::string_view kind, const Rule& rule, Listing& listing) {
  listing.table.rows.push_back(
      {{.text = std::string(rule.name), .style = Style::kBold},
       {.text = std::string(kind)},
       {.text = ""},
       {.text = ""},
       {.text = std::string(rule.help)}});
  listing.json.push_back({{"name", std::string(rule.name)},
                          {"kind", std::string(kind)},
                          {"setting", ""},
                          {"values", ""},
                          {"default", nullptr},
                          {"help", std::string(rule.help)}});
  for (const Setting& setting : rule.settings) {
    const std::string values = DescribeValues(setting);
    listing.table.rows.push_back({{.text = ""},
                                  {.text = std::string(setting.name)},
                                  {.text = values},
                                  {.text = ShortValue(setting.default_value)},
                                  {.text = std::string(setting.help)}});
    listing.json.push_back({{"name", std::string(rule.name)},
                            {"kind", std::string(kind)},
                            {"setting", std::string(setting.name)},
                            {"values", values},
                            {"default", JsonValue(setting.default_value)},
                            {"help", std::string(setting.help)}});
  }
}

Listing EmptyListing() {
  Listing listing;
  listing.table.columns = {
      {.title = "name"},
      {.title = "setting"},
      {.title = "values", .wraps = true},
      {.title = "default", .wraps = true},
      {.title = "what it does", .wraps = true, .goes_below = true}};
  for (const char* name :
       {"name", "kind", "setting", "values", "default", "help"}) {
    listing.csv.push_back({.title = name, .path = {name}});
  }
  return listing;
}

}  // namespace

absl::StatusOr<Listing> ListRules(const std::string& name) {
  Listing listing = EmptyListing();
  std::vector<std::string> names;
  const auto add = [&](absl::string_view kind, absl::Span<const Rule> rules) {
    for (const Rule& rule : rules) {
      names.emplace_back(rule.name);
      if (name.empty() || name == rule.name) AddRule(kind, rule, listing);
    }
  };
  add("algorithm", SearchRules());
  add("stopping", StoppingRules());
  if (!listing.table.rows.empty()) return listing;
  const std::string nearest = NearestName(name, names);
  return absl::NotFoundError(absl::StrCat(
      "there is no algorithm or stopping rule `", name, "`",
      nearest.empty() ? "; `attune algorithms` lists them"
                      : absl::StrCat("; did you mean `", nearest, "`?")));
}

}  // namespace attune
