#include "client/format.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "core/check.h"
#include "core/overloaded.h"

namespace attune {
namespace {

constexpr int kGap = 2;  // spaces between two columns

bool IsContinuationByte(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// How many bytes the control character at the start of `text` has; 0 if there
// is none. Those from U+0080 to U+009F are commands too: U+009B is what an
// escape and `[` are.
size_t ControlLength(absl::string_view text) {
  const auto byte = [text](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  if (absl::ascii_iscntrl(byte(0))) return 1;
  const bool is_upper =
      byte(0) == 0xC2 && text.size() > 1 && byte(1) >= 0x80 && byte(1) < 0xA0;
  return is_upper ? 2 : 0;
}

absl::string_view StyleCode(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  return "";
}

// A column as it is printed.
struct Shown {
  size_t index = 0;
  int width = 0;
};

std::vector<Shown> NaturalWidths(const Table& table) {
  std::vector<Shown> shown;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    int width = Width(table.columns[i].title);
    for (const std::vector<Cell>& row : table.rows) {
      ATTUNE_CHECK(row.size() == table.columns.size());
      width = std::max(width, Width(row[i].text));
    }
    shown.push_back({.index = i, .width = width});
  }
  return shown;
}

int TotalWidth(const std::vector<Shown>& shown) {
  int total = shown.empty() ? 0 : -kGap;
  for (const Shown& column : shown) total += column.width + kGap;
  return total;
}

// The names that columns have, and those in the first one, which say what a row
// is about.
void ShortenNames(Table& table) {
  for (Column& column : table.columns) {
    column.title = Shortened(column.title, kLongestName);
  }
  for (std::vector<Cell>& row : table.rows) {
    if (!row.empty()) row[0].text = Shortened(row[0].text, kLongestName);
  }
}

// Takes the columns that may stand below their rows out of `shown`, if that is
// too wide, and returns them.
std::vector<size_t> MoveBelow(const Table& table, int width,
                              std::vector<Shown>& shown) {
  std::vector<size_t> below;
  if (TotalWidth(shown) <= width) return below;
  for (const Shown& column : shown) {
    if (table.columns[column.index].goes_below) below.push_back(column.index);
  }
  std::erase_if(shown, [&table](const Shown& column) {
    return table.columns[column.index].goes_below;
  });
  return below;
}

// Makes the widest texts narrower, as long as that leaves something to read.
void NarrowColumns(const Table& table, int width, std::vector<Shown>& shown) {
  constexpr int kNarrowest = 12;
  constexpr int kNarrowestWrapped = 20;
  // How many characters a column can lose.
  const auto slack = [&table](const Shown& shown_column) {
    const Column& column = table.columns[shown_column.index];
    // The first says what the row is about: half of a name is none.
    if (column.is_number || shown_column.index == 0) return 0;
    return shown_column.width - (column.wraps ? kNarrowestWrapped : kNarrowest);
  };
  while (TotalWidth(shown) > width) {
    const auto widest = std::max_element(
        shown.begin(), shown.end(), [&slack](const Shown& a, const Shown& b) {
          return slack(a) < slack(b);
        });
    if (widest == shown.end() || slack(*widest) <= 0) return;
    --widest->width;
  }
}

// Leaves out columns from the right, optional ones first; the first stays.
void DropColumns(const Table& table, int width, std::vector<Shown>& shown) {
  for (const bool only_optional : {true, false}) {
    for (size_t i = shown.size(); i-- > 1 && TotalWidth(shown) > width;) {
      if (only_optional && !table.columns[shown[i].index].is_optional) continue;
      shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

// The lines of one cell.
std::vector<std::string> CellLines(const std::string& text, int width,
                                   bool wraps) {
  if (Width(text) <= width) return {text};
  if (wraps) return Wrapped(text, width);
  return {Cut(text, width - 1) + "…"};
}

// The lines of one row, with their ends.
std::string FormatRow(const std::vector<Cell>& row, const Table& table,
                      const std::vector<Shown>& shown, bool color) {
  std::vector<std::vector<std::string>> texts;  // of each column, its lines
  size_t height = 1;
  for (const Shown& column : shown) {
    texts.push_back(CellLines(row[column.index].text, column.width,
                              table.columns[column.index].wraps));
    height = std::max(height, texts.back().size());
  }
  std::string result;
  for (size_t line = 0; line < height; ++line) {
    for (size_t i = 0; i < shown.size(); ++i) {
      const std::string text = line < texts[i].size() ? texts[i][line] : "";
      const std::string space(static_cast<size_t>(shown[i].width - Width(text)),
                              ' ');
      const std::string styled = Styled(text, row[shown[i].index].style, color);
      const bool is_last = i + 1 == shown.size();
      if (table.columns[shown[i].index].is_number) {
        absl::StrAppend(&result, space, styled);
      } else {
        absl::StrAppend(&result, styled, is_last ? "" : space);
      }
      if (!is_last) result.append(kGap, ' ');
    }
    result += '\n';
  }
  return result;
}

// JSON with those control characters escaped that it allows as they are.
std::string JsonEscaped(absl::string_view json) {
  std::string result;
  for (size_t i = 0; i < json.size();) {
    const size_t length = ControlLength(json.substr(i));
    if (length == 0) {
      result += json[i++];
      continue;
    }
    i += length;
    // Of the two bytes the second is the character's number.
    absl::StrAppendFormat(&result, "\\u%04x",
                          static_cast<unsigned char>(json[i - 1]));
  }
  return result;
}

// The lines of a cell that stands below its row.
std::string FormatBelow(const Cell& cell, int width, bool color) {
  constexpr int kIndent = 4;
  std::string result;
  if (cell.text.empty()) return result;
  for (const std::string& line : Wrapped(cell.text, width - kIndent)) {
    absl::StrAppend(&result, std::string(kIndent, ' '),
                    Styled(line, cell.style, color), "\n");
  }
  return result;
}

}  // namespace

int Width(absl::string_view text) {
  return static_cast<int>(text.size()) -
         static_cast<int>(
             std::count_if(text.begin(), text.end(), IsContinuationByte));
}

std::string Cut(absl::string_view text, int width) {
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if (!IsContinuationByte(text[end]) && width-- <= 0) break;
  }
  return std::string(text.substr(0, end));
}

std::string Shortened(absl::string_view text, int width) {
  const int all = Width(text);
  if (all <= width) return std::string(text);
  const int kept = std::max(0, width - 1);
  const int start = (kept + 1) / 2;
  const std::string before_end = Cut(text, all - (kept - start));
  return absl::StrCat(Cut(text, start), "…", text.substr(before_end.size()));
}

std::string Printable(absl::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    const size_t length = ControlLength(text.substr(i));
    if (length > 0) {
      absl::StrAppend(&result, absl::CEscape(text.substr(i, length)));
    } else {
      result += text[i];
    }
    i += std::max<size_t>(1, length);
  }
  return result;
}

std::string PrintableLines(absl::string_view text) {
  return absl::StrJoin(absl::StrSplit(text, '\n'), "\n",
                       [](std::string* out, absl::string_view line) {
                         absl::StrAppend(out, Printable(line));
                       });
}

std::vector<std::string> Wrapped(absl::string_view text, int width) {
  std::vector<std::string> lines = {""};
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    std::string& line = lines.back();
    if (line.empty()) {
      line = std::string(word);
    } else if (Width(line) + 1 + Width(word) <= width) {
      absl::StrAppend(&line, " ", word);
    } else {
      lines.emplace_back(word);
    }
  }
  for (std::string& line : lines) {
    if (Width(line) > width) line = Cut(line, width - 1) + "…";
  }
  return lines;
}

std::string Styled(absl::string_view text, Style style, bool color) {
  if (!color || style == Style::kPlain || text.empty()) {
    return std::string(text);
  }
  return absl::StrCat(StyleCode(style), text, "\x1b[0m");
}

std::string FormatTable(const Table& table, const Paper& paper, int* hidden) {
  Table clean = table;
  for (Column& column : clean.columns) column.title = Printable(column.title);
  for (std::vector<Cell>& row : clean.rows) {
    for (Cell& cell : row) cell.text = Printable(cell.text);
  }
  std::vector<Shown> shown = NaturalWidths(clean);
  std::vector<size_t> below;
  if (paper.width.has_value()) {
    if (TotalWidth(shown) > *paper.width) {
      ShortenNames(clean);
      shown = NaturalWidths(clean);
    }
    below = MoveBelow(clean, *paper.width, shown);
    NarrowColumns(clean, *paper.width, shown);
    DropColumns(clean, *paper.width, shown);
  }
  if (hidden != nullptr) {
    *hidden =
        static_cast<int>(clean.columns.size() - shown.size() - below.size());
  }
  std::vector<Cell> titles;
  for (const Column& column : clean.columns) {
    titles.push_back({.text = column.title, .style = Style::kBold});
  }
  std::string text = FormatRow(titles, clean, shown, paper.color);
  for (const std::vector<Cell>& row : clean.rows) {
    text += FormatRow(row, clean, shown, paper.color);
    for (const size_t column : below) {
      text += FormatBelow(row[column], *paper.width, paper.color);
    }
  }
  return text;
}

std::string FormatCsv(const std::vector<CsvColumn>& columns, const Json& rows) {
  const auto quoted = [](const std::string& text) {
    const bool plain =
        text.find_first_of(",\"\r\n") == std::string::npos &&
        (text.empty() || (text.front() != ' ' && text.back() != ' '));
    if (plain) return text;
    return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}),
                        "\"");
  };
  const auto field = [&quoted](const CsvColumn& column, const Json& row) {
    const Json* value = &row;
    for (const std::string& key : column.path) {
      const auto found = value->find(key);
      if (!value->is_object() || found == value->end()) return std::string();
      value = &*found;
    }
    if (value->is_null()) return std::string();
    if (value->is_string()) return quoted(value->get<std::string>());
    return quoted(value->dump());
  };
  const auto join = [](const std::vector<std::string>& fields) {
    return absl::StrCat(absl::StrJoin(fields, ","), "\n");
  };
  std::vector<std::string> fields;
  for (const CsvColumn& column : columns)
    fields.push_back(quoted(column.title));
  std::string text = join(fields);
  for (const Json& row : rows) {
    fields.clear();
    for (const CsvColumn& column : columns)
      fields.push_back(field(column, row));
    text += join(fields);
  }
  return text;
}

