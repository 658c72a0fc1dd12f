#include "core/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"
#include "core/overloaded.h"

namespace attune {
namespace {

// The index of the type in ParameterValue.
enum class Type : char { kDouble = 0, kInt = 1, kText = 2, kBool = 3 };

struct Entry {
  absl::string_view name;
  Type type = Type::kDouble;
  absl::string_view value;  // its bytes, without the length of a text
};

constexpr size_t kNumberBytes = 8;

// Lengths have seven bits in a byte, the lowest first; the eighth says that
// more follow.
size_t ReadLength(const char*& at) {
  size_t length = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(*at++);
    length |= size_t{byte & 0x7fU} << shift;
    if (byte < 0x80U) return length;
  }
}

void AppendText(absl::string_view text, std::string& bytes) {
  size_t length = text.size();
  for (; length >= 0x80U; length >>= 7U) {
    bytes.push_back(static_cast<char>(0x80U | (length & 0x7fU)));
  }
  bytes.push_back(static_cast<char>(length));
  bytes.append(text.data(), text.size());
}

absl::string_view ReadBytes(size_t length, const char*& at) {
  const absl::string_view bytes(at, length);
  at += length;
  return bytes;
}

// Reads the entry at `at` and goes behind it.
Entry ReadEntry(const char*& at) {
  Entry entry;
  const size_t name_length = ReadLength(at);
  entry.name = ReadBytes(name_length, at);
  entry.type = static_cast<Type>(*at++);
  size_t length = kNumberBytes;
  if (entry.type == Type::kBool) length = 1;
  if (entry.type == Type::kText) length = ReadLength(at);
  entry.value = ReadBytes(length, at);
  return entry;
}

template <typename Number>
Number ReadNumber(absl::string_view bytes) {
  Number number;
  static_assert(sizeof(number) == kNumberBytes);
  std::memcpy(&number, bytes.data(), sizeof(number));
  return number;
}

template <typename Number>
void AppendNumber(Number number, std::string& bytes) {
  char buffer[kNumberBytes];
  static_assert(sizeof(number) == kNumberBytes);
  std::memcpy(buffer, &number, sizeof(number));
  bytes.append(buffer, sizeof(buffer));
}

ParameterValue ValueOf(const Entry& entry) {
  switch (entry.type) {
    case Type::kDouble:
      return ReadNumber<double>(entry.value);
    case Type::kInt:
      return ReadNumber<int64_t>(entry.value);
    case Type::kText:
      return std::string(entry.value);
    case Type::kBool:
      break;
  }
  return entry.value.front() != 0;
}

void AppendEntry(absl::string_view name, const ParameterValue& value,
                 std::string& bytes) {
  AppendText(name, bytes);
  bytes.push_back(static_cast<char>(value.index()));
  std::visit(
      Overloaded{[&](double number) { AppendNumber(number, bytes); },
                 [&](int64_t number) { AppendNumber(number, bytes); },
                 [&](const std::string& text) { AppendText(text, bytes); },
                 [&](bool truth) { bytes.push_back(truth ? 1 : 0); }},
      value);
}

std::optional<Entry> FindEntry(const std::string& bytes,
                               absl::string_view name) {
  const char* const end = bytes.data() + bytes.size();
  for (const char* at = bytes.data(); at != end;) {
    const Entry entry = ReadEntry(at);
    if (entry.name == name) return entry;
  }
  return std::nullopt;
}

std::string Pack(std::vector<Parameters::value_type> values) {
  std::stable_sort(
      values.begin(), values.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  values.erase(std::unique(values.begin(), values.end(),
                           [](const auto& a, const auto& b) {
                             return a.first == b.first;
                           }),
               values.end());
  std::string bytes;
  for (const auto& [name, value] : values) AppendEntry(name, value, bytes);
  bytes.shrink_to_fit();
  return bytes;
}

// The shortest digits that read back as the same number; plain notation where
// it is short enough to read, as Python's repr() has it.
std::string DoubleToString(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const double magnitude = std::abs(value);
  const bool plain = value == 0.0 || (magnitude >= 1e-4 && magnitude < 1e16);
  char buffer[64];
  const auto written = std::to_chars(
      buffer, buffer + sizeof(buffer), value,
      plain ? std::chars_format::fixed : std::chars_format::scientific);
  const absl::string_view text(buffer,
                               static_cast<size_t>(written.ptr - buffer));
  if (!plain) {
    // `1e-05` as `1e-5`.
    const size_t sign = text.find('e') + 1;
    size_t digits = sign + 1;
    while (text[digits] == '0') ++digits;
    return absl::StrCat(text.substr(0, sign), text[sign] == '-' ? "-" : "+",
                        text.substr(digits));
  }
  if (text.find('.') != absl::string_view::npos) return std::string(text);
  return absl::StrCat(text, ".0");
}

}  // namespace

Parameters::Parameters(std::initializer_list<value_type> values)
    : bytes_(Pack(values)) {}

Parameters::Parameters(std::vector<value_type> values)
    : bytes_(Pack(std::move(values))) {}

Parameters::Iterator Parameters::begin() const {
  return Iterator(bytes_.data());
}

Parameters::Iterator Parameters::end() const {
  return Iterator(bytes_.data() + bytes_.size());
}

size_t Parameters::size() const {
  return static_cast<size_t>(std::distance(begin(), end()));
}

bool Parameters::contains(absl::string_view name) const {
  return FindEntry(bytes_, name).has_value();
}

std::optional<ParameterValue> Parameters::Find(absl::string_view name) const {
  const std::optional<Entry> entry = FindEntry(bytes_, name);
  if (!entry.has_value()) return std::nullopt;
  return ValueOf(*entry);
}

std::optional<double> Parameters::FindNumber(absl::string_view name) const {
  const std::optional<Entry> entry = FindEntry(bytes_, name);
  if (!entry.has_value()) return std::nullopt;
  if (entry->type == Type::kDouble) return ReadNumber<double>(entry->value);
  if (entry->type != Type::kInt) return std::nullopt;
  return static_cast<double>(ReadNumber<int64_t>(entry->value));
}

ParameterValue Parameters::at(absl::string_view name) const {
  const std::optional<Entry> entry = FindEntry(bytes_, name);
  ATTUNE_CHECK(entry.has_value());
  return ValueOf(*entry);
}

void Parameters::Set(absl::string_view name, const ParameterValue& value) {
  std::string packed;
  AppendEntry(name, value, packed);
  const absl::string_view bytes = bytes_;
  const char* const end = bytes.data() + bytes.size();
  const char* before = bytes.data();  // the first entry that is not before it
  const char* behind = before;
  while (before != end) {
    const Entry entry = ReadEntry(behind);
    if (entry.name == name) break;
    if (entry.name > name) {
      behind = before;
      break;
    }
    before = behind;
  }
  const auto kept = static_cast<size_t>(before - bytes.data());
  const auto rest = static_cast<size_t>(behind - bytes.data());
  // A new buffer has no room to spare, as one that grows would.
  bytes_ = absl::StrCat(bytes.substr(0, kept), packed, bytes.substr(rest));
}

void Parameters::Erase(absl::string_view name) {
  const std::optional<Entry> entry = FindEntry(bytes_, name);
  if (!entry.has_value()) return;
  const char* at = bytes_.data();
  const char* behind = at;
  while (ReadEntry(behind).name.data() != entry->name.data()) at = behind;
  bytes_.erase(static_cast<size_t>(at - bytes_.data()),
               static_cast<size_t>(behind - at));
}

void Parameters::AddMissing(const Parameters& others) {
  for (const auto& [name, value] : others) {
    if (!contains(name)) Set(name, value);
  }
}

Parameters::value_type Parameters::Iterator::operator*() const {
  const char* at = at_;
  const Entry entry = ReadEntry(at);
  return {entry.name, ValueOf(entry)};
}

Parameters::Iterator& Parameters::Iterator::operator++() {
  ReadEntry(at_);
  return *this;
}

std::string ToString(const ParameterValue& value) {
  return std::visit(
      Overloaded{
          [](double number) { return DoubleToString(number); },
          [](int64_t number) { return absl::StrCat(number); },
          [](const std::string& text) { return text; },
          [](bool truth) -> std::string { return truth ? "true" : "false"; }},
      value);
}

std::string ToString(const Parameters& parameters) {
  return absl::StrJoin(parameters, " ", [](std::string* out, const auto& p) {
    absl::StrAppend(out, p.first, "=", ToString(p.second));
  });
}

std::optional<double> AsDouble(const ParameterValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return static_cast<double>(*number);
  }
  return std::nullopt;
}

std::string CanonicalKey(const Parameters& parameters) {
  std::string key = parameters.bytes_;
  const char* const end = key.data() + key.size();
  for (const char* at = key.data(); at != end;) {
    const Entry entry = ReadEntry(at);
    if (entry.type != Type::kDouble) continue;
    auto number = ReadNumber<double>(entry.value);
    if (number == 0.0) number = 0.0;
    if (std::isnan(number)) number = std::numeric_limits<double>::quiet_NaN();
    const auto place = static_cast<size_t>(entry.value.data() - key.data());
    std::memcpy(key.data() + place, &number, sizeof(number));
  }
  return key;
}

}  // namespace attune
