#include "worker/data/csv.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune::nn {
namespace {

// More are measurements, not classes.
constexpr size_t kMostClasses = 1000;

absl::Status Wrong(absl::string_view name, int64_t line,
                   absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("reading ", name, ", line ", line, ": ", what));
}

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

// False as above.
bool SplitLine(absl::string_view line, std::vector<std::string>& fields) {
  fields.clear();
  bool last = false;
  while (!last) {
    if (!TakeField(line, fields.emplace_back(), last)) return false;
  }
  return true;
}

// Hands out the lines that are not blank, without their ends.
class Lines {
 public:
  explicit Lines(absl::string_view text) : rest_(text) {
    absl::ConsumePrefix(&rest_, "\xef\xbb\xbf");  // a byte order mark
  }

  bool Next(absl::string_view& line) {
    while (!rest_.empty()) {
      const size_t size = std::min(rest_.find('\n'), rest_.size());
      line = rest_.substr(0, size);
      rest_.remove_prefix(std::min(size + 1, rest_.size()));
      ++number_;
      absl::ConsumeSuffix(&line, "\r");
      if (!absl::StripAsciiWhitespace(line).empty()) return true;
    }
    return false;
  }
  int64_t number() const { return number_; }  // of the last line, from 1 on

 private:
  absl::string_view rest_;
  int64_t number_ = 0;
};

struct Table {
  std::vector<std::string> columns;
  size_t label_column = 0;
  std::vector<Scalar> numbers;      // row by row, without the label
  std::vector<std::string> labels;  // row by row
};

absl::Status ReadColumns(absl::string_view name, absl::string_view label_column,
                         Lines& lines, Table& table) {
  absl::string_view line;
  if (!lines.Next(line)) {
    return Wrong(name, 1, "found nothing, expected a header of column names");
  }
  if (!SplitLine(line, table.columns)) {
    return Wrong(name, lines.number(), "found a quote that is not closed");
  }
  const auto label = std::find(table.columns.begin(), table.columns.end(),
                               std::string(label_column));
  if (label == table.columns.end()) {
    const std::string nearest = NearestName(label_column, table.columns);
    return Wrong(
        name, lines.number(),
        absl::StrCat(
            "found the columns ", absl::StrJoin(table.columns, ", "),
            ", expected one called `", label_column, "` (label_column)",
            nearest.empty() ? ""
                            : absl::StrCat("; did you mean `", nearest, "`?")));
  }
  if (table.columns.size() < 2) {
    return Wrong(name, lines.number(),
                 "found no column beside the label, expected at least one");
  }
  table.label_column = static_cast<size_t>(label - table.columns.begin());
  return absl::OkStatus();
}

absl::Status ReadRow(absl::string_view name, int64_t line,
                     const std::vector<std::string>& fields, Table& table) {
  if (fields.size() != table.columns.size()) {
    return Wrong(name, line,
                 absl::StrCat("found ", fields.size(), " fields, expected ",
                              table.columns.size(), " as in the header"));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string& field = fields[i];
    const bool is_label = i == table.label_column;
    double number = 0.0;
    const bool legal =
        is_label ? !field.empty()
                 : absl::SimpleAtod(field, &number) && std::isfinite(number);
    if (!legal) {
      return Wrong(name, line,
                   absl::StrCat("column ", i + 1, " (`", table.columns[i],
                                "`): found `", field, "`, expected ",
                                is_label ? "a class" : "a finite number"));
    }
    if (is_label) {
      table.labels.push_back(field);
    } else {
      table.numbers.push_back(static_cast<Scalar>(number));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> SortedClasses(const std::vector<std::string>& labels) {
  std::vector<std::string> classes = labels;
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  int64_t ignored = 0;
  const auto is_integer = [&ignored](const std::string& text) {
    return absl::SimpleAtoi(text, &ignored);
  };
  if (std::all_of(classes.begin(), classes.end(), is_integer)) {
    std::stable_sort(classes.begin(), classes.end(),
                     [](const std::string& a, const std::string& b) {
                       int64_t left = 0;
                       int64_t right = 0;
                       return absl::SimpleAtoi(a, &left) &&
                              absl::SimpleAtoi(b, &right) && left < right;
                     });
  }
  return classes;
}

absl::StatusOr<Dataset> MakeDataset(absl::string_view name,
                                    const Table& table) {
  Dataset dataset;
  dataset.classes = SortedClasses(table.labels);
  if (dataset.classes.size() < 2 || dataset.classes.size() > kMostClasses) {
    return absl::InvalidArgumentError(absl::StrCat(
        "reading ", name, ": found ", dataset.classes.size(),
        " different values in the column `", table.columns[table.label_column],
        "`, expected from 2 to ", kMostClasses, " classes"));
  }
  std::map<std::string, int32_t> numbers;
  for (size_t i = 0; i < dataset.classes.size(); ++i) {
    numbers[dataset.classes[i]] = static_cast<int32_t>(i);
  }
  for (const std::string& label : table.labels) {
    dataset.labels.push_back(numbers[label]);
  }
  dataset.inputs = Matrix(ConstMatrixView(
      table.numbers.data(), static_cast<int64_t>(table.columns.size()) - 1,
      static_cast<int64_t>(table.labels.size())));
  return dataset;
}

}  // namespace

absl::StatusOr<Dataset> ParseCsv(absl::string_view text,
                                 absl::string_view label_column,
                                 absl::string_view name) {
  Lines lines(text);
  Table table;
  ATTUNE_RETURN_IF_ERROR(ReadColumns(name, label_column, lines, table));
  absl::string_view line;
  std::vector<std::string> fields;
  while (lines.Next(line)) {
    if (!SplitLine(line, fields)) {
      return Wrong(name, lines.number(),
                   absl::StrCat("column ", fields.size(),
                                ": found a quote that is not closed, or text "
                                "behind a quoted field"));
    }
    ATTUNE_RETURN_IF_ERROR(ReadRow(name, lines.number(), fields, table));
  }
  return MakeDataset(name, table);
}

absl::StatusOr<Dataset> ReadCsv(const std::string& path,
                                absl::string_view label_column) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    const std::string message = absl::StrCat(
        "reading ", path, ": ", errno == 0 ? "failed" : std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message)
                           : absl::FailedPreconditionError(message);
  }
  return ParseCsv(text.str(), label_column, path);
}

}  // namespace attune::nn
