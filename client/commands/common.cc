#include "client/commands/common.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/format.h"
#include "client/terminal.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

constexpr absl::string_view kUsageUrl = "attune/usage";

}  // namespace

absl::Status WrongUsage(const std::string& message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsageUrl, absl::Cord());
  return status;
}

bool IsWrongUsage(const absl::Status& status) {
  return status.GetPayload(kUsageUrl).has_value();
}

absl::Status Print(const Listing& listing, const Globals& globals) {
  switch (globals.output) {
    case OutputFormat::kJson:
      return WriteOut(FormatJson(listing.json));
    case OutputFormat::kCsv:
      return WriteOut(FormatCsv(listing.csv, listing.json));
    case OutputFormat::kTable:
      break;
  }
  int hidden = 0;
  const Paper paper = {.width = TerminalWidth(STDOUT_FILENO),
                       .color = UseColor(globals.color, STDOUT_FILENO)};
  ATTUNE_RETURN_IF_ERROR(WriteOut(FormatTable(listing.table, paper, &hidden)));
  if (hidden > 0) {
    WriteMessage(absl::StrCat("(no room for ", hidden,
                              hidden == 1 ? " column" : " columns",
                              "; -o csv and -o json have all)\n"));
  }
  return absl::OkStatus();
}

absl::StatusOr<OpenStudy> Open(const Globals& globals, const std::string& study,
                               Use use, absl::string_view how) {
  OpenStudy open;
  ATTUNE_ASSIGN_OR_RETURN(open.connection,
                          Connection::Open(globals.connection, use, ""));
  ATTUNE_ASSIGN_OR_RETURN(open.name, ChooseStudy(study, *open.connection, how));
  ATTUNE_ASSIGN_OR_RETURN(open.study,
                          open.connection->client().GetStudy(open.name));
  ATTUNE_ASSIGN_OR_RETURN(open.spec, FromProto(open.name, open.study.spec()));
  return open;
}

absl::Status PrintBest(StudyClient& client, const std::string& study,
                       const StudySpec& spec, int count,
                       const Globals& globals) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<pb::Trial> best,
                          client.ListBestTrials(study, count));
  if (best.empty()) {
    WriteMessage(absl::StrCat("no trial of `", study, "` is completed yet\n"));
    if (globals.output == OutputFormat::kTable) return absl::OkStatus();
  }
  return Print(ListTrials(best, spec, /*ranked=*/true, absl::Now()), globals);
}

std::string ArtifactDir(const ConnectionOptions& connection,
                        const std::string& asked) {
  if (!asked.empty()) return asked;
  if (!connection.server.empty()) return "";
  return absl::StrCat(connection.database, ".artifacts");
}

std::string ConnectionFlags(const Globals& globals) {
  const ConnectionOptions& connection = globals.connection;
  const char* server = std::getenv("ATTUNE_SERVER");
  const char* database = std::getenv("ATTUNE_DB");
  if (!connection.server.empty()) {
    if (server != nullptr && connection.server == server) return "";
    return absl::StrCat(" --server ", connection.server);
  }
  const std::string preset = database != nullptr ? database : "attune.db";
  if (connection.database == preset) return "";
  return absl::StrCat(" --db ", connection.database);
}

}  // namespace attune
