#include <memory>
#include <utility>
#include <vector>

#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "core/status_macros.h"
#include "proto/convert.h"

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
    ATTUNE_ASSIGN_OR_RETURN(const std::string name,
                            ParseStudyName(study.name()));
    absl::StatusOr<std::vector<pb::Trial>> best =
        client.ListBestTrials(name, CountOfBest(HasFront(study.spec()), 1));
    // Deleted since it was listed.
    if (absl::IsNotFound(best.status())) continue;
    ATTUNE_RETURN_IF_ERROR(best.status());
    StudySummary& summary = summaries.emplace_back();
    summary.study = std::move(study);
    if (const pb::Trial* first = BestByFirst(*best, summary.study.spec())) {
      summary.best = {*first};
    }
  }
  return Print(ListStudies(summaries), globals);
}

}  // namespace attune
