#ifndef ATTUNE_TESTS_SIM_PLANTED_BUG_H_
#define ATTUNE_TESTS_SIM_PLANTED_BUG_H_

namespace attune {

// Wrong on purpose, to see that the invariants find it. Each is planted in what
// the simulation puts round the coordinator, which itself is as it is.
enum class PlantedBug {
  kNone,
  kReplyBeforeCommit,   // storage says that a commit is done, and does it later
  kNoFencing,           // every token is taken for the current one
  kBudgetCheckedAfter,  // the study ends one trial after max_trials
  kLeasesNotExtended,   // after a restart, by the time that it was down
  kStepStoredTwice,     // the rows of a report that comes again
  kCommitLost,          // storage says that a commit is done, and forgets it
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_PLANTED_BUG_H_
