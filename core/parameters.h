#ifndef ATTUNE_CORE_PARAMETERS_H_
#define ATTUNE_CORE_PARAMETERS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace attune {

using ParameterValue = std::variant<double, int64_t, std::string, bool>;

// Values by name, in the order of names. All of them are packed into one
// buffer, as a study may have a million trials with a handful each: the name's
// length and bytes, the type, and the value in 8 bytes, 1 for a bool, its
// length and bytes for a text. So reading gives copies, and every write packs
// anew.
//
// Two are equal if they have the same names with the same types and the same
// values, bit for bit: a NaN equals itself, and 0.0 is not -0.0.
class Parameters {
 public:
  // The name is a part of the buffer, for as long as nothing is written.
  using value_type = std::pair<absl::string_view, ParameterValue>;
  class Iterator;
  using iterator = Iterator;
  using const_iterator = Iterator;

  Parameters() = default;
  // In any order; of several with one name the first counts.
  Parameters(std::initializer_list<value_type> values);
  explicit Parameters(std::vector<value_type> values);

  Iterator begin() const;
  Iterator end() const;
  bool empty() const { return bytes_.empty(); }
  size_t size() const;  // takes as long as to read the names

  bool contains(absl::string_view name) const;
  std::optional<ParameterValue> Find(absl::string_view name) const;
  // The number of that name, if there is one, be it a double or an int64_t.
  std::optional<double> FindNumber(absl::string_view name) const;
  // REQUIRES: contains(name).
  ParameterValue at(absl::string_view name) const;

  // Adds the value, or replaces that of the same name.
  void Set(absl::string_view name, const ParameterValue& value);
  void Erase(absl::string_view name);  // if it is there
  // Adds the values of `others` whose names are not there.
  void AddMissing(const Parameters& others);
  void clear() { bytes_.clear(); }

  friend bool operator==(const Parameters&, const Parameters&) = default;
  friend std::string CanonicalKey(const Parameters& parameters);

 private:
  std::string bytes_;
};

class Parameters::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Parameters::value_type;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = value_type;

  Iterator() = default;
  explicit Iterator(const char* at) : at_(at) {}

  value_type operator*() const;
  Iterator& operator++();
  Iterator operator++(int) {
    const Iterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  const char* at_ = nullptr;
};

// For people: `0.001`, `128`, `adam`, `true`. Doubles in the shortest form that
// reads back as the same number, always with a point, exponent, `inf` or `nan`,
// so that a double never looks like an integer.
std::string ToString(const ParameterValue& value);

// `batch_size=64 learning_rate=0.01`, in the order of names.
std::string ToString(const Parameters& parameters);

// The number of `value`, if it is a double or an int64_t.
std::optional<double> AsDouble(const ParameterValue& value);

// A key, no text for people, that is equal for two points if and only if they
// are one: it does not tell -0.0 from 0.0, nor one NaN from another.
std::string CanonicalKey(const Parameters& parameters);

}  // namespace attune

#endif  // ATTUNE_CORE_PARAMETERS_H_
