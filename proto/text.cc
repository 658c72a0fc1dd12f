#include "proto/text.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace attune {
namespace {

constexpr absl::string_view kCut = "...";

uint8_t Byte(absl::string_view text, size_t i) {
  return static_cast<uint8_t>(text[i]);
}

bool IsContinuation(absl::string_view text, size_t i) {
  return (Byte(text, i) & 0xc0) == 0x80;
}

// How many bytes the character at `i` has; 0 if none is there that UTF-8
// (RFC 3629) allows: too long a form, a surrogate, or above U+10FFFF.
size_t CharacterLength(absl::string_view text, size_t i) {
  const uint8_t first = Byte(text, i);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || i + length > text.size()) return 0;
  for (size_t k = 1; k < length; ++k) {
    if (!IsContinuation(text, i + k)) return 0;
  }
  const uint8_t second = Byte(text, i + 1);
  const bool bad =
      (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return bad ? 0 : length;
}

}  // namespace

std::string FitText(absl::string_view text, size_t max_bytes) {
  ATTUNE_CHECK(max_bytes >= kCut.size());
  std::string result;
  size_t fits = 0;  // the longest beginning that leaves room for kCut
  for (size_t i = 0; i < text.size();) {
    const size_t length = CharacterLength(text, i);
    if (length == 0) {
      result.push_back('?');
      ++i;
    } else {
      absl::StrAppend(&result, text.substr(i, length));
      i += length;
    }
    if (result.size() + kCut.size() <= max_bytes) fits = result.size();
    if (result.size() > max_bytes) {
      result.resize(fits);
      return absl::StrCat(result, kCut);
    }
  }
  return result;
}

}  // namespace attune
