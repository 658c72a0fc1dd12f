#include <unistd.h>

#include <string>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/settings_listing.h"
#include "client/study_summary.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Settings(const Globals& globals, const SettingsOptions& options) {
  if (options.name.empty()) return Print(ListSettings(), globals);
  ATTUNE_ASSIGN_OR_RETURN(const Listing listing, ListSetting(options.name));
  if (globals.output != OutputFormat::kTable) return Print(listing, globals);
  const Table& table = listing.table;
  std::vector<SummaryLine> lines;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    lines.push_back({table.columns[i].title, table.rows[0][i].text});
  }
  return WriteOut(
      FormatLines(lines, {.width = TerminalWidth(STDOUT_FILENO),
                          .color = UseColor(globals.color, STDOUT_FILENO)}));
}

}  // namespace attune
