#ifndef ATTUNE_CLIENT_COMMANDS_ASK_WORKER_H_
#define ATTUNE_CLIENT_COMMANDS_ASK_WORKER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/study.h"

// What only attune-worker knows: it has the engine that reads data and models.
namespace attune {

// What `attune-worker` with these arguments prints. If it fails, what it says
// of that is the error. CANCELLED once `interrupted` says true.
absl::StatusOr<std::string> AskWorker(
    std::vector<std::string> arguments,
    const std::function<bool()>& interrupted = nullptr);

// In one line, what the trials of a network study learn from, if they are run
// by workers on this machine that look into `data_dir` first. An error, with
// all that a person needs to mend it, if none could. CANCELLED as above.
// REQUIRES: the task of `spec` is to train a network.
absl::StatusOr<std::string> DescribeData(
    const StudySpec& spec, const std::string& data_dir,
    const std::function<bool()>& interrupted = nullptr);

// Where to look for data first: `asked`, unless it is empty, else beside the
// study's `file`.
std::string DataDir(const std::string& asked, const std::string& file);

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMANDS_ASK_WORKER_H_
