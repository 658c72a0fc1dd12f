#include "worker/data/csv.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/csv_rows.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "worker/data/byte_file.h"
#include "worker/data/csv_fields.h"

namespace attune::nn {
namespace {

using Task = CsvOptions::Task;
using Missing = CsvOptions::Missing;

// More are measurements, names or numbers of rows.
constexpr size_t kMostCategories = 1000;
// Of a table in memory, one-hot features and all: 8 GiB.
constexpr int64_t kMostNumbers = int64_t{1} << 30;

bool IsInteger(const std::string& text) {
  int64_t ignored = 0;
  return absl::SimpleAtoi(text, &ignored);
}

// As numbers if all are integers, else as texts.
std::vector<std::string> Sorted(const std::set<std::string>& values) {
  std::vector<std::string> sorted(values.begin(), values.end());
  if (!std::all_of(sorted.begin(), sorted.end(), IsInteger)) return sorted;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const std::string& a, const std::string& b) {
                     int64_t left = 0;
                     int64_t right = 0;
                     return absl::SimpleAtoi(a, &left) &&
                            absl::SimpleAtoi(b, &right) && left < right;
                   });
  return sorted;
}

std::map<std::string, int64_t> Numbered(
    const std::vector<std::string>& sorted) {
  std::map<std::string, int64_t> numbers;
  for (const std::string& value : sorted) {
    numbers.emplace(value, static_cast<int64_t>(numbers.size()));
  }
  return numbers;
}

struct Column {
  enum class Type { kUnknown, kNumbers, kCategories };

  std::string name;
  Type type = Type::kUnknown;
  bool named = false;  // in `categorical`
  int64_t first_line = 0;
  std::string first;             // value, on that line
  std::set<std::string> values;  // if they can be categories; see Note()
  // Once all rows have been seen:
  int64_t begin = 0;                          // its first feature
  std::map<std::string, int64_t> categories;  // each with its number
};

// Reads a table twice: first to learn what its columns are and how many rows
// there are, then to fill the dataset. So nothing is kept but the numbers.
class CsvTable {
 public:
  CsvTable(absl::string_view text, const CsvOptions& options,
           absl::string_view name)
      : text_(text), options_(options), name_(name) {}

  absl::StatusOr<Dataset> Read();

 private:
  absl::Status ReadHeader(CsvRows& rows);
  // Sets `fields` to the next row that is not left out; false at the end.
  absl::StatusOr<bool> NextRow(CsvRows& rows, std::vector<std::string>& fields);
  absl::Status CheckMissing(const CsvRows& rows, size_t column,
                            const std::string& field) const;
  absl::Status Note(const CsvRows& rows, size_t column,
                    const std::string& field);
  absl::Status NoteTarget(const CsvRows& rows, const std::string& field);
  absl::Status NoteNumber(const CsvRows& rows, size_t column,
                          const std::string& field);
  absl::Status LayOut(Dataset& dataset);
  absl::Status LayOutClasses(Dataset& dataset);
  absl::Status Fill(CsvRows& rows, Dataset& dataset);

  Column& Target() { return columns_[target_]; }
  absl::Status WrongField(const CsvRows& rows, size_t column,
                          absl::string_view field,
                          absl::string_view expected) const {
    return rows.Wrong(absl::StrCat(
        "column ", column + 1, " (`", Excerpt(columns_[column].name),
        "`): found `", Excerpt(field), "`, expected ", expected));
  }
  absl::Status WrongFile(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", name_, ": ", what));
  }

  const absl::string_view text_;
  const CsvOptions& options_;
  const absl::string_view name_;
  std::vector<Column> columns_;
  size_t target_ = 0;
  // Of the first target with a fraction, if all are numbers.
  absl::Status no_class_;
  bool is_regression_ = false;
  int64_t num_rows_ = 0;
  bool has_missing_ = false;
};

std::string NoSuchColumn(absl::string_view wanted, absl::string_view setting,
                         const std::vector<std::string>& names) {
  const std::string nearest = NearestName(wanted, names);
  return absl::StrCat("found the columns ", ListColumns(names),
                      ", expected one called `", wanted, "` (", setting, ")",
                      nearest.empty() ? ""
                                      : absl::StrCat("; did you mean `",
                                                     Excerpt(nearest), "`?"));
}

