#include "client/usage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/usage.h"

namespace attune {
namespace {

// Whether `name` is one of those names of options.
bool IsAmong(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// As "STUDY: found ...", or empty.
std::string CheckWord(const std::string& name, const std::string& word) {
  if (word.empty() && IsAmong(name, {"STUDY", "--study"})) {
    return "found an empty study name, expected one of those that `attune "
           "list` prints";
  }
  // Without a filter, an order or a reason: as if they were left out.
  std::string wrong;
  if (!IsAmong(name, {"--filter", "--order-by", "--reason"})) {
    wrong = CheckNotEmpty(word);
  }
  // The name of a file may have any bytes.
  if (wrong.empty() &&
      !IsAmong(name, {"FILE", "INPUT", "--db", "--file", "--data-dir",
                      "--artifact-dir", "--model", "--onnx"})) {
    wrong = CheckUtf8(word);
  }
  return wrong.empty() ? "" : absl::StrCat(name, ": ", wrong);
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

std::string CheckWords(const CLI::App& app) {
  std::vector<const CLI::App*> parts = {&app};
  for (const CLI::App* command : app.get_subcommands()) {
    parts.push_back(command);
  }
  for (const CLI::App* part : parts) {
    for (const CLI::Option* option : part->get_options()) {
      for (const std::string& word : option->results()) {
        const std::string wrong = CheckWord(option->get_name(), word);
        if (wrong.empty()) continue;
        return UsageLines(app.get_name(), CommandGiven(app), wrong);
      }
    }
  }
  return "";
}

}  // namespace attune