std::string FormatJson(const Json& rows) {
  std::vector<std::string> lines;
  for (const Json& row : rows) {
    lines.push_back(absl::StrCat(
        "  ",
        JsonEscaped(row.dump(-1, ' ', false, Json::error_handler_t::replace))));
  }
  if (lines.empty()) return "[]\n";
  return absl::StrCat("[\n", absl::StrJoin(lines, ",\n"), "\n]\n");
}

Json JsonNumber(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}

Json JsonValue(const ParameterValue& value) {
  return std::visit(Overloaded{[](double number) { return JsonNumber(number); },
                               [](const auto& other) { return Json(other); }},
                    value);
}

Json JsonTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string ShortNumber(double number, int digits) {
  return absl::StrFormat("%.*g", digits, number);
}

std::string ShortValue(const ParameterValue& value) {
  constexpr int kDigits = 4;
  if (const auto* number = std::get_if<double>(&value)) {
    return ShortNumber(*number, kDigits);
  }
  const std::string text = ToString(value);
  return text.empty() ? "(empty)" : text;
}

std::string ShortDuration(absl::Duration duration) {
  if (duration < absl::ZeroDuration()) duration = absl::ZeroDuration();
  constexpr absl::Duration kShort = absl::Milliseconds(9950);
  if (duration < kShort) {
    return absl::StrFormat("%.1fs", absl::ToDoubleSeconds(duration));
  }
  const auto seconds =
      static_cast<int64_t>(std::llround(absl::ToDoubleSeconds(duration)));
  const int64_t minutes = seconds / 60;
  if (minutes == 0) return absl::StrCat(seconds, "s");
  if (minutes < 60) return absl::StrFormat("%dm%02ds", minutes, seconds % 60);
  const int64_t hours = minutes / 60;
  if (hours < 24) return absl::StrFormat("%dh%02dm", hours, minutes % 60);
  return absl::StrFormat("%dd%02dh", hours / 24, hours % 24);
}

std::string ShortTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", time, absl::LocalTimeZone());
}

}  // namespace attune
