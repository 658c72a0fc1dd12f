#include "client/yaml_tree.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace attune {
namespace {

bool IsContinuationByte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// How many bytes the UTF-8 character at the start of `text` has; 0 if there is
// none that is legal.
size_t CharacterLength(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuationByte(text[i])) return 0;
  }
  return length;
}

// Where the first byte stands that no text file has, and what it is.
std::optional<FileProblem> FindBadByte(absl::string_view text) {
  Position at;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 0 || (absl::ascii_iscntrl(byte) && byte != '\t' &&
                        byte != '\n' && byte != '\r')) {
      return FileProblem{
          at, "",
          absl::StrFormat("found the byte 0x%02X, expected text in UTF-8; is "
                          "this a binary file?",
                          byte)};
    }
    ++at.column;
    if (byte == '\n') at = {.line = at.line + 1, .column = 1};
    text.remove_prefix(length);
  }
  return std::nullopt;
}

// Turns the parser's marks, which count bytes from 0, into positions.
class Lines {
 public:
  explicit Lines(absl::string_view text) : lines_(absl::StrSplit(text, '\n')) {}

  Position At(const YAML::Mark& mark) const {
    const auto line = static_cast<size_t>(std::max(mark.line, 0));
    auto column = static_cast<size_t>(std::max(mark.column, 0));
    // Nobody counts the columns of a longer line.
    constexpr size_t kLongestLine = 1000;
    if (line < lines_.size() && lines_[line].size() <= kLongestLine) {
      const absl::string_view before =
          lines_[line].substr(0, std::min<size_t>(column, lines_[line].size()));
      column -= static_cast<size_t>(
          std::count_if(before.begin(), before.end(), IsContinuationByte));
    }
    return {.line = static_cast<int>(line) + 1,
            .column = static_cast<int>(column) + 1};
  }

  // The first line up to `last` that is indented by a tab.
  std::optional<Position> FindTab(int last) const {
    for (size_t i = 0; i < lines_.size() && i <= static_cast<size_t>(last);
         ++i) {
      const size_t tab = lines_[i].find_first_not_of(' ');
      if (tab != absl::string_view::npos && lines_[i][tab] == '\t') {
        return Position{.line = static_cast<int>(i) + 1,
                        .column = static_cast<int>(tab) + 1};
      }
    }
    return std::nullopt;
  }

 private:
  std::vector<absl::string_view> lines_;
};

// Whether the text in quotes that starts at `text[0]` has its closing quote:
// the parser takes the end of the file for one.
bool IsQuoteClosed(absl::string_view text) {
  const char quote = text[0];
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote) {
      return true;
    }
  }
  return false;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  // Both must outlive the builder.
  TreeBuilder(absl::string_view text, std::vector<FileProblem>& problems)
      : text_(text), lines_(text), problems_(problems) {}

  int documents() const { return documents_; }
  YamlNode TakeRoot() { return std::move(root_); }
  const Lines& lines() const { return lines_; }

  // Where the innermost list or map begins that has not ended.
  std::optional<Position> OpenCollection() const {
    if (open_.empty()) return std::nullopt;
    return open_.back().node.at;
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ != 2) return;
    Note(mark,
         "found a second document, expected one: all keys of the file begin "
         "in the same column, and no line is `---`");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Add({.kind = YamlNode::Kind::kNull, .at = lines_.At(mark)});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Note(mark, "found an alias (`*`), expected the value itself");
    Add({.kind = YamlNode::Kind::kBroken, .at = lines_.At(mark)});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t /*anchor*/, const std::string& value) override {
    YamlNode node = {.kind = YamlNode::Kind::kScalar,
                     .at = lines_.At(mark),
                     .text = value,
                     .plain = tag == "?"};
    const auto offset = static_cast<size_t>(std::max(mark.pos, 0));
    if (!CheckTag(mark, tag)) {
      node.kind = YamlNode::Kind::kBroken;
    } else if (!node.plain && offset < text_.size() &&
               (text_[offset] == '"' || text_[offset] == '\'') &&
               !IsQuoteClosed(text_.substr(offset))) {
      Note(mark, absl::StrCat("found a text without its closing `",
                              text_.substr(offset, 1), "`"));
      node.kind = YamlNode::Kind::kBroken;
    }
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kList, mark, tag);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kMap, mark, tag);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A list or map that has begun. In a map keys and values take turns.
  struct OpenNode {
    YamlNode node;
    std::optional<YamlNode> key;
    std::map<std::string, Position> keys;
  };

  void Note(const YAML::Mark& mark, std::string description) {
    problems_.push_back({lines_.At(mark), "", std::move(description)});
  }

  bool CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return true;
    Note(mark, absl::StrCat("found the tag `", tag,
                            "`, expected a value without one: quotes make a "
                            "text, a point makes a number with decimals"));
    return false;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark,
            const std::string& tag) {
    const bool legal = CheckTag(mark, tag);
    open_.push_back({.node = {.kind = legal ? kind : YamlNode::Kind::kBroken,
                              .at = lines_.At(mark)}});
    is_map_.push_back(kind == YamlNode::Kind::kMap);
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    is_map_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (open_.empty()) {
      if (documents_ <= 1) root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (!is_map_.back()) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key.has_value()) {
      parent.key = std::move(node);
    } else {
      AddEntry(parent, std::move(node));
      parent.key.reset();
    }
  }

  void AddEntry(OpenNode& map, YamlNode value) {
    const YamlNode& key = *map.key;
    std::string problem;
    if (key.kind == YamlNode::Kind::kNull) {
      problem = "found no key before the `:`, expected one";
    } else if (key.kind == YamlNode::Kind::kList ||
               key.kind == YamlNode::Kind::kMap) {
      problem = "found a list or map as a key, expected a word";
    } else if (key.kind == YamlNode::Kind::kBroken) {
      return;
    } else if (key.plain && key.text == "<<") {
      problem = "found a merge key (`<<`), expected the entries themselves";
    } else if (const auto [first, is_new] = map.keys.emplace(key.text, key.at);
               !is_new) {
      problem = absl::StrCat("found the key `", key.text,
                             "` a second time, expected it once; the first is "
                             "in line ",
                             first->second.line);
    }
    if (!problem.empty()) {
      problems_.push_back({key.at, "", std::move(problem)});
      return;
    }
    map.node.entries.push_back(
        {.key = key.text, .at = key.at, .value = std::move(value)});
  }

  absl::string_view text_;
  Lines lines_;
  std::vector<FileProblem>& problems_;
  std::vector<OpenNode> open_;
  std::vector<bool> is_map_;  // one for each of `open_`
  int documents_ = 0;
  YamlNode root_;
};

