#ifndef ATTUNE_CLIENT_COMMANDS_COMMANDS_H_
#define ATTUNE_CLIENT_COMMANDS_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/connection.h"
#include "client/study_changes.h"
#include "client/study_client.h"
#include "client/terminal.h"

// Each command of `attune` with what its command line can say. Results go to
// stdout; an error is returned, and told by main().
namespace attune {

enum class OutputFormat { kTable, kJson, kCsv };

struct Globals {
  ConnectionOptions connection{.server = "", .database = "attune.db"};
  OutputFormat output = OutputFormat::kTable;
  ColorMode color = ColorMode::kAuto;
};

struct RunOptions {
  std::string file;
  int workers = -1;  // processes; -1: as many as there are cores
  int slots = 1;
  std::string data_dir;
  std::string artifact_dir;  // empty: beside the database
  // How many trials are printed at the end; 0: 5, or a whole Pareto front.
  int best = 0;
};
absl::Status Run(const Globals& globals, const RunOptions& options);

struct FileOptions {
  std::string file;
  // For preview.
  int suggestions = 5;
  std::string data_dir;
};
absl::Status Create(const Globals& globals, const FileOptions& options);
absl::Status Preview(const Globals& globals, const FileOptions& options);

// Of commands about one study; empty: the only one there is.
struct StudyOptions {
  std::string study;
};
absl::Status Watch(const Globals& globals, const StudyOptions& options);
absl::Status Pause(const Globals& globals, const StudyOptions& options);
absl::Status Resume(const Globals& globals, const StudyOptions& options);

struct ShowOptions {
  std::string study;
  int64_t trial = 0;  // 0: the study itself
};
absl::Status Show(const Globals& globals, const ShowOptions& options);

// Of commands about some of a study's trials.
struct TrialOptions {
  std::string study;
  std::vector<int64_t> trials;  // their numbers
  std::string reason;           // for a person; may be empty
};
absl::Status Cancel(const Globals& globals, const TrialOptions& options);
absl::Status Retry(const Globals& globals, const TrialOptions& options);
// Without trials: the whole study.
absl::Status Stop(const Globals& globals, const TrialOptions& options);

struct UpdateOptions {
  std::string study;
  StudyChanges changes;
};
absl::Status Update(const Globals& globals, const UpdateOptions& options);

struct CreateTrialOptions {
  std::string study;
  std::vector<std::string> parameters;  // `NAME=VALUE`
  std::string file;                     // a table of points; empty: none
  std::vector<std::string> attributes;  // `NAME=TEXT`
  std::string request_id;
};
absl::Status CreateTrial(const Globals& globals,
                         const CreateTrialOptions& options);

struct TrialsOptions {
  std::string study;
  std::vector<std::string> states;  // empty: all
  int64_t limit = 0;                // 0: all
  ListQuery query;
  bool metrics = false;  // also those that are no objectives
};
absl::Status Trials(const Globals& globals, const TrialsOptions& options);

struct BestOptions {
  std::string study;
  int count = 0;  // 0: one, or a whole Pareto front
};
absl::Status Best(const Globals& globals, const BestOptions& options);

// Which model a command is about.
struct ModelOptions {
  std::string study;
  int64_t trial = 0;  // 0: the best one
  std::string file;   // the path of a model; then no study is asked for
  std::string artifact_dir;
};

struct PredictOptions {
  std::string input;  // the examples' file
  ModelOptions model;
};
absl::Status Predict(const Globals& globals, const PredictOptions& options);

struct ExportOptions {
  ModelOptions model;
  std::string onnx;  // the file to write
};
absl::Status Export(const Globals& globals, const ExportOptions& options);

struct DeleteOptions {
  std::string study;
  bool yes = false;
};
absl::Status Delete(const Globals& globals, const DeleteOptions& options);

// Of studies.
struct ListOptions {
  ListQuery query;
};
absl::Status List(const Globals& globals, const ListOptions& options);

struct AlgorithmsOptions {
  std::string name;  // empty: all of them
};
absl::Status Algorithms(const Globals& globals,
                        const AlgorithmsOptions& options);

struct SettingsOptions {
  std::string name;  // empty: all of them
};
absl::Status Settings(const Globals& globals, const SettingsOptions& options);
absl::Status Version(const Globals& globals);
absl::Status Health(const Globals& globals);
absl::Status ServerStatus(const Globals& globals);

// An error that is one of the command line and not of what it asked for.
absl::Status WrongUsage(const std::string& message);
bool IsWrongUsage(const absl::Status& status);

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMANDS_COMMANDS_H_
