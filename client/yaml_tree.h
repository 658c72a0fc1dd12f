#ifndef ATTUNE_CLIENT_YAML_TREE_H_
#define ATTUNE_CLIENT_YAML_TREE_H_

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace attune {

// A place in a text file, counted from 1; columns are characters, not bytes.
struct Position {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Position&, const Position&) = default;
};

// One thing that is wrong with a file.
struct FileProblem {
  Position at;
  std::string field;  // e.g. `parameters.dropout.min`; empty: the file itself
  std::string description;  // what was found and what was expected
  friend bool operator==(const FileProblem&, const FileProblem&) = default;
};

struct YamlEntry;

// One value of a YAML file, with its place.
struct YamlNode {
  enum class Kind {
    kNull,
    kScalar,
    kList,
    kMap,
    kBroken,  // a problem has been noted: say nothing more of it
  };
  Kind kind = Kind::kNull;
  Position at;
  std::string text;    // of a scalar
  bool plain = false;  // a scalar without quotes: may be a number or a bool
  std::vector<YamlNode> items;     // of a list
  std::vector<YamlEntry> entries;  // of a map, in the file's order
};

struct YamlEntry {
  std::string key;
  Position at;  // of the key
  YamlNode value;
};

// Files beyond this are refused unread.
inline constexpr size_t kMaxYamlBytes = 1 << 20;

// Parses one YAML document. What Attune's files do not use is a problem: a
// second document, tags, aliases, keys that are not plain words, a key that
// stands twice. Nullopt if the text cannot be parsed at all; then there is at
// least one problem.
std::optional<YamlNode> ParseYaml(absl::string_view text,
                                  std::vector<FileProblem>& problems);

}  // namespace attune

#endif  // ATTUNE_CLIENT_YAML_TREE_H_
