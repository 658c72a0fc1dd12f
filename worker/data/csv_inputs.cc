#include "worker/data/csv_inputs.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/csv_rows.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "worker/data/byte_file.h"
#include "worker/data/csv_fields.h"

namespace attune::nn {
namespace {

// For each column of `shape`, where it stands in the table.
absl::StatusOr<std::vector<size_t>> FindColumns(
    const CsvRows& rows, const std::vector<std::string>& header,
    const Dataset& shape) {
  std::vector<size_t> places;
  for (const InputColumn& column : shape.columns) {
    const auto found = std::find(header.begin(), header.end(), column.name);
    if (found == header.end()) {
      const std::string nearest = NearestName(column.name, header);
      return rows.Wrong(absl::StrCat(
          "found the columns ", ListColumns(header), ", expected one called `",
          column.name, "`, as was learnt from",
          nearest.empty() ? ""
                          : absl::StrCat("; is it `", Excerpt(nearest), "`?")));
    }
    places.push_back(static_cast<size_t>(found - header.begin()));
  }
  return places;
}

absl::Status WrongField(const CsvRows& rows, const InputColumn& column,
                        absl::string_view field, absl::string_view expected) {
  return rows.Wrong(absl::StrCat("column `", column.name, "`: found `",
                                 Excerpt(field), "`, expected ", expected));
}

absl::Status ReadField(const CsvRows& rows, const InputColumn& column,
                       const std::string& field, bool may_miss,
                       Eigen::Map<Eigen::VectorXd> features) {
  if (IsMissing(field)) {
    if (!may_miss) {
      return WrongField(rows, column, field,
                        "a value, as in the table that was learnt from");
    }
    features.setConstant(std::numeric_limits<double>::quiet_NaN());
    return absl::OkStatus();
  }
  if (column.categories.empty()) {
    double number = 0.0;
    if (!ReadNumber(field, number)) {
      return WrongField(rows, column, field, "a finite number");
    }
    features[0] = number;
    return absl::OkStatus();
  }
  const auto found =
      std::find(column.categories.begin(), column.categories.end(), field);
  if (found == column.categories.end()) {
    return WrongField(rows, column, field,
                      absl::StrCat("one of ", ListColumns(column.categories)));
  }
  features.setZero();
  features[found - column.categories.begin()] = 1;
  return absl::OkStatus();
}

// Appends the features of a row.
absl::Status ReadRow(const CsvRows& rows, const std::vector<size_t>& places,
                     const std::vector<std::string>& fields,
                     const Dataset& shape, std::vector<double>& numbers) {
  for (size_t i = 0; i < places.size(); ++i) {
    const InputColumn& column = shape.columns[i];
    const int64_t size = std::max<int64_t>(1, std::ssize(column.categories));
    numbers.resize(numbers.size() + static_cast<size_t>(size));
    ATTUNE_RETURN_IF_ERROR(
        ReadField(rows, column, fields[places[i]], shape.has_missing,
                  {numbers.data() + std::ssize(numbers) - size, size}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Table> ParseCsvInputs(absl::string_view text,
                                     const Dataset& shape,
                                     absl::string_view name) {
  CsvRows rows(text, name);
  std::vector<std::string> fields;
  ATTUNE_ASSIGN_OR_RETURN(bool any, rows.Next(fields));
  if (!any) {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", name,
                     ": found nothing, expected a header of column names"));
  }
  const std::vector<std::string> header = fields;
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<size_t> places,
                          FindColumns(rows, header, shape));
  std::vector<double> numbers;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(any, rows.Next(fields));
    if (!any) break;
    if (fields.size() != header.size()) {
      return rows.Wrong(absl::StrCat("found ", fields.size(),
                                     " fields, expected ", header.size(),
                                     " as in the header"));
    }
    ATTUNE_RETURN_IF_ERROR(ReadRow(rows, places, fields, shape, numbers));
  }
  const int64_t features = shape.num_features();
  const int64_t count = std::ssize(numbers) / features;
  return Table(Eigen::Map<const Table>(numbers.data(), features, count));
}

absl::StatusOr<Table> ReadCsvInputs(const std::string& path,
                                    const Dataset& shape) {
  ATTUNE_ASSIGN_OR_RETURN(ByteFile file, ByteFile::Open(path));
  ATTUNE_ASSIGN_OR_RETURN(const std::string text, file.ReadRest());
  return ParseCsvInputs(text, shape, path);
}

}  // namespace attune::nn
