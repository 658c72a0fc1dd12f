#ifndef ATTUNE_WORKER_DATA_CSV_H_
#define ATTUNE_WORKER_DATA_CSV_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/data/dataset.h"

namespace attune::nn {

// A table of comma-separated values (RFC 4180, but a quoted field ends on its
// line) with a header. The column `label_column` holds the class, any text; the
// others hold finite numbers. Classes are sorted: as numbers if all of them are
// integers, else as texts.
//
// INVALID_ARGUMENT, naming line and column, for what is not such a table.
// `name` is how the messages call it.
absl::StatusOr<Dataset> ParseCsv(absl::string_view text,
                                 absl::string_view label_column,
                                 absl::string_view name);

// NOT_FOUND if there is no such file.
absl::StatusOr<Dataset> ReadCsv(const std::string& path,
                                absl::string_view label_column);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CSV_H_
