#include "worker/data/csv_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace attune::nn {

bool IsMissing(absl::string_view field) {
  return field.empty() || field == "?" || absl::EqualsIgnoreCase(field, "na") ||
         absl::EqualsIgnoreCase(field, "nan");
}

bool ReadNumber(absl::string_view field, double& number) {
  return absl::SimpleAtod(field, &number) &&
         std::abs(number) <= std::numeric_limits<float>::max();
}

std::string Excerpt(absl::string_view field) {
  constexpr size_t kMost = 80;
  if (field.size() <= kMost) return std::string(field);
  return absl::StrCat(field.substr(0, kMost), "...");
}

std::string ListColumns(absl::Span<const std::string> names) {
  constexpr size_t kMost = 20;
  const size_t more = names.size() - std::min(names.size(), kMost);
  const auto excerpt = [](std::string* out, const std::string& name) {
    out->append(Excerpt(name));
  };
  return absl::StrCat(
      absl::StrJoin(names.subspan(0, kMost), ", ", excerpt),
      more > 0 ? absl::StrCat(" and ", more, " more") : std::string());
}

}  // namespace attune::nn
