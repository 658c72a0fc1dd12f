#ifndef ATTUNE_CLIENT_PROGRESS_H_
#define ATTUNE_CLIENT_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/study_client.h"
#include "proto/types.pb.h"

namespace attune {

// A study at one moment.
struct Progress {
  pb::Study study;
  std::vector<pb::Trial> running;   // by number
  std::vector<pb::Trial> finished;  // since the last look, in their order
  std::optional<pb::Trial> best;    // by the first objective
  size_t front = 0;  // trials of the Pareto front, if there is one
};

// Whether no trial will start any more and none runs.
bool IsOver(const Progress& progress);

// Follows a study by asking again and again; the cost of a look depends on what
// runs and what has happened, not on the size of the study.
class ProgressReader {
 public:
  // `client` must outlive it. Trials that finished before the first look are
  // not told.
  ProgressReader(StudyClient* client, std::string study)
      : client_(client), study_(std::move(study)) {}

  absl::StatusOr<Progress> Look();

 private:
  absl::Status ReadBest(Progress& progress);
  absl::Status ReadFinished(Progress& progress);

  StudyClient* const client_;
  const std::string study_;
  bool has_looked_ = false;
  int64_t known_ = 0;       // trials 1 ... known_ are finished or in open_
  std::set<int64_t> open_;  // not finished when they were last seen
  // As of `completed_` trials: a front can be large.
  int64_t completed_ = 0;
  std::optional<pb::Trial> best_;
  size_t front_ = 0;
};

// Guesses how long a study still takes from how fast trials have finished
// lately.
class TimeLeft {
 public:
  void Add(absl::Time now, int64_t finished);

  // Until `finished` is `total`; nullopt if there is nothing to go by.
  std::optional<absl::Duration> Estimate(int64_t total) const;

 private:
  struct Sample {
    absl::Time time;
    int64_t finished = 0;
  };
  std::deque<Sample> samples_;
};

// For a whole study: by the budgets of trials and of time.
std::optional<absl::Duration> StudyTimeLeft(const pb::Study& study,
                                            const TimeLeft& speed,
                                            absl::Time now);

}  // namespace attune

#endif  // ATTUNE_CLIENT_PROGRESS_H_
