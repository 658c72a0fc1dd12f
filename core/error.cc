#include "core/error.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"

namespace attune {
namespace {

constexpr absl::string_view kReasonUrl = "attune/reason";
constexpr absl::string_view kResourceUrl = "attune/resource";
constexpr absl::string_view kViolationsUrl = "attune/violations";

void SetText(absl::string_view url, absl::string_view text,
             absl::Status& status) {
  if (text.empty()) {
    status.ErasePayload(url);
  } else {
    status.SetPayload(url, absl::Cord(text));
  }
}

std::string GetText(const absl::Status& status, absl::string_view url) {
  auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
}

// Texts are packed as `length:bytes`, one after the other.
void Pack(absl::string_view text, std::string& out) {
  absl::StrAppend(&out, text.size(), ":", text);
}

std::optional<std::string> Unpack(absl::string_view& in) {
  const size_t colon = in.find(':');
  uint64_t length = 0;
  if (colon == absl::string_view::npos ||
      !absl::SimpleAtoi(in.substr(0, colon), &length) ||
      length > in.size() - colon - 1) {
    return std::nullopt;
  }
  std::string text(in.substr(colon + 1, length));
  in.remove_prefix(colon + 1 + length);
  return text;
}

// What differs only in case, or in `-` for `_`, is taken for the same.
std::string Normalized(absl::string_view word) {
  std::string result = absl::AsciiStrToLower(word);
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

// How many letters must be inserted, deleted, replaced or swapped with their
// neighbour to make `b` out of `a` (optimal string alignment).
int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<int> before_last(b.size() + 1);
  std::vector<int> last(b.size() + 1);
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view reason,
                   absl::string_view message, absl::string_view resource) {
  absl::Status status(code, message);
  SetReason(reason, status);
  SetResource(resource, status);
  return status;
}

absl::Status InvalidFields(const std::vector<Violation>& violations) {
  ATTUNE_CHECK(!violations.empty());
  absl::Status status = Error(
      absl::StatusCode::kInvalidArgument, reason::kInvalidField,
      absl::StrJoin(
          violations, "; ", [](std::string* out, const Violation& violation) {
            absl::StrAppend(out, violation.field, ": ", violation.description);
          }));
  SetViolations(violations, status);
  return status;
}

absl::Status LimitReached(absl::string_view things, size_t limit) {
  return Error(absl::StatusCode::kResourceExhausted, reason::kLimitReached,
               absl::StrCat("there are ", limit, " ", things,
                            ", which is the limit; try again later"));
}

std::string Reason(const absl::Status& status) {
  return GetText(status, kReasonUrl);
}

std::string Resource(const absl::Status& status) {
  return GetText(status, kResourceUrl);
}

std::vector<Violation> Violations(const absl::Status& status) {
  const std::string packed = GetText(status, kViolationsUrl);
  absl::string_view rest = packed;
  std::vector<Violation> violations;
  while (!rest.empty()) {
    std::optional<std::string> field = Unpack(rest);
    std::optional<std::string> description = Unpack(rest);
    if (!field.has_value() || !description.has_value()) break;
    violations.push_back(
        {.field = *std::move(field), .description = *std::move(description)});
  }
  return violations;
}

void SetReason(absl::string_view reason, absl::Status& status) {
  SetText(kReasonUrl, reason, status);
}

void SetResource(absl::string_view resource, absl::Status& status) {
  SetText(kResourceUrl, resource, status);
}

void SetViolations(const std::vector<Violation>& violations,
                   absl::Status& status) {
  std::string packed;
  for (const Violation& violation : violations) {
    Pack(violation.field, packed);
    Pack(violation.description, packed);
  }
  SetText(kViolationsUrl, packed, status);
}

std::string NearestName(absl::string_view word,
                        const std::vector<std::string>& candidates) {
  constexpr size_t kLongestWord = 100;  // longer ones were never a name
  constexpr size_t kShortestBeginning = 3;
  if (word.empty() || word.size() > kLongestWord) return "";
  const std::string wanted = Normalized(word);
  const int limit = std::max(1, static_cast<int>(wanted.size()) / 3);
  int best_distance = std::numeric_limits<int>::max();
  std::string best;
  for (const std::string& candidate : candidates) {
    const std::string name = Normalized(candidate);
    int distance = EditDistance(wanted, name);
    // `xavier` means `xavier_uniform`, though many letters are missing.
    if (wanted.size() >= kShortestBeginning && name.size() > wanted.size() &&
        name.compare(0, wanted.size(), wanted) == 0) {
      distance = std::min(distance, limit);
    }
    // A word of one or two letters is near nothing but its own length's.
    if (distance <= limit && distance < static_cast<int>(name.size()) &&
        distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace attune
