#ifndef ATTUNE_TESTS_SIM_API_MODEL_H_
#define ATTUNE_TESTS_SIM_API_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/command.h"

namespace attune {

// What people and their programs asked for and were told, in plain maps: the
// budgets that a study may have, the trials of each request_id, what was
// cancelled and tried again. The record has to agree with it for ever. By the
// names of studies, so none may be deleted and created anew.
class ApiModel {
 public:
  // When the coordinator hears it, whatever becomes of that.
  void OnArrival(const Command& command);
  // When it answers. What is wrong with the answer itself, if anything.
  std::optional<std::string> OnAnswer(const Command& command,
                                      const absl::StatusOr<Reply>& answer);

  // What is wrong with a study as it is stored, if anything.
  std::optional<std::string> Compare(const Study& study,
                                     const std::vector<Trial>& trials) const;

 private:
  // What somebody once asked for; nullopt among the values: no limit.
  struct Asked {
    std::set<std::optional<int64_t>> max_trials;
    std::set<std::optional<int64_t>> max_parallel;
    std::set<std::optional<int64_t>> max_failed;
    std::map<std::string, std::vector<Parameters>> created;  // by request_id
    std::set<std::string> create_done;                       // acknowledged
    std::map<std::string, int64_t> suggested;  // how many, by request_id
    // The attempts that a SuggestTrials was told of, and its request_id.
    std::map<std::pair<int64_t, int>, std::string> given;
    std::set<int64_t> cancelled;
    std::map<int64_t, int64_t> retries;  // the new trial, and of which
  };

  static std::optional<std::string> CompareBudget(const Study& study,
                                                  const Asked& asked,
                                                  size_t created);
  static std::optional<std::string> CompareCreated(
      const Asked& asked, const std::vector<Trial>& trials);
  static std::optional<std::string> CompareSuggested(
      const Asked& asked, const std::vector<Trial>& trials);
  static std::optional<std::string> CompareChanged(
      const Asked& asked, const std::vector<Trial>& trials);

  std::map<std::string, Asked> studies_;
};

// The completed trials that no other one beats, by the plainest of loops.
std::set<int64_t> PlainFront(const std::vector<Trial>& trials,
                             const std::vector<Objective>& objectives);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_API_MODEL_H_
