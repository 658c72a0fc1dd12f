#include "client/settings_listing.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/error.h"
#include "core/network_settings.h"

namespace attune {
namespace {

// `0.001, adadelta 1.0`.
std::string DescribeDefault(const Setting& setting) {
  if (!setting.has_default) return "-";
  std::string text = ToString(setting.default_value).empty()
                         ? "-"
                         : ShortValue(setting.default_value);
  for (const auto& [optimizer, value] : setting.optimizer_defaults) {
    absl::StrAppend(&text, ", ", optimizer, " ", ShortValue(value));
  }
  return text;
}

}  // namespace

std::string DescribeValues(const Setting& setting) {
  switch (setting.type) {
    case SettingType::kBool:
      return "true, false";
    case SettingType::kWord:
      return absl::StrJoin(setting.words, ", ");
    case SettingType::kText:
    case SettingType::kDataset:
      return "text";
    case SettingType::kLayers:
      return "[256, 128]";
    case SettingType::kLayerList:
      return "[conv 5x5x6, pool 2, dense 120]";
    case SettingType::kBatch:
      return "integer >= 1, or full";
    case SettingType::kNames:
      return "[color, origin]";
    case SettingType::kWeights:
      return "none, balanced, or [1, 2.5]";
    case SettingType::kNumber:
    case SettingType::kInt:
      break;
  }
  const bool is_int = setting.type == SettingType::kInt;
  std::string range = absl::StrCat(setting.or_zero ? "0 or " : "",
                                   is_int ? "integer" : "number");
  const auto bound = [](double value) { return ShortNumber(value, 6); };
  // Bounds that are only there because there must be some say nothing.
  constexpr double kHuge = 1e6;
  if (std::abs(setting.min) < kHuge) {
    absl::StrAppend(&range,
                    setting.min_open ? " > " : " >= ", bound(setting.min));
  }
  if (std::abs(setting.max) < kHuge) {
    absl::StrAppend(&range,
                    setting.max_open ? " < " : " <= ", bound(setting.max));
  }
  return range;
}

Listing ListSettings() {
  Listing listing;
  listing.table.columns = {
      {.title = "setting"},
      {.title = "values", .wraps = true},
      {.title = "default", .wraps = true},
      {.title = "tunable", .is_optional = true},
      {.title = "what it does", .wraps = true, .goes_below = true}};
  for (const char* name : {"setting", "values", "default", "optimizer_defaults",
                           "tunable", "help"}) {
    listing.csv.push_back({.title = name, .path = {name}});
  }
  for (const Setting& setting : NetworkSettings()) {
    const std::string values = DescribeValues(setting);
    Json optimizer_defaults = Json::object();
    for (const auto& [optimizer, value] : setting.optimizer_defaults) {
      optimizer_defaults[std::string(optimizer)] = JsonValue(value);
    }
    listing.table.rows.push_back(
        {{.text = std::string(setting.name), .style = Style::kBold},
         {.text = values},
         {.text = DescribeDefault(setting)},
         {.text = setting.tunable ? "yes" : "no"},
         {.text = std::string(setting.help)}});
    listing.json.push_back(
        {{"setting", std::string(setting.name)},
         {"values", values},
         {"default", setting.has_default ? JsonValue(setting.default_value)
                                         : Json(nullptr)},
         {"optimizer_defaults", optimizer_defaults},
         {"tunable", setting.tunable},
         {"help", std::string(setting.help)}});
  }
  return listing;
}

absl::StatusOr<Listing> ListSetting(const std::string& name) {
  Listing all = ListSettings();
  std::vector<std::string> names;
  for (size_t i = 0; i < all.table.rows.size(); ++i) {
    names.push_back(all.table.rows[i][0].text);
    if (names.back() != name) continue;
    return Listing{
        .table = {.columns = all.table.columns, .rows = {all.table.rows[i]}},
        .csv = all.csv,
        .json = Json::array({all.json[i]})};
  }
  const std::string nearest = NearestName(name, names);
  return absl::NotFoundError(absl::StrCat(
      "there is no setting `", name, "`",
      nearest.empty() ? "; `attune settings` lists them"
                      : absl::StrCat("; did you mean `", nearest, "`?")));
}

}  // namespace attune
