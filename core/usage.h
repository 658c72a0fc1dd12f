#ifndef ATTUNE_CORE_USAGE_H_
#define ATTUNE_CORE_USAGE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// What our programs say of a wrong command line. `App` is a CLI::App and
// `Error` what its parsing has thrown: core does not know CLI11.
namespace attune {

// The program and, after a space, the command that was given to it.
template <typename App>
std::string CommandGiven(const App& app) {
  std::string words = app.get_name();
  for (const auto* command : app.get_subcommands()) {
    absl::StrAppend(&words, " ", command->get_name());
  }
  return words;
}

// As `--db`: the options of the command that was given, and the program's where
// there is none or it takes them too.
template <typename App>
std::vector<std::string> OptionsGiven(const App& app) {
  std::vector<std::string> names;
  const auto add = [&names](const App& part) {
    for (const auto* option : part.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        names.push_back(absl::StrCat("--", name));
      }
    }
  };
  bool takes_own = true;
  for (const auto* command : app.get_subcommands()) {
    add(*command);
    takes_own = command->get_fallthrough();
  }
  if (takes_own) add(app);
  return names;
}

// Two lines: `wrong`, and which help to read. `command` as CommandGiven().
std::string UsageLines(absl::string_view program, absl::string_view command,
                       absl::string_view wrong);

// Of `words` that no option or argument takes, the first option if there is
// one: "found the unknown option `--bd`; did you mean `--db`?". `options` are
// all that there are, as `--db`.
// One that is among them stood where it is none, as after `--`.
// REQUIRES: `words` is not empty.
std::string UnexpectedWords(const std::vector<std::string>& words,
                            const std::vector<std::string>& options);

// What CLI11 says of a command line, in our words; what our own checks say
// (`--slots: found ...`) as it is. It tells what it is about in its text alone.
std::string InOurWords(const std::string& message);

// What was found and what was expected, and which help to read, in lines.
// `error` is no request for help.
template <typename App, typename Error>
std::string ExplainUsage(const App& app, const Error& error) {
  // What nobody takes may be why something else is missing.
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  return UsageLines(app.get_name(), CommandGiven(app),
                    words.empty() ? InOurWords(error.what())
                                  : UnexpectedWords(words, OptionsGiven(app)));
}

// What is wrong with a value that must say something, or with a text that is
// to travel to others; empty if nothing is. The first byte is the byte 1.
std::string CheckNotEmpty(const std::string& value);
std::string CheckUtf8(absl::string_view text);

}  // namespace attune

#endif  // ATTUNE_CORE_USAGE_H_
