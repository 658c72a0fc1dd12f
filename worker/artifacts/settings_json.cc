#include "worker/artifacts/settings_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace attune {

std::string SettingsToJson(const Parameters& settings) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& setting : settings) {
    std::visit(
        [&](const auto& held) { json[std::string(setting.first)] = held; },
        setting.second);
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

absl::StatusOr<Parameters> SettingsFromJson(absl::string_view json) {
  const auto wrong = [json](absl::string_view what) {
    return absl::DataLossError(
        absl::StrCat("reading the settings `", json, "`: ", what));
  };
  const nlohmann::json object =
      nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  if (!object.is_object()) return wrong("expected a JSON object");
  Parameters settings;
  for (const auto& [name, value] : object.items()) {
    if (value.is_boolean()) {
      settings.Set(name, value.get<bool>());
    } else if (value.is_number_integer()) {
      settings.Set(name, value.get<int64_t>());
    } else if (value.is_number_float()) {
      settings.Set(name, value.get<double>());
    } else if (value.is_string()) {
      settings.Set(name, value.get<std::string>());
    } else {
      return wrong(absl::StrCat("found `", name,
                                "`, expected a text, a number, true or false"));
    }
  }
  return settings;
}

std::string NamesToJson(const std::vector<std::string>& names) {
  return nlohmann::json(names).dump(-1, ' ', false,
                                    nlohmann::json::error_handler_t::replace);
}

}  // namespace attune
