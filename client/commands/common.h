#ifndef ATTUNE_CLIENT_COMMANDS_COMMON_H_
#define ATTUNE_CLIENT_COMMANDS_COMMON_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/commands/commands.h"
#include "client/connection.h"
#include "client/report.h"
#include "client/study_file.h"
#include "core/study.h"

// What several commands do.
namespace attune {

// Prints the listing as the command line asked for it.
absl::Status Print(const Listing& listing, const Globals& globals);

// The coordinator that serves already; none is started. UNAVAILABLE if there is
// none.
absl::StatusOr<std::unique_ptr<Connection>> OpenServed(const Globals& globals);

// What a coordinator says is wrong with a list's filter or order is wrong usage
// of the option that it was given by; all else is as it was.
absl::Status WithOption(const absl::Status& status);

// The study that the command is about, with the connection to its coordinator.
// `how` a person can choose one of several, as in ChooseStudy().
struct OpenStudy {
  std::unique_ptr<Connection> connection;
  std::string name;
  pb::Study study;
  StudySpec spec;
};
absl::StatusOr<OpenStudy> Open(const Globals& globals, const std::string& study,
                               Use use, absl::string_view how = "say which");

// The study of a file: created, or the one that is there. Its budget may have
// been changed since; that is said on stderr. ALREADY_EXISTS if it differs in
// anything else.
struct FileStudy {
  pb::Study study;  // with its counts
  StudySpec spec;   // of the study, not of the file
  bool existed = false;
};
absl::StatusOr<FileStudy> CreateOrFind(StudyClient& client,
                                       const StudyFile& file);

// The study with its best trial, by the first objective. NOT_FOUND if it was
// deleted meanwhile.
absl::StatusOr<StudySummary> Summarize(StudyClient& client, pb::Study study);

// A trial of the study; the error says how many there are if it is not there.
absl::StatusOr<pb::Trial> GetTrial(const OpenStudy& open, int64_t number,
                                   const Globals& globals);

// Says on stderr what is still to be done for waiting trials to run.
void SayHowToRun(const OpenStudy& open, const pb::Study& now,
                 const Globals& globals);

// The best trials, as a command prints them; says so on stderr if there are
// none. `asked` for so many, or 0: then the `usual` number, or the whole front
// of a study with several objectives.
absl::Status PrintBest(StudyClient& client, const std::string& study,
                       const StudySpec& spec, int asked, int usual,
                       const Globals& globals);

// Says on stderr how many trials ended without a result, if any did, and where
// the reasons are.
void SayWhatFailed(const pb::Study& study, const std::string& name,
                   const Globals& globals);

// Where the workers of a coordinator keep what outlives them: `asked`, unless
// it is empty, else beside the database. Empty: nobody knows.
std::string ArtifactDir(const ConnectionOptions& connection,
                        const std::string& asked);

// The folder below `root` (see ArtifactDir()) that has those of a study, as
// TrialFolder of worker/artifacts lays them out, and a file of one trial there.
std::string StudyFolder(const std::string& root, const OpenStudy& open);
std::string TrialFilePath(const std::string& root, const OpenStudy& open,
                          int64_t trial, const std::string& file);

// The options that lead other commands to the same coordinator: ` --db x.db`,
// or nothing if it is found without.
std::string ConnectionFlags(const Globals& globals);

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMANDS_COMMON_H_
