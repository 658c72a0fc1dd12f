#ifndef ATTUNE_BENCH_SOAK_TEAM_H_
#define ATTUNE_BENCH_SOAK_TEAM_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace attune {

// Clients that run the trials of one study together, and when it is complete
// those of another one. Thread-safe.
class SoakTeam {
 public:
  // The studies are `prefix-1`, `prefix-2` and so on, of so many trials each.
  SoakTeam(std::string address, std::string prefix, int64_t trials);

  // The study that the caller is to run one trial of; creates it if that is its
  // first.
  absl::StatusOr<std::string> NextTurn();

  // The study that was created last; empty if there is none yet.
  std::string study() const;
  // The trials of it that were begun; those of other studies are complete but
  // for what runs at the moment.
  int64_t begun() const;

 private:
  std::string Name() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string address_;
  const std::string prefix_;
  const int64_t trials_;
  mutable absl::Mutex mutex_;
  int64_t studies_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace attune

#endif  // ATTUNE_BENCH_SOAK_TEAM_H_
