#ifndef ATTUNE_TESTS_SIM_TOLD_MODEL_H_
#define ATTUNE_TESTS_SIM_TOLD_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/coordinator_api.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/command.h"

namespace attune {

// What workers said and what they were told, in plain maps. Whatever happens
// afterwards, the record has to agree with it.
class ToldModel {
 public:
  using Steps = std::map<int64_t, Measurement>;

  // When the coordinator hears it, whatever becomes of that.
  void OnArrival(const Command& command);
  // When it answers, whether or not the answer arrives.
  void OnAnswer(const Command& command, const absl::StatusOr<Reply>& answer);

  // What is wrong with a trial of `study` as it is stored, if anything.
  std::optional<std::string> Compare(const Study& study, const Trial& trial,
                                     const Steps& stored) const;
  // The numbers of the trials of a study that workers were told of.
  std::set<int64_t> NumbersOf(StudyId study) const;

 private:
  struct Told {
    std::map<int64_t, std::vector<Measurement>> sent;  // by step
    std::set<int64_t> acknowledged;                    // steps
    std::map<int, WorkerId> attempts;
    std::optional<std::pair<int, Outcome>> end;  // and the attempt
  };

  void OnEnd(const FinishTrial& finish);

  std::map<TrialId, Told> trials_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_TOLD_MODEL_H_
