#ifndef ATTUNE_CORE_CSV_ROWS_H_
#define ATTUNE_CORE_CSV_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune {

// The rows of comma-separated values (RFC 4180, but a quoted field ends on its
// line). Lines that are blank are passed over, and so is a byte order mark.
// Spaces around a field are no part of it unless they are quoted.
class CsvRows {
 public:
  // `text` must outlive it; `name` is how the messages call it.
  CsvRows(absl::string_view text, absl::string_view name);

  // Sets `fields` to those of the next row; false at the end. INVALID_ARGUMENT
  // if a quote is not closed or is followed by text, or if there is a carriage
  // return that ends no line.
  absl::StatusOr<bool> Next(std::vector<std::string>& fields);

  int64_t line() const { return line_; }  // of the last row, from 1 on

  // INVALID_ARGUMENT with the name, the last row's line and `what`.
  absl::Status Wrong(absl::string_view what) const;

 private:
  bool NextLine(absl::string_view& line);

  absl::string_view rest_;
  const std::string name_;
  int64_t line_ = 0;
};

}  // namespace attune

#endif  // ATTUNE_CORE_CSV_ROWS_H_
