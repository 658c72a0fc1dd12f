#include "storage/value_json.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/overloaded.h"
#include "core/status_macros.h"

namespace attune {
namespace {

using Json = nlohmann::json;

constexpr const char* kDouble = "double";
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Json Encode(const ParameterValue& value) {
  return std::visit(
      Overloaded{[](double number) -> Json {
                   if (std::isfinite(number)) return number;
                   if (std::isnan(number))
                     return Json::object({{kDouble, "NaN"}});
                   return Json::object(
                       {{kDouble, number > 0 ? "Infinity" : "-Infinity"}});
                 },
                 [](const auto& other) -> Json { return other; }},
      value);
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::Status Unexpected(const Json& json, absl::string_view expected) {
  return absl::DataLossError(
      absl::StrCat("found ", Dump(json), ", expected ", expected));
}

absl::StatusOr<Json> Parse(absl::string_view text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr,
                          /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return absl::DataLossError(
        absl::StrCat("found '", text, "', expected JSON"));
  }
  return json;
}

// Takes an object of plain values without building a tree of it, as a listing
// reads thousands. Anything else makes it stop.
class PlainObject final : public Json::json_sax_t {
 public:
  Parameters Take() {
    std::vector<Parameters::value_type> views;
    views.reserve(values_.size());
    for (auto& [name, value] : values_) {
      views.emplace_back(name, std::move(value));
    }
    return Parameters(std::move(views));
  }

  bool null() override { return false; }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(int64_t value) override { return Add(value); }
  bool number_unsigned(uint64_t value) override {
    return value <= std::numeric_limits<int64_t>::max() &&
           Add(static_cast<int64_t>(value));
  }
  bool number_float(double value, const std::string& /*text*/) override {
    return Add(value);
  }
  bool string(std::string& value) override { return Add(std::move(value)); }
  bool binary(Json::binary_t& /*value*/) override { return false; }
  bool start_object(size_t /*size*/) override {
    return !std::exchange(is_open_, true);
  }
  bool key(std::string& name) override {
    values_.emplace_back(std::move(name), ParameterValue());
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(size_t /*size*/) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const Json::exception& /*error*/) override {
    return false;
  }

 private:
  bool Add(ParameterValue value) {
    if (is_open_) values_.back().second = std::move(value);
    return is_open_;
  }

  bool is_open_ = false;
  std::vector<std::pair<std::string, ParameterValue>> values_;
};

absl::StatusOr<ParameterValue> Decode(const Json& json) {
  constexpr absl::string_view kExpected = "a number, a text, true or false";
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::number_integer:
      return json.get<int64_t>();
    case Json::value_t::number_unsigned:
      if (json.get<uint64_t>() > std::numeric_limits<int64_t>::max()) {
        return Unexpected(json, "an integer of 64 bits");
      }
      return json.get<int64_t>();
    case Json::value_t::object: {
      if (json == Json::object({{kDouble, "NaN"}})) {
        return std::numeric_limits<double>::quiet_NaN();
      }
      if (json == Json::object({{kDouble, "Infinity"}})) return kInfinity;
      if (json == Json::object({{kDouble, "-Infinity"}})) return -kInfinity;
      return Unexpected(json, kExpected);
    }
    default:
      return Unexpected(json, kExpected);
  }
}

}  // namespace

std::string ValueToJson(const ParameterValue& value) {
  return Dump(Encode(value));
}

std::string ParametersToJson(const Parameters& parameters) {
  Json json = Json::object();
  for (const auto& [name, value] : parameters) {
    json[std::string(name)] = Encode(value);
  }
  return Dump(json);
}

std::string ValuesToJson(const std::vector<ParameterValue>& values) {
  Json json = Json::array();
  for (const ParameterValue& value : values) json.push_back(Encode(value));
  return Dump(json);
}

std::string AttributesToJson(const Attributes& attributes) {
  if (attributes.empty()) return "{}";
  return Dump(Json(attributes));
}

absl::StatusOr<ParameterValue> ValueFromJson(absl::string_view text) {
  ATTUNE_ASSIGN_OR_RETURN(const Json json, Parse(text));
  return Decode(json);
}

absl::StatusOr<Parameters> ParametersFromJson(absl::string_view text) {
  PlainObject plain;
  if (Json::sax_parse(text.begin(), text.end(), &plain)) return plain.Take();
  ATTUNE_ASSIGN_OR_RETURN(const Json json, Parse(text));
  if (!json.is_object()) return Unexpected(json, "an object");
  std::vector<Parameters::value_type> parameters;
  for (auto item = json.begin(); item != json.end(); ++item) {
    ATTUNE_ASSIGN_OR_RETURN(ParameterValue value, Decode(item.value()));
    parameters.emplace_back(item.key(), std::move(value));
  }
  return Parameters(std::move(parameters));
}

absl::StatusOr<Attributes> AttributesFromJson(absl::string_view text) {
  Attributes attributes;
  if (text == "{}") return attributes;
  ATTUNE_ASSIGN_OR_RETURN(const Json json, Parse(text));
  if (!json.is_object()) return Unexpected(json, "an object");
  for (const auto& [name, value] : json.items()) {
    if (!value.is_string()) return Unexpected(value, "a text");
    attributes[name] = value.get<std::string>();
  }
  return attributes;
}

absl::StatusOr<std::vector<ParameterValue>> ValuesFromJson(
    absl::string_view text) {
  ATTUNE_ASSIGN_OR_RETURN(const Json json, Parse(text));
  if (!json.is_array()) return Unexpected(json, "an array");
  std::vector<ParameterValue> values;
  values.reserve(json.size());
  for (const Json& element : json) {
    ATTUNE_ASSIGN_OR_RETURN(ParameterValue value, Decode(element));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace attune
