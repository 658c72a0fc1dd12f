#ifndef ATTUNE_CLIENT_USAGE_H_
#define ATTUNE_CLIENT_USAGE_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// Checks of the words of a command line; core/usage.h says what is wrong.
namespace attune {

// Checks for CLI::Option::check(): what is wrong, or an empty text.
using WordCheck = std::function<std::string(const std::string&)>;
WordCheck IsIntFrom(int64_t least, int64_t most);
WordCheck IsOneOf(std::vector<std::string> words);

// What is wrong with a word that the command line has for an option or an
// argument, in lines; empty if nothing is: an empty one where one that says
// nothing has no meaning, and one that is not UTF-8 and no path.
std::string CheckWords(const CLI::App& app);

}  // namespace attune

#endif  // ATTUNE_CLIENT_USAGE_H_
