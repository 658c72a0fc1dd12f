#ifndef ATTUNE_WORKER_DATA_CSV_FIELDS_H_
#define ATTUNE_WORKER_DATA_CSV_FIELDS_H_

#include "absl/strings/string_view.h"

namespace attune::nn {

// Whether a field of a table says that there is no value: it is empty, `?`, or
// `NA` or `NaN` in any case.
bool IsMissing(absl::string_view field);

// Sets `number`; false if `field` is no number, or one beyond what a float
// holds.
bool ReadNumber(absl::string_view field, double& number);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CSV_FIELDS_H_
