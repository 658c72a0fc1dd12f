#include "client/usage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/usage.h"

namespace attune {
namespace {

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back(absl::StrCat("--", name));
    }
  }
  return names;
}

}  // namespace

WordCheck IsIntFrom(int64_t least, int64_t most) {
  return [least, most](const std::string& word) -> std::string {
    int64_t number = 0;
    if (absl::SimpleAtoi(word, &number) && number >= least && number <= most) {
      return "";
    }
    return absl::StrCat("found `", word, "`, expected an integer from ", least,
                        " to ", most);
  };
}

WordCheck IsOneOf(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    return absl::StrCat("found `", word, "`, expected one of ",
                        absl::StrJoin(words, ", "));
  };
}

std::string ExplainUsage(const CLI::App& app, const CLI::ParseError& error) {
  std::vector<std::string> options = OptionNames(app);
  std::string help = app.get_name();
  for (const CLI::App* command : app.get_subcommands()) {
    const std::vector<std::string> more = OptionNames(*command);
    options.insert(options.end(), more.begin(), more.end());
    absl::StrAppend(&help, " ", command->get_name());
  }
  // What nobody takes may be why something else is missing.
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  return absl::StrCat(app.get_name(), ": ",
                      words.empty() ? InOurWords(error.what())
                                    : UnexpectedWords(words, options),
                      "\n`", help, " --help` says what it takes\n");
}

}  // namespace attune
