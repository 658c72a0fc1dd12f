#ifndef ATTUNE_CLIENT_FORMAT_H_
#define ATTUNE_CLIENT_FORMAT_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/search_space.h"

namespace attune {

// Keeps the keys of objects in the order in which they were added.
using Json = nlohmann::ordered_json;

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

struct Cell {
  std::string text;
  Style style = Style::kPlain;
};

struct Column {
  std::string title;
  bool is_number = false;    // to the right
  bool is_optional = false;  // left out first where there is no room
  bool wraps = false;        // goes on in the next line and is not cut
  bool goes_below = false;   // has lines of its own where there is no room
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as `columns`
};

// How wide a line may be (absent: as wide as it gets), and whether in colour.
struct Paper {
  std::optional<int> width;
  bool color = false;
};

// Lines with their ends. Where `paper` is too narrow, long names lose their
// middle, long texts are cut or go on in the next line or below, and then
// columns are left out, optional ones first; `hidden` counts these.
std::string FormatTable(const Table& table, const Paper& paper,
                        int* hidden = nullptr);

// `text` in lines of at most `width` characters, broken at spaces.
std::vector<std::string> Wrapped(absl::string_view text, int width);

// `text` in `style`, if `color`.
std::string Styled(absl::string_view text, Style style, bool color);

// Characters, and not bytes, of UTF-8; and the first `width` of them.
int Width(absl::string_view text);
std::string Cut(absl::string_view text, int width);

// `text` in at most `width` characters: where it is longer, its start and its
// end, with `…` between them.
std::string Shortened(absl::string_view text, int width);
// So many of a name where a line has a width.
inline constexpr int kLongestName = 32;

// Makes control characters visible, so that what is stored cannot command a
// terminal.
std::string Printable(absl::string_view text);
// The same, but for the ends of its lines.
std::string PrintableLines(absl::string_view text);

// A column of CSV: where in an object its value stands, e.g. {"parameters",
// "momentum"}.
struct CsvColumn {
  std::string title;
  std::vector<std::string> path;
};

// RFC 4180's quoting, with lines that end in \n. What is not there or null is
// empty.
std::string FormatCsv(const std::vector<CsvColumn>& columns, const Json& rows);

// One object a line. Numbers read back as they were.
std::string FormatJson(const Json& rows);

// JSON has no NaN and no infinities: they are the texts "NaN", "Infinity" and
// "-Infinity", as in protobuf's JSON.
Json JsonNumber(double number);
Json JsonValue(const ParameterValue& value);
Json JsonTime(absl::Time time);  // RFC 3339, UTC, milliseconds

// For tables: few digits, `0.8812`, `1e-05`, `nan`.
std::string ShortNumber(double number, int digits);
// An empty text is `(empty)`, since a blank is what is not there.
std::string ShortValue(const ParameterValue& value);
std::string ShortDuration(absl::Duration duration);  // `3.2s`, `2m05s`, `1h04m`
std::string ShortTime(absl::Time time);  // local, to the minute, with its zone

}  // namespace attune

#endif  // ATTUNE_CLIENT_FORMAT_H_
