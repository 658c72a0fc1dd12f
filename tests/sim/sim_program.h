#ifndef ATTUNE_TESTS_SIM_SIM_PROGRAM_H_
#define ATTUNE_TESTS_SIM_SIM_PROGRAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/clock.h"
#include "core/random.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/command.h"
#include "storage/storage.h"
#include "tests/sim/flaky_network.h"

namespace attune {

// A program that tunes in a loop of its own, and whoever sits before it: it
// creates trials, asks for suggestions and tells how they ended, changes
// budgets and attributes, cancels, stops and retries. What is not answered it
// repeats with the same request_id. Now and then it forgets what it holds, as
// if it had been started anew.
class SimProgram {
 public:
  // `studies` are those that it meddles with; the last is its own, and whether
  // that has a search is drawn there. All must outlive it.
  SimProgram(const std::vector<StudySpec>& studies, FlakyNetwork* network,
             const Clock* clock, Rng rng);

  absl::Time NextStep() const { return next_; }
  // `storage` is what it reads of the studies, past all faults.
  void Step(const Storage& storage);
  // From now on it only ends what it began: its own trials, and those without a
  // lease that nobody remembers.
  void CalmDown() { calm_ = true; }

 private:
  void Work(const Storage& storage);
  void EndAll(const Storage& storage);
  void Ask();
  void Create();
  void Tell();
  void TellOf(const Assignment& assignment, bool to_the_end);
  void Meddle(const Storage& storage);
  void MeddleWithTrial();
  void Update(const Storage& storage);
  // Makes the call, or makes it once more until it is answered.
  std::optional<absl::StatusOr<Reply>> Persist(const Command& command);
  void Forget(const LeaseToken& token);
  std::string NewId(absl::string_view what);
  const StudySpec& own() const { return studies_.back(); }
  const StudySpec& AnyStudy();
  Parameters RandomPoint();

  const std::vector<StudySpec> studies_;
  FlakyNetwork* const network_;
  FlakyNetwork::Link link_;
  const Clock* const clock_;
  Rng rng_;
  absl::Time next_;
  int64_t ids_ = 0;
  int64_t steps_ = 0;
  std::optional<Command> unanswered_;
  std::vector<SuggestTrials> asks_;  // all that it made
  std::vector<Assignment> held_;
  bool calm_ = false;
};

inline constexpr char kOwnStudy[] = "own";

// The study of such a program.
StudySpec OwnStudy(Rng rng);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_SIM_PROGRAM_H_
