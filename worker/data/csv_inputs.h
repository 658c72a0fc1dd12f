#ifndef ATTUNE_WORKER_DATA_CSV_INPUTS_H_
#define ATTUNE_WORKER_DATA_CSV_INPUTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/data/dataset.h"

namespace attune::nn {

// The inputs of further examples for a network that learnt from a table with
// the columns of `shape`: a table with a header that has these columns, in any
// order, and perhaps others, which are passed over (its target, say). A field
// that is missing becomes NaN if `shape` has missing inputs.
//
// (features, rows). INVALID_ARGUMENT, naming line and column, for a column
// that is not there, a category that was not learnt, or what is no table.
absl::StatusOr<Table> ParseCsvInputs(absl::string_view text,
                                     const Dataset& shape,
                                     absl::string_view name);

// The same of a file, plain or compressed by gzip. NOT_FOUND if there is none.
absl::StatusOr<Table> ReadCsvInputs(const std::string& path,
                                    const Dataset& shape);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CSV_INPUTS_H_
