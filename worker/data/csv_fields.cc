#include "worker/data/csv_fields.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace attune::nn {

bool IsMissing(absl::string_view field) {
  return field.empty() || field == "?" || absl::EqualsIgnoreCase(field, "na") ||
         absl::EqualsIgnoreCase(field, "nan");
}

bool ReadNumber(absl::string_view field, double& number) {
  return absl::SimpleAtod(field, &number) &&
         std::abs(number) <= std::numeric_limits<float>::max();
}

}  // namespace attune::nn
