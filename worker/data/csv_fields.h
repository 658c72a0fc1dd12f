#ifndef ATTUNE_WORKER_DATA_CSV_FIELDS_H_
#define ATTUNE_WORKER_DATA_CSV_FIELDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace attune::nn {

// Whether a field of a table says that there is no value: it is empty, `?`, or
// `NA` or `NaN` in any case.
bool IsMissing(absl::string_view field);

// Sets `number`; false if `field` is no number, or one beyond what a float
// holds.
bool ReadNumber(absl::string_view field, double& number);

// For messages: as much of a field as is worth reading, and some of the names
// of columns. A file that is no table may have any number of them, of any size.
std::string Excerpt(absl::string_view field);
std::string ListColumns(absl::Span<const std::string> names);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CSV_FIELDS_H_
