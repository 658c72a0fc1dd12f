#include "core/list_query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune {
namespace {

using Kind = QueryField::Kind;
using Operator = Comparison::Operator;

struct OperatorName {
  absl::string_view text;
  Operator op;
};
// Longer ones first, as `<` begins `<=`.
constexpr std::array<OperatorName, 6> kOperators = {
    {{"!=", Operator::kUnequal},
     {"<=", Operator::kAtMost},
     {">=", Operator::kAtLeast},
     {"=", Operator::kEqual},
     {"<", Operator::kLess},
     {">", Operator::kGreater}}};

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("_.-+:/").find(c) != absl::string_view::npos;
}

struct Word {
  std::string text;
  bool quoted = false;
  size_t place = 0;
};

// Reads a query from left to right. Every error names the column.
class QueryReader {
 public:
  QueryReader(absl::string_view parameter, absl::string_view text)
      : parameter_(parameter), text_(text) {}

  bool AtEnd() {
    SkipSpace();
    return place_ == text_.size();
  }
  size_t place() {
    SkipSpace();
    return place_;
  }

  // A run of plain characters or a quoted text.
  absl::StatusOr<Word> ReadWord(absl::string_view expected) {
    SkipSpace();
    Word word = {.place = place_};
    if (place_ < text_.size() && text_[place_] == '"') return ReadQuoted();
    while (place_ < text_.size() && IsPlain(text_[place_])) {
      word.text += text_[place_++];
    }
    if (word.text.empty()) return Expected(expected);
    return word;
  }

  std::optional<Operator> TakeOperator() {
    SkipSpace();
    for (const OperatorName& name : kOperators) {
      if (!absl::StartsWith(text_.substr(place_), name.text)) continue;
      place_ += name.text.size();
      return name.op;
    }
    return std::nullopt;
  }

  bool TakeComma() {
    if (AtEnd() || text_[place_] != ',') return false;
    ++place_;
    return true;
  }

  // Takes the word if it is the next, in any case.
  bool TakeWord(absl::string_view word) {
    SkipSpace();
    const absl::string_view rest = text_.substr(place_);
    if (!absl::StartsWithIgnoreCase(rest, word)) return false;
    if (rest.size() > word.size() && IsPlain(rest[word.size()])) return false;
    place_ += word.size();
    return true;
  }

  absl::Status Expected(absl::string_view expected) {
    SkipSpace();
    const absl::string_view rest = text_.substr(place_);
    return Wrong(place_,
                 rest.empty() ? "the end" : absl::StrCat("`", rest, "`"),
                 expected);
  }

  absl::Status Wrong(size_t place, absl::string_view found,
                     absl::string_view expected) const {
    return InvalidFields(
        {{.field = std::string(parameter_),
          .description = absl::StrCat("column ", place + 1, ": found ", found,
                                      ", expected ", expected)}});
  }

 private:
  void SkipSpace() {
    while (place_ < text_.size() &&
           absl::ascii_isspace(static_cast<unsigned char>(text_[place_]))) {
      ++place_;
    }
  }

  absl::StatusOr<Word> ReadQuoted() {
    Word word = {.quoted = true, .place = place_};
    for (++place_; place_ < text_.size(); ++place_) {
      if (text_[place_] == '"') {
        ++place_;
        return word;
      }
      if (text_[place_] == '\\' && place_ + 1 < text_.size()) ++place_;
      word.text += text_[place_];
    }
    return Wrong(word.place, "a text that does not end", "a closing `\"`");
  }

  const absl::string_view parameter_;
  const absl::string_view text_;
  size_t place_ = 0;
};

std::string Names(const QueryFields& fields) {
  return absl::StrJoin(
      fields, ", ", [](std::string* out, const QueryField& field) {
        absl::StrAppend(out, field.name, field.has_entries ? ".NAME" : "");
      });
}

struct NamedField {
  const QueryField* field = nullptr;
  FieldPath path;
};

// `metrics.loss`; an entry whose name is not plain is quoted: `metrics."a b"`.
absl::StatusOr<NamedField> ReadField(QueryReader& reader,
                                     const QueryFields& fields) {
  ATTUNE_ASSIGN_OR_RETURN(Word word, reader.ReadWord("a field"));
  if (!word.quoted && absl::EndsWith(word.text, ".")) {
    ATTUNE_ASSIGN_OR_RETURN(const Word entry, reader.ReadWord("a name"));
    word.text += entry.text;
  }
  const size_t dot = word.text.find('.');
  FieldPath path = {.name = word.text.substr(0, dot), .entry = ""};
  if (dot != std::string::npos) path.entry = word.text.substr(dot + 1);
  for (const QueryField& field : fields) {
    if (field.name == path.name && field.has_entries == !path.entry.empty()) {
      return NamedField{&field, std::move(path)};
    }
  }
  return reader.Wrong(word.place, absl::StrCat("`", word.text, "`"),
                      absl::StrCat("one of the fields ", Names(fields)));
}

absl::StatusOr<FieldValue> ToValue(const QueryReader& reader, const Word& word,
                                   const QueryField& field) {
  const std::string found = absl::StrCat("`", word.text, "`");
  double number = 0;
  absl::Time time;
  switch (field.kind) {
    case Kind::kWord:
      for (const std::string& allowed : field.words) {
        if (absl::EqualsIgnoreCase(allowed, word.text)) return allowed;
      }
      return reader.Wrong(
          word.place, found,
          absl::StrCat("one of ", absl::StrJoin(field.words, ", ")));
    case Kind::kText:
      return word.text;
    case Kind::kTime:
      if (absl::ParseTime(absl::RFC3339_full, word.text, &time, nullptr)) {
        return time;
      }
      return reader.Wrong(word.place, found,
                          "a time such as 2026-01-31T12:00:00Z");
    case Kind::kNumber:
    case Kind::kAny:
      if (!word.quoted && absl::SimpleAtod(word.text, &number)) return number;
      if (field.kind == Kind::kAny) return word.text;
      return reader.Wrong(word.place, found, "a number");
  }
  return FieldValue();
}

