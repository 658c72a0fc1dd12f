#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/ask_worker.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/scratch_directory.h"
#include "client/study_file.h"
#include "client/study_summary.h"
#include "client/terminal.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

// The first trials, from a coordinator of our own on a database that is thrown
// away: the suggestions depend on the spec alone, so these are the ones that
// the real one will make.
absl::StatusOr<std::vector<pb::Trial>> FirstTrials(const StudyFile& file,
                                                   int count) {
  StudySpec spec = file.spec;
  // However many may run at the same time: here none does.
  spec.budget.max_parallel.reset();
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<ScratchDirectory> directory,
                          ScratchDirectory::Create());
  ATTUNE_ASSIGN_OR_RETURN(
      const std::unique_ptr<Connection> connection,
      Connection::Open({.server = "", .database = directory->path() + "/db"},
                       Use::kCreate, ""));
  StudyClient& client = connection->client();
  ATTUNE_RETURN_IF_ERROR(
      WithPlaces(client.CreateStudy(spec, {}).status(), file));
  std::vector<pb::Trial> trials;
  for (int i = 1; i <= count; ++i) {
    ATTUNE_ASSIGN_OR_RETURN(
        std::vector<pb::Lease> leases,
        client.LeaseTrials(spec.name, {absl::StrCat("preview/", i)},
                           absl::ZeroDuration()));
    if (leases.empty()) break;  // the space is used up
    pb::Trial trial;
    trial.set_number(leases[0].token().trial_number());
    trial.set_state(pb::Trial::WAITING);
    *trial.mutable_parameters() = std::move(*leases[0].mutable_parameters());
    trials.push_back(std::move(trial));
  }
  return trials;
}

// The columns that a trial has before it has run.
Listing WithoutResults(const std::vector<pb::Trial>& trials, StudySpec spec) {
  spec.objectives.clear();
  Listing all = ListTrials(trials, spec, /*ranked=*/false, absl::Now());
  Listing listing;
  const size_t parameters = spec.space.parameters.size();
  // `trial`, then after `state` the parameters.
  listing.csv.push_back(all.csv[0]);
  listing.table.columns.push_back(all.table.columns[0]);
  for (size_t i = 2; i < 2 + parameters; ++i) {
    listing.csv.push_back(all.csv[i]);
    listing.table.columns.push_back(all.table.columns[i]);
  }
  for (const std::vector<Cell>& row : all.table.rows) {
    std::vector<Cell> cells = {row[0]};
    cells.insert(cells.end(), row.begin() + 2,
                 row.begin() + 2 + static_cast<std::ptrdiff_t>(parameters));
    listing.table.rows.push_back(std::move(cells));
  }
  for (const Json& row : all.json) {
    listing.json.push_back(
        {{"trial", row["trial"]}, {"parameters", row["parameters"]}});
  }
  return listing;
}

// What the trials learn from, if that is to be seen here; empty if they learn
// nothing.
absl::StatusOr<std::string> LookAtData(const Globals& globals,
                                       const FileOptions& options,
                                       const StudySpec& spec) {
  if (!std::holds_alternative<NetworkTask>(spec.task)) return std::string();
  const std::string& server = globals.connection.server;
  if (!server.empty()) {
    return absl::StrCat("not looked at; the workers of ", server,
                        " may have it elsewhere");
  }
  return DescribeData(spec, DataDir(options.data_dir, options.file));
}

// What the file means.
std::vector<SummaryLine> Lines(const StudyFile& file, const std::string& data) {
  std::vector<SummaryLine> lines = {{"study", file.spec.name}};
  const auto add = [&lines](std::vector<SummaryLine> more) {
    for (SummaryLine& line : more) lines.push_back(std::move(line));
  };
  add(AttributeLines(file.attributes));
  add(SpecLines(file.spec));
  if (HasFront(file.spec)) {
    lines.push_back({"best trials",
                     "the Pareto front: those that no other one beats, taking "
                     "all objectives together"});
  }
  if (!data.empty()) lines.push_back({"data", Printable(data)});
  add(CostLines(file.spec));
  return lines;
}

}  // namespace

absl::Status Preview(const Globals& globals, const FileOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const StudyFile file, ReadStudyFile(options.file));
  const StudySpec& spec = file.spec;
  const absl::StatusOr<std::string> data = LookAtData(globals, options, spec);
  std::vector<pb::Trial> trials;
  if (HasSearch(spec)) {
    ATTUNE_ASSIGN_OR_RETURN(trials, FirstTrials(file, options.suggestions));
  }
  if (globals.output == OutputFormat::kTable) {
    ATTUNE_RETURN_IF_ERROR(WriteOut(
        FormatLines(Lines(file, data.value_or("")),
                    {.color = UseColor(globals.color, STDOUT_FILENO)})));
    if (!HasSearch(spec)) return data.status();
    ATTUNE_RETURN_IF_ERROR(
        WriteOut(absl::StrCat("\nThe first ", trials.size(), " trials:\n")));
  }
  ATTUNE_RETURN_IF_ERROR(Print(WithoutResults(trials, spec), globals));
  return data.status();
}

}  // namespace attune
