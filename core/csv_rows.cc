#include "core/csv_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace attune {
namespace {

// Takes one field off the front of `line`. False if a quote is not closed or is
// followed by text.
bool TakeField(absl::string_view& line, std::string& field, bool& last) {
  field.clear();
  if (absl::ConsumePrefix(&line, "\"")) {
    while (true) {
      const size_t quote = line.find('"');
      if (quote == absl::string_view::npos) return false;
      field.append(line.data(), quote);
      line.remove_prefix(quote + 1);
      if (!absl::ConsumePrefix(&line, "\"")) break;
      field.push_back('"');
    }
  } else {
    const size_t size = std::min(line.find(','), line.size());
    field = std::string(absl::StripAsciiWhitespace(line.substr(0, size)));
    line.remove_prefix(size);
  }
  last = line.empty();
  return last || absl::ConsumePrefix(&line, ",");
}

}  // namespace

CsvRows::CsvRows(absl::string_view text, absl::string_view name)
    : rest_(text), name_(name) {
  absl::ConsumePrefix(&rest_, "\xef\xbb\xbf");
}

absl::StatusOr<bool> CsvRows::Next(std::vector<std::string>& fields) {
  absl::string_view line;
  if (!NextLine(line)) return false;
  if (absl::StrContains(line, '\r')) {
    return Wrong(
        "found a carriage return within the line, expected a newline behind "
        "every row");
  }
  size_t count = 0;
  bool last = false;
  while (!last) {
    // The texts of the row before keep their memory.
    if (count == fields.size()) fields.emplace_back();
    if (!TakeField(line, fields[count], last)) {
      return Wrong(absl::StrCat("column ", count + 1,
                                ": found a quote that is not closed, or text "
                                "behind a quoted field"));
    }
    ++count;
  }
  fields.resize(count);
  return true;
}

absl::Status CsvRows::Wrong(absl::string_view what) const {
  return absl::InvalidArgumentError(
      absl::StrCat("reading ", name_, ", line ", line_, ": ", what));
}

bool CsvRows::NextLine(absl::string_view& line) {
  while (!rest_.empty()) {
    const size_t size = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, size);
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    ++line_;
    absl::ConsumeSuffix(&line, "\r");
    if (!absl::StripAsciiWhitespace(line).empty()) return true;
  }
  return false;
}

}  // namespace attune