absl::StatusOr<Comparison> ReadComparison(QueryReader& reader,
                                          const QueryFields& fields) {
  ATTUNE_ASSIGN_OR_RETURN(NamedField found, ReadField(reader, fields));
  const size_t op_place = reader.place();
  const std::optional<Operator> op = reader.TakeOperator();
  if (!op.has_value()) return reader.Expected("one of = != < <= > >=");
  const bool is_equality = *op == Operator::kEqual || *op == Operator::kUnequal;
  if (found.field->kind == Kind::kWord && !is_equality) {
    return reader.Wrong(
        op_place, "an order",
        absl::StrCat("= or !=, as ", found.field->name, " has none"));
  }
  ATTUNE_ASSIGN_OR_RETURN(const Word word, reader.ReadWord("a value"));
  ATTUNE_ASSIGN_OR_RETURN(FieldValue value,
                          ToValue(reader, word, *found.field));
  return Comparison{std::move(found.path), *op, std::move(value)};
}

absl::Status CheckLength(QueryReader& reader, absl::string_view text) {
  if (text.size() <= kMaxQueryLength) return absl::OkStatus();
  return reader.Wrong(0, absl::StrCat(text.size(), " bytes"),
                      absl::StrCat("at most ", kMaxQueryLength));
}

absl::Status TooManyTerms(QueryReader& reader) {
  return reader.Wrong(
      reader.place(), "one more",
      absl::StrCat("at most ", kMaxQueryTerms, ", as there are already"));
}

// How two values of the same type compare; unordered for NaN, and for absent
// ones and values of different types.
std::partial_ordering Compare(const FieldValue& a, const FieldValue& b) {
  if (a.index() != b.index()) return std::partial_ordering::unordered;
  if (const auto* number = std::get_if<double>(&a)) {
    return *number <=> std::get<double>(b);
  }
  if (const auto* text = std::get_if<std::string>(&a)) {
    return *text <=> std::get<std::string>(b);
  }
  if (const auto* time = std::get_if<absl::Time>(&a)) {
    const absl::Time other = std::get<absl::Time>(b);
    if (*time == other) return std::partial_ordering::equivalent;
    return *time < other ? std::partial_ordering::less
                         : std::partial_ordering::greater;
  }
  return std::partial_ordering::unordered;
}

bool Holds(const Comparison& comparison, const FieldValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return false;
  const std::partial_ordering order = Compare(value, comparison.value);
  switch (comparison.op) {
    case Operator::kEqual:
      return order == 0;
    case Operator::kUnequal:
      return order != 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kAtMost:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kAtLeast:
      return order >= 0;
  }
  return false;
}

bool IsLast(const FieldValue& value) {
  const auto* number = std::get_if<double>(&value);
  return std::holds_alternative<std::monostate>(value) ||
         (number != nullptr && std::isnan(*number));
}

}  // namespace

absl::StatusOr<ListFilter> ParseFilter(absl::string_view text,
                                       const QueryFields& fields) {
  QueryReader reader("filter", text);
  ATTUNE_RETURN_IF_ERROR(CheckLength(reader, text));
  ListFilter filter;
  if (reader.AtEnd()) return filter;
  do {
    if (filter.size() == kMaxQueryTerms) return TooManyTerms(reader);
    ATTUNE_ASSIGN_OR_RETURN(filter.emplace_back(),
                            ReadComparison(reader, fields));
  } while (reader.TakeWord("AND"));
  if (!reader.AtEnd()) return reader.Expected("AND or the end");
  return filter;
}

absl::StatusOr<ListOrder> ParseOrder(absl::string_view text,
                                     const QueryFields& fields) {
  QueryReader reader("order_by", text);
  ATTUNE_RETURN_IF_ERROR(CheckLength(reader, text));
  ListOrder order;
  if (reader.AtEnd()) return order;
  do {
    if (order.size() == kMaxQueryTerms) return TooManyTerms(reader);
    ATTUNE_ASSIGN_OR_RETURN(NamedField found, ReadField(reader, fields));
    const bool descending = reader.TakeWord("desc");
    if (!descending) reader.TakeWord("asc");
    order.push_back({std::move(found.path), descending});
  } while (reader.TakeComma());
  if (!reader.AtEnd()) return reader.Expected("`asc`, `desc`, `,` or the end");
  return order;
}

bool Matches(const ListFilter& filter, const FieldReader& read) {
  return std::all_of(filter.begin(), filter.end(),
                     [&](const Comparison& comparison) {
                       return Holds(comparison, read(comparison.field));
                     });
}

std::vector<FieldValue> OrderKey(const ListOrder& order,
                                 const FieldReader& read) {
  std::vector<FieldValue> key;
  key.reserve(order.size());
  for (const OrderTerm& term : order) key.push_back(read(term.field));
  return key;
}

bool ComesBefore(const ListOrder& order, const std::vector<FieldValue>& a,
                 const std::vector<FieldValue>& b) {
  for (size_t i = 0; i < order.size(); ++i) {
    if (IsLast(a[i]) || IsLast(b[i])) {
      if (IsLast(a[i]) != IsLast(b[i])) return IsLast(b[i]);
      continue;
    }
    if (a[i].index() != b[i].index()) return a[i].index() < b[i].index();
    const std::partial_ordering comparison = Compare(a[i], b[i]);
    if (comparison != 0) return (comparison < 0) != order[i].descending;
  }
  return false;
}

}  // namespace attune