absl::Status CsvTable::ReadHeader(CsvRows& rows) {
  std::vector<std::string> names;
  ATTUNE_ASSIGN_OR_RETURN(const bool any, rows.Next(names));
  if (!any) {
    return WrongFile("found nothing, expected a header of column names");
  }
  std::set<absl::string_view> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      return rows.Wrong(absl::StrCat("found several columns called `",
                                     Excerpt(name),
                                     "`, expected different names"));
    }
    columns_.push_back({.name = name});
  }
  const auto find = [&names](const std::string& name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  target_ = static_cast<size_t>(find(options_.target_column));
  if (target_ == names.size()) {
    return rows.Wrong(
        NoSuchColumn(options_.target_column, "target_column", names));
  }
  for (const std::string& name : options_.categorical) {
    const auto at = static_cast<size_t>(find(name));
    if (at == names.size() || at == target_) {
      names.erase(names.begin() + static_cast<int64_t>(target_));
      return rows.Wrong(NoSuchColumn(name, "categorical", names));
    }
    columns_[at].named = true;
    columns_[at].type = Column::Type::kCategories;
  }
  if (names.size() < 2) {
    return rows.Wrong(
        "found no column beside the target, expected at least one");
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvTable::NextRow(CsvRows& rows,
                                       std::vector<std::string>& fields) {
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool any, rows.Next(fields));
    if (!any) return false;
    if (fields.size() != columns_.size()) {
      return rows.Wrong(absl::StrCat("found ", fields.size(),
                                     " fields, expected ", columns_.size(),
                                     " as in the header"));
    }
    if (options_.missing != Missing::kDrop ||
        std::none_of(fields.begin(), fields.end(), IsMissing)) {
      return true;
    }
  }
}

absl::Status CsvTable::CheckMissing(const CsvRows& rows, size_t column,
                                    const std::string& field) const {
  if (options_.missing == Missing::kRefuse) {
    return WrongField(rows, column, field,
                      "a value; `missing: drop` leaves out the rows without "
                      "one, `missing: impute` makes one up");
  }
  if (column == target_) {
    return WrongField(rows, column, field,
                      "a target, which is not made up by `missing: impute`; "
                      "`missing: drop` leaves out the rows without one");
  }
  return absl::OkStatus();
}

absl::Status CsvTable::NoteTarget(const CsvRows& rows,
                                  const std::string& field) {
  Column& target = Target();
  double number = 0.0;
  const bool is_number = ReadNumber(field, number);
  if (options_.task == Task::kRegression && !is_number) {
    return WrongField(rows, target_, field, "a finite number to predict");
  }
  if (!is_number && options_.task == Task::kAuto &&
      absl::SimpleAtod(field, &number)) {
    return WrongField(rows, target_, field,
                      "a finite number to predict; if it is a class, say "
                      "`task: classification`");
  }
  if (!is_number) target.type = Column::Type::kCategories;
  if (target.type == Column::Type::kUnknown && number != std::floor(number)) {
    target.type = Column::Type::kNumbers;
    no_class_ = WrongField(
        rows, target_, field,
        "a class, which is a text or a whole number where all are numbers; if "
        "it is a number to predict, say `task: regression`");
  }
  if (target.values.size() <= kMostCategories) target.values.insert(field);
  return absl::OkStatus();
}

absl::Status CsvTable::NoteNumber(const CsvRows& rows, size_t column,
                                  const std::string& field) {
  double number = 0.0;
  if (ReadNumber(field, number)) return absl::OkStatus();
  return WrongField(
      rows, column, field,
      absl::SimpleAtod(field, &number)
          ? std::string("a finite number")
          : absl::StrCat("a number as `", Excerpt(columns_[column].first),
                         "` in line ", columns_[column].first_line,
                         "; if they are categories, name the column in "
                         "`categorical`"));
}

absl::Status CsvTable::Note(const CsvRows& rows, size_t column,
                            const std::string& field) {
  if (IsMissing(field)) {
    has_missing_ = true;
    return CheckMissing(rows, column, field);
  }
  if (column == target_) return NoteTarget(rows, field);
  Column& of = columns_[column];
  double number = 0.0;
  const bool is_number = absl::SimpleAtod(field, &number);
  if (of.type == Column::Type::kUnknown) {
    of.type = is_number ? Column::Type::kNumbers : Column::Type::kCategories;
    of.first = field;
    of.first_line = rows.line();
  }
  if (of.type == Column::Type::kNumbers) return NoteNumber(rows, column, field);
  if (is_number && !of.named) {
    return WrongField(rows, column, field,
                      absl::StrCat("a text as `", Excerpt(of.first),
                                   "` in line ", of.first_line,
                                   "; if they are categories, name the column "
                                   "in `categorical`"));
  }
  of.values.insert(field);
  if (of.values.size() > kMostCategories) {
    return WrongField(rows, column, field,
                      absl::StrCat("at most ", kMostCategories,
                                   " different values, of which this is one "
                                   "more"));
  }
  return absl::OkStatus();
}

