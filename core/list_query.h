#ifndef ATTUNE_CORE_LIST_QUERY_H_
#define ATTUNE_CORE_LIST_QUERY_H_

#include <cstddef>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// The `filter` and `order_by` of calls that list things: the parts of AIP-160
// and AIP-132 (google.aip.dev) that are plain comparisons. Pure functions; what
// the things are is for the caller to say.
namespace attune {

// One field that may be named, and what it holds.
struct QueryField {
  enum class Kind {
    kNumber,
    kWord,  // one of `words`, in any case
    kText,
    kTime,
    kAny,  // a number or a text
  };
  std::string name;
  Kind kind = Kind::kAny;
  std::vector<std::string> words = {};
  // It is a map: what is named is one of its entries, as `metrics.loss`.
  bool has_entries = false;
};
using QueryFields = std::vector<QueryField>;

// A field in a query.
struct FieldPath {
  std::string name;
  std::string entry;  // empty unless the field has entries
  friend bool operator==(const FieldPath&, const FieldPath&) = default;
};

// What a thing has in a field. Absent: std::monostate.
using FieldValue =
    std::variant<std::monostate, double, std::string, absl::Time>;
using FieldReader = std::function<FieldValue(const FieldPath&)>;

struct Comparison {
  enum class Operator { kEqual, kUnequal, kLess, kAtMost, kGreater, kAtLeast };
  FieldPath field;
  Operator op = Operator::kEqual;
  FieldValue value;  // not absent
};
// Every comparison holds. Empty: everything fits.
using ListFilter = std::vector<Comparison>;

struct OrderTerm {
  FieldPath field;
  bool descending = false;
};
// By the first, then by the second...
using ListOrder = std::vector<OrderTerm>;

inline constexpr size_t kMaxQueryLength = 4096;  // bytes
inline constexpr size_t kMaxQueryTerms = 32;

// `FIELD OP VALUE [AND ...]` with one of = != < <= > >= as OP. A value is a
// number, a time as RFC 3339 has it, a word, or a text in double quotes, in
// which a backslash takes away the meaning of what follows it. INVALID_ARGUMENT
// with the violation of `filter` that says where what was found and what was
// expected.
absl::StatusOr<ListFilter> ParseFilter(absl::string_view text,
                                       const QueryFields& fields);

// `FIELD [asc|desc], ...`. INVALID_ARGUMENT likewise, about `order_by`.
absl::StatusOr<ListOrder> ParseOrder(absl::string_view text,
                                     const QueryFields& fields);

// An absent field fits no comparison, nor does one of another type fit any but
// `!=`. NaN is unequal to everything.
bool Matches(const ListFilter& filter, const FieldReader& read);

// The values by which things are ordered, one for each term.
std::vector<FieldValue> OrderKey(const ListOrder& order,
                                 const FieldReader& read);

// Whether `a` comes before `b`. Numbers come before texts, and what is absent
// or NaN comes last, also where the order is descending.
bool ComesBefore(const ListOrder& order, const std::vector<FieldValue>& a,
                 const std::vector<FieldValue>& b);

}  // namespace attune

#endif  // ATTUNE_CORE_LIST_QUERY_H_
