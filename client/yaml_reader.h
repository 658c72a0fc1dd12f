#ifndef ATTUNE_CLIENT_YAML_READER_H_
#define ATTUNE_CLIENT_YAML_READER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/yaml_tree.h"
#include "core/search_space.h"

namespace attune {

// Where each field of a file stands and what is wrong with it. Fields are named
// as in core/error.h: `parameters.dropout.min`, `forbidden[0].momentum`.
class FieldLog {
 public:
  void Place(const std::string& field, Position at) { places_[field] = at; }

  // Notes a problem and takes the field, with all its parts, for broken.
  void Add(Position at, const std::string& field, std::string description);
  void MarkBroken(const std::string& field) { broken_.insert(field); }

  // Whether the field or one that contains it is broken: what else may seem to
  // be wrong with it follows from that.
  bool IsBroken(absl::string_view field) const;

  // Of the field, or of the nearest one that contains it.
  Position Find(absl::string_view field) const;

  // In the order of the file.
  std::vector<FileProblem> TakeProblems();
  std::vector<FileProblem>& problems() { return problems_; }

 private:
  std::map<std::string, Position, std::less<>> places_;
  std::set<std::string, std::less<>> broken_;
  std::vector<FileProblem> problems_;
};

// A node with the name of its field.
struct Field {
  const YamlNode& node;
  std::string name;
};

// `a list`, "`abc`", "the text `5`": what a message says was found.
std::string FoundIn(const YamlNode& node);

// Notes that something else than `expected` was found.
void AddUnexpected(const Field& field, absl::string_view expected,
                   FieldLog& log);

// The type of a scalar is that of YAML 1.2: `true` and `false` are truth
// values, `yes` and `on` are texts, `1` is an integer, `1.0` and `1e2` are
// numbers with decimals, whatever is in quotes is a text. Each of these returns
// nullopt after noting what was found and what was expected.
std::optional<ParameterValue> ReadValue(const Field& field, FieldLog& log);
std::optional<std::string> ReadText(const Field& field,
                                    absl::string_view expected, FieldLog& log);
std::optional<int64_t> ReadInt(const Field& field, FieldLog& log);
std::optional<double> ReadNumber(const Field& field, FieldLog& log);

// Whether the node is a number that is not written as an integer.
bool IsDecimal(const YamlNode& node);

// A map with keys that are known. Constructing it notes every other key, with
// the nearest one that is known, and the places of all fields.
class MapReader {
 public:
  // `field.node` must be a map and outlive this, as must `log`.
  MapReader(const Field& field, std::vector<std::string> known, FieldLog& log);

  // Nullopt if it is not there; `Required` notes that.
  std::optional<Field> Find(absl::string_view key) const;
  std::optional<Field> Required(absl::string_view key,
                                absl::string_view expected) const;
  // Whether a key that is unknown, and has been noted, seems to mean this one.
  bool IsMeant(absl::string_view key) const;
  // Of a key that is there.
  Position KeyPosition(absl::string_view key) const;

 private:
  const Field field_;
  FieldLog& log_;
  std::set<std::string> meant_;  // known keys that unknown ones are near to
};

// `field.name`.`key`, or `key` at the top of the file.
std::string Part(const std::string& field, absl::string_view key);

bool IsMap(const Field& field);

// A map with one known key, or that key alone as a word: `grid`, `{grid: {}}`.
struct Selection {
  std::string word;
  std::optional<Field> settings;  // what stands under the key, if it is a map
};
std::optional<Selection> ReadSelection(const Field& field,
                                       const std::vector<std::string>& known,
                                       FieldLog& log);

// Notes anything but an empty map (or nothing) under a word without settings.
void CheckNoSettings(const Selection& selection, FieldLog& log);

// Notes the places of a list's items.
void PlaceItems(const Field& list, FieldLog& log);
std::string Item(const std::string& field, size_t index);

}  // namespace attune

#endif  // ATTUNE_CLIENT_YAML_READER_H_
