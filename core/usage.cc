#include "core/usage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/check.h"
#include "core/error.h"

namespace attune {
namespace {

// What stands before and after `between`.
std::pair<std::string, std::string> Two(absl::string_view text,
                                        absl::string_view between) {
  return absl::StrSplit(text, absl::MaxSplits(between, 1));
}

// The bytes of the character of UTF-8 that `text` begins with; 0 if it begins
// with none. The longer of two ways to write one is none, nor is a surrogate.
size_t FirstCharacter(absl::string_view text) {
  const auto at = [text](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  const size_t size = first < 0xc2   ? 0
                      : first < 0xe0 ? 2
                      : first < 0xf0 ? 3
                      : first < 0xf5 ? 4
                                     : 0;
  for (size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = at(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return size;
}

}  // namespace

std::string UsageLines(absl::string_view program, absl::string_view command,
                       absl::string_view wrong) {
  return absl::StrCat(program, ": ", wrong, "\n`", command,
                      " --help` says what it takes\n");
}

std::string UnexpectedWords(const std::vector<std::string>& words,
                            const std::vector<std::string>& options) {
  ATTUNE_CHECK(!words.empty());
  const auto option =
      std::find_if(words.begin(), words.end(), [](const std::string& word) {
        return absl::StartsWith(word, "-") && word != "--";
      });
  if (option == words.end()) {
    return absl::StrCat("found `", words[0], "`, expected nothing more");
  }
  const std::string name = option->substr(0, option->find('='));
  if (std::find(options.begin(), options.end(), name) != options.end()) {
    return absl::StrCat("found `", name,
                        "` where it is no option: what stands ",
                        "after `--` is a word, and a command's options stand "
                        "after the command");
  }
  const std::string nearest = NearestName(name, options);
  return absl::StrCat(
      "found the unknown option `", name, "`",
      nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"));
}

std::string InOurWords(const std::string& message) {
  const std::string name = message.substr(0, message.find(':'));
  absl::string_view rest = message;
  if (absl::StrContains(message, ": found ")) return message;
  if (absl::ConsumeSuffix(&rest, " is required")) {
    return rest == "A subcommand" ? "expected a command"
                                  : absl::StrCat("expected ", rest);
  }
  if (absl::ConsumePrefix(&rest, "Could not convert: ")) {
    const auto [option, value] = Two(rest, " = ");
    return absl::StrCat(option, ": found `", value,
                        "`, which it does not take");
  }
  if (absl::StrContains(message, ": At Most ")) {
    return absl::StrCat("found `", name, "` more than once, expected it once");
  }
  if (absl::EndsWith(message, " missing")) {
    return absl::StrCat("found `", name,
                        "` without a value, expected one after it");
  }
  if (absl::ConsumeSuffix(&rest, " was given a disallowed flag override")) {
    return absl::StrCat("found `--", absl::StripPrefix(rest, "--"),
                        "` with a value, expected it without one");
  }
  if (absl::StrContains(message, " excludes ")) {
    const auto [one, other] = Two(rest, " excludes ");
    return absl::StrCat("found `", one, "` beside `", other,
                        "`, expected one of them");
  }
  if (absl::StrContains(message, " requires ")) {
    const auto [one, other] = Two(rest, " requires ");
    return absl::StrCat("found `", one, "` without `", other,
                        "`, expected both");
  }
  return message;
}

std::string CheckNotEmpty(const std::string& value) {
  return value.empty() ? "found an empty value, expected one that says what"
                       : "";
}

std::string CheckUtf8(absl::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = FirstCharacter(text.substr(at));
    if (size == 0) {
      const auto byte = static_cast<unsigned char>(text[at]);
      return absl::StrCat("found the byte 0x", absl::Hex(byte, absl::kZeroPad2),
                          " at byte ", at + 1, ", expected text in UTF-8");
    }
    at += size;
  }
  return "";
}

}  // namespace attune
