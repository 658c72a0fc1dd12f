#include "server/page_token.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/error.h"

namespace attune {
namespace {

// FNV-1a: enough against mix-ups, and tokens are no secret.
uint64_t Checksum(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

std::string MakePageToken(absl::string_view query, int64_t after) {
  const uint64_t checksum = Checksum(absl::StrCat(after, "/", query));
  return absl::WebSafeBase64Escape(absl::StrCat(after, ".", checksum));
}

absl::StatusOr<int64_t> ReadPageToken(absl::string_view query,
                                      absl::string_view token, int64_t start) {
  if (token.empty()) return start;
  std::string text;
  int64_t after = 0;
  if (absl::WebSafeBase64Unescape(token, &text)) {
    const std::vector<std::string> parts = absl::StrSplit(text, '.');
    if (absl::SimpleAtoi(parts[0], &after) && after >= start &&
        MakePageToken(query, after) == token) {
      return after;
    }
  }
  return InvalidFields(
      {{.field = "page_token",
        .description = "found a text that is not the next_page_token of an "
                       "answer to the same request"}});
}

absl::StatusOr<int64_t> PageSize(int64_t page_size, int64_t unset,
                                 int64_t max) {
  if (page_size < 0) {
    return InvalidFields({{.field = "page_size",
                           .description = absl::StrCat("found ", page_size,
                                                       ", expected >= 0")}});
  }
  return page_size == 0 ? unset : std::min(page_size, max);
}

}  // namespace attune
