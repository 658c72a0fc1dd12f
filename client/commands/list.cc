#include <memory>
#include <utility>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "core/status_macros.h"

namespace attune {

absl::Status List(const Globals& globals, const ListOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          Connection::Open(globals.connection, Use::kRead, ""));
  StudyClient& client = connection->client();
  absl::StatusOr<std::vector<pb::Study>> studies =
      client.ListStudies(options.query);
  if (!studies.ok()) return WithOption(studies.status());
  std::vector<StudySummary> summaries;
  for (pb::Study& study : *studies) {
    absl::StatusOr<StudySummary> summary = Summarize(client, std::move(study));
    // Deleted since it was listed.
    if (absl::IsNotFound(summary.status())) continue;
    ATTUNE_RETURN_IF_ERROR(summary.status());
    summaries.push_back(*std::move(summary));
  }
  return Print(ListStudies(summaries), globals);
}

}  // namespace attune
