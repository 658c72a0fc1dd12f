#ifndef ATTUNE_CORE_USAGE_H_
#define ATTUNE_CORE_USAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// What our programs say of a wrong command line.
namespace attune {

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

// What is wrong with a value that must say something, or with a text that is
// to travel to others; empty if nothing is. The first byte is the byte 1.
std::string CheckNotEmpty(const std::string& value);
std::string CheckUtf8(absl::string_view text);

}  // namespace attune

#endif  // ATTUNE_CORE_USAGE_H_