absl::Status CsvTable::LayOutClasses(Dataset& dataset) {
  Column& target = Target();
  if (target.type == Column::Type::kNumbers) return no_class_;
  if (target.values.size() < 2 || target.values.size() > kMostCategories) {
    const bool many = target.values.size() > kMostCategories;
    return WrongFile(absl::StrCat(
        "found ", many ? "more than " : "",
        many ? kMostCategories : target.values.size(),
        " different values in the column `", target.name,
        "`, expected from 2 to ", kMostCategories, " classes",
        many ? "; if it is a number to predict, say `task: regression`" : ""));
  }
  dataset.classes = Sorted(target.values);
  target.categories = Numbered(dataset.classes);
  dataset.labels.reserve(static_cast<size_t>(num_rows_));
  return absl::OkStatus();
}

absl::Status CsvTable::LayOut(Dataset& dataset) {
  if (num_rows_ == 0) {
    return WrongFile(options_.missing == Missing::kDrop
                         ? "found no row without a missing value"
                         : "found a header alone, expected rows below it");
  }
  int64_t features = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i == target_) continue;
    Column& column = columns_[i];
    if (column.type == Column::Type::kUnknown ||
        (column.named && column.values.empty())) {
      return WrongFile(absl::StrCat("found no value in the column `",
                                    column.name, "`, expected at least one"));
    }
    column.begin = features;
    dataset.columns.push_back({.name = column.name});
    if (column.type == Column::Type::kNumbers) {
      ++features;
      continue;
    }
    dataset.columns.back().categories = Sorted(column.values);
    column.categories = Numbered(dataset.columns.back().categories);
    const auto size = static_cast<int64_t>(column.categories.size());
    dataset.categories.push_back({.begin = features, .size = size});
    features += size;
  }
  if (features > kMostNumbers / num_rows_) {
    return WrongFile(absl::StrCat("found ", num_rows_, " rows of ", features,
                                  " features, categories counted one by one, "
                                  "expected at most ",
                                  kMostNumbers, " numbers"));
  }
  dataset.inputs = Table(Table::Zero(features, num_rows_));
  dataset.has_missing = has_missing_;
  is_regression_ =
      options_.task == Task::kRegression ||
      (options_.task == Task::kAuto && Target().type == Column::Type::kNumbers);
  if (!is_regression_) return LayOutClasses(dataset);
  dataset.targets.resize(1, num_rows_);
  return absl::OkStatus();
}

absl::Status CsvTable::Fill(CsvRows& rows, Dataset& dataset) {
  auto& inputs = std::get<Table>(dataset.inputs);
  std::vector<std::string> fields;
  for (int64_t row = 0; row < num_rows_; ++row) {
    ATTUNE_RETURN_IF_ERROR(NextRow(rows, fields).status());
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Column& column = columns_[i];
      double number = std::numeric_limits<double>::quiet_NaN();
      if (i == target_ && !is_regression_) {
        const int64_t label = column.categories.at(fields[i]);
        dataset.labels.push_back(static_cast<int32_t>(label));
        continue;
      }
      const bool missing = IsMissing(fields[i]);
      if (column.categories.empty()) {
        if (!missing) ReadNumber(fields[i], number);
        (i == target_ ? dataset.targets(0, row) : inputs(column.begin, row)) =
            number;
      } else if (missing) {
        const auto size = static_cast<int64_t>(column.categories.size());
        inputs.col(row).segment(column.begin, size).setConstant(number);
      } else {
        inputs(column.begin + column.categories.at(fields[i]), row) = 1;
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Dataset> CsvTable::Read() {
  CsvRows survey(text_, name_);
  ATTUNE_RETURN_IF_ERROR(ReadHeader(survey));
  CsvRows rows = survey;
  std::vector<std::string> fields;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const bool any, NextRow(survey, fields));
    if (!any) break;
    ++num_rows_;
    for (size_t i = 0; i < fields.size(); ++i) {
      ATTUNE_RETURN_IF_ERROR(Note(survey, i, fields[i]));
    }
  }
  Dataset dataset;
  ATTUNE_RETURN_IF_ERROR(LayOut(dataset));
  ATTUNE_RETURN_IF_ERROR(Fill(rows, dataset));
  return dataset;
}

}  // namespace

absl::StatusOr<Dataset> ParseCsv(absl::string_view text,
                                 const CsvOptions& options,
                                 absl::string_view name) {
  return CsvTable(text, options, name).Read();
}

absl::StatusOr<Dataset> ReadCsv(const std::string& path,
                                const CsvOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(ByteFile file, ByteFile::Open(path));
  ATTUNE_ASSIGN_OR_RETURN(const std::string text, file.ReadRest());
  return ParseCsv(text, options, path);
}

}  // namespace attune::nn