// The parser's error, in words that help.
FileProblem Explain(const YAML::Exception& error, const TreeBuilder& builder) {
  const Lines& lines = builder.lines();
  if (const auto tab = lines.FindTab(error.mark.line)) {
    return {*tab, "", "found a tab, expected spaces before a key"};
  }
  const std::string& message = error.msg;
  const std::optional<Position> open = builder.OpenCollection();
  if (open.has_value() && absl::StrContains(message, "end of map flow")) {
    return {*open, "", "found a `{` without its `}`"};
  }
  if (open.has_value() && absl::StrContains(message, "end of sequence flow")) {
    return {open.value(), "", "found a `[` without its `]`"};
  }
  std::string description = absl::StrCat("not YAML: ", message);
  if (dynamic_cast<const YAML::DeepRecursion*>(&error) != nullptr) {
    description = "found lists or maps nested too deeply";
  } else if (absl::StrContains(message, "illegal map value")) {
    description =
        "found a `:` where none can stand; is a key indented otherwise than "
        "its neighbours, or does a text with `: ` in it lack quotes?";
  } else if (absl::StrContains(message, "illegal flow end")) {
    description =
        "found a closing bracket of another kind than the last that was opened";
  } else if (absl::StrContains(message, "anchor is not defined")) {
    description = "found an alias (`*`), expected a value; quotes make a text";
  }
  return {lines.At(error.mark), "", std::move(description)};
}

}  // namespace

std::optional<YamlNode> ParseYaml(absl::string_view text,
                                  std::vector<FileProblem>& problems) {
  constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (absl::StartsWith(text, kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (text.size() > kMaxYamlBytes) {
    problems.push_back(
        {{},
         "",
         absl::StrCat("found a file of more than ", kMaxYamlBytes,
                      " bytes, expected a small one")});
    return std::nullopt;
  }
  if (auto problem = FindBadByte(text)) {
    problems.push_back(*std::move(problem));
    return std::nullopt;
  }
  TreeBuilder builder(text, problems);
  std::istringstream in{std::string(text)};
  try {
    YAML::Parser parser(in);
    while (builder.documents() < 2 && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    // What was noted before the error is more precise.
    if (problems.empty()) problems.push_back(Explain(error, builder));
    return std::nullopt;
  } catch (const std::exception& error) {
    problems.push_back({{}, "", absl::StrCat("not YAML: ", error.what())});
    return std::nullopt;
  }
  return builder.TakeRoot();
}

}  // namespace attune
