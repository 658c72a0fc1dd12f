#include "bench/result.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/check.h"

namespace attune {

Table::Table(std::vector<std::string> header) {
  rows_.push_back(std::move(header));
}

void Table::Add(std::vector<std::string> cells) {
  ATTUNE_CHECK(cells.size() == rows_.front().size());
  rows_.push_back(std::move(cells));
}

std::string Table::ToString() const {
  std::vector<int> widths(rows_.front().size(), 0);
  for (const std::vector<std::string>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], static_cast<int>(row[i].size()));
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    absl::StrAppendFormat(&text, "%-*s", widths[0], row[0]);
    for (size_t i = 1; i < row.size(); ++i) {
      absl::StrAppendFormat(&text, "  %*s", widths[i], row[i]);
    }
    text += '\n';
  }
  return text;
}

bool Result::reached() const {
  const double found = goal_ratio.has_value() ? ratio.value_or(0.0) : value;
  const double goal = goal_ratio.value_or(goal_value.value_or(0.0));
  return is_limit ? found <= goal : found >= goal;
}

std::string ToString(const Result& result) {
  std::string goal = "none";
  if (result.goal_value.has_value()) goal = FormatFigure(*result.goal_value);
  if (result.goal_ratio.has_value()) {
    goal = absl::StrCat(FormatFigure(*result.goal_ratio), "x");
  }
  if (result.is_limit) goal = absl::StrCat("<=", goal);
  return absl::StrCat(
      "RESULT name=", result.name, " value=", FormatFigure(result.value),
      " unit=", result.unit, " ratio=",
      result.ratio.has_value() ? FormatFigure(*result.ratio) : "none",
      " goal=", goal, result.reached() ? " ok" : " short");
}

std::string FormatFigure(double value) {
  return std::abs(value) >= 1000.0 ? absl::StrFormat("%.0f", value)
                                   : absl::StrFormat("%.4g", value);
}

}  // namespace attune
