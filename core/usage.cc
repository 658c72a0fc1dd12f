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

}  // namespace

std::string UnexpectedWords(const std::vector<std::string>& words,
                            const std::vector<std::string>& options) {
  ATTUNE_CHECK(!words.empty());
  const auto option = std::find_if(
      words.begin(), words.end(),
      [](const std::string& word) { return absl::StartsWith(word, "-"); });
  if (option == words.end()) {
    return absl::StrCat("found `", words[0], "`, expected nothing more");
  }
  const std::string name = option->substr(0, option->find('='));
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

}  // namespace attune
