#include "client/commands/common.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/format.h"
#include "client/study_summary.h"
#include "client/terminal.h"
#include "core/database_lock.h"
#include "core/error.h"
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

absl::StatusOr<std::unique_ptr<Connection>> OpenServed(const Globals& globals) {
  const ConnectionOptions& options = globals.connection;
  if (options.server.empty()) {
    ATTUNE_ASSIGN_OR_RETURN(const auto holder,
                            ReadDatabaseLock(options.database));
    if (!holder.has_value()) {
      return absl::UnavailableError(
          absl::StrCat("no coordinator serves ", options.database));
    }
  }
  return Connection::Open(options, Use::kRead, "");
}

absl::Status WithOption(const absl::Status& status) {
  for (const Violation& violation : Violations(status)) {
    for (const auto& [field, option] : {std::pair("filter", "--filter"),
                                        std::pair("order_by", "--order-by")}) {
      if (violation.field != field) continue;
      return WrongUsage(absl::StrCat(option, ": ", violation.description));
    }
  }
  return status;
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

absl::StatusOr<FileStudy> CreateOrFind(StudyClient& client,
                                       const StudyFile& file) {
  const StudySpec& wanted = file.spec;
  FileStudy found;
  found.existed = client.GetStudy(wanted.name).ok();
  const absl::Status created =
      client.CreateStudy(wanted, file.attributes).status();
  if (!created.ok() && Reason(created) != reason::kStudyExists) {
    return WithPlaces(created, file);
  }
  ATTUNE_ASSIGN_OR_RETURN(found.study, client.GetStudy(wanted.name));
  ATTUNE_ASSIGN_OR_RETURN(found.spec,
                          FromProto(wanted.name, found.study.spec()));
  if (created.ok()) return found;
  StudySpec same_budget = wanted;
  same_budget.budget = found.spec.budget;
  if (same_budget != found.spec) return created;
  WriteMessage(absl::StrCat(
      "the budget of `", wanted.name, "` is ", BudgetText(found.spec.budget),
      ", where its file says ", BudgetText(wanted.budget), "; `attune update ",
      wanted.name, "` changes it\n"));
  return found;
}

absl::StatusOr<StudySummary> Summarize(StudyClient& client, pb::Study study) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string name, ParseStudyName(study.name()));
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<pb::Trial> best,
      client.ListBestTrials(name, CountOfBest(HasFront(study.spec()), 1)));
  StudySummary summary = {.study = std::move(study), .best = {}};
  if (const pb::Trial* first = BestByFirst(best, summary.study.spec())) {
    summary.best = {*first};
  }
  return summary;
}

absl::StatusOr<pb::Trial> GetTrial(const OpenStudy& open, int64_t number,
                                   const Globals& globals) {
  absl::StatusOr<pb::Trial> trial =
      open.connection->client().GetTrial(open.name, number);
  if (!absl::IsNotFound(trial.status())) return trial;
  int64_t count = 0;
  for (const auto& [state, trials] : open.study.trial_counts()) {
    count += trials;
  }
  return absl::NotFoundError(
      absl::StrCat("there is no trial ", number, " of `", open.name,
                   "`, which has ", count, "; `attune trials ", open.name,
                   ConnectionFlags(globals), "` lists them"));
}

void SayWhatFailed(const pb::Study& study, const std::string& name,
                   const Globals& globals) {
  const int64_t failed = Count(study, "failed") + Count(study, "infeasible");
  if (failed == 0) return;
  WriteMessage(absl::StrCat(failed, " of ", CountFinished(study),
                            " trials failed; why: attune trials ", name,
                            " --state failed --state infeasible",
                            ConnectionFlags(globals), "\n"));
}

void SayHowToRun(const OpenStudy& open, const pb::Study& now,
                 const Globals& globals) {
  if (now.state() == pb::Study::PAUSED) {
    WriteMessage(absl::StrCat("the study is paused; go on with: attune resume ",
                              open.name, ConnectionFlags(globals), "\n"));
  } else if (now.state() == pb::Study::ACTIVE &&
             open.connection->own() != nullptr) {
    WriteMessage(
        absl::StrCat(std::holds_alternative<std::monostate>(open.spec.task)
                         ? "nobody serves it to your programs now"
                         : "nobody runs it now",
                     ": attune run FILE", ConnectionFlags(globals),
                     ", FILE being its study file\n"));
  }
}

absl::Status PrintBest(StudyClient& client, const std::string& study,
                       const StudySpec& spec, int asked, int usual,
                       const Globals& globals) {
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<pb::Trial> best,
      client.ListBestTrials(
          study, CountOfBest(HasFront(spec), asked > 0 ? asked : usual)));
  if (const auto most = static_cast<size_t>(asked);
      HasFront(spec) && asked > 0 && best.size() > most) {
    WriteMessage(absl::StrCat("the first ", most, " of the ", best.size(),
                              " trials of the Pareto front\n"));
    best.resize(most);
  }
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

std::string StudyFolder(const std::string& root, const OpenStudy& open) {
  return absl::StrCat(
      root, "/", ArtifactFolder(open.name, ToTime(open.study.create_time())));
}

std::string TrialFilePath(const std::string& root, const OpenStudy& open,
                          int64_t trial, const std::string& file) {
  return absl::StrCat(StudyFolder(root, open), "/", trial, "/", file);
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
