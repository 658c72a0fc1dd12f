#ifndef ATTUNE_SERVER_FAILING_WORKERS_H_
#define ATTUNE_SERVER_FAILING_WORKERS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "server/study_book.h"

namespace attune {

// The worker processes whose attempts at a study's trials fail one after
// another, say because their machine lacks its data. Left alone, such a process
// would take and fail trial after trial, and be through with the budget before
// those that can run the trials have finished one. So it waits after each
// failure, twice as long as after the one before, from a second to a minute;
// but only while another process, which does not fail, runs a trial of the
// study. Where all fail, there is nobody to wait for, and the study is soon
// paused.
class FailingWorkers {
 public:
  // `book` must outlive it.
  explicit FailingWorkers(const StudyBook* book) : book_(book) {}

  // The worker's attempt at a trial of the study failed, or it ended in another
  // way.
  void AttemptFailed(const WorkerId& worker, StudyId study, absl::Time now);
  void AttemptEnded(const WorkerId& worker, StudyId study);

  // Whether the worker's last attempt at the study failed, while another gets
  // on with it: the trials that the worker failed are for the other.
  bool LeavesToOthers(const WorkerId& worker, StudyId study) const;

  // Whether it should not be given a trial of the study yet.
  bool MustWait(const WorkerId& worker, StudyId study, absl::Time now) const;

 private:
  using Key = std::pair<std::string, StudyId>;  // the process
  struct Failures {
    int in_a_row = 0;
    absl::Time wait_until;
  };

  const StudyBook* const book_;
  std::map<Key, Failures> failures_;
};

// What is before the slash: `host:pid.start` of `host:pid.start/slot`.
absl::string_view ProcessOf(const WorkerId& worker);

}  // namespace attune

#endif  // ATTUNE_SERVER_FAILING_WORKERS_H_
