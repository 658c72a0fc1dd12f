#ifndef ATTUNE_SERVER_BOOKED_STUDY_H_
#define ATTUNE_SERVER_BOOKED_STUDY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/search/search_algorithm.h"
#include "server/stopping/stopping_rule.h"
#include "server/trial_progress.h"

namespace attune {

// How much of a study the book holds.
enum class Depth {
  kWhole,       // every trial: the study can advance
  kLight,       // only the study's own record: nothing in it can change
  kUnreadable,  // storage could not be read; to be tried again
};

// Whether the book holds `trial` without the attempts that it had: storage has
// them.
bool LacksAttempts(const Trial& trial);

// One study in memory with its trials, exactly as they will be stored but for
// what DropStored() drops, and the indexes that decisions need.
class BookedStudy {
 public:
  // Without trials yet.
  BookedStudy(Study study, Depth depth);

  const Study& study() const { return study_; }
  // Its failures count anew from now on, and so does its time if that is
  // another.
  void SetStudy(Study study);
  Depth depth() const { return depth_; }

  // By number, which are 1, 2, 3...; empty unless the depth is kWhole.
  absl::Span<const Trial> trials() const { return trials_; }
  // nullptr if there is no such trial.
  const Trial* FindTrial(int64_t number) const;
  // Adds the trial that follows the last one, or replaces one.
  void PutTrial(Trial trial);
  // A number for the next change in the study, above all that were.
  int64_t NextChange() { return ++last_change_; }
  // The trial has changed, but not its record: its measurements did.
  void SetChange(int64_t number, int64_t change);
  // Moves the deadline of a running trial's lease; changes nothing else.
  void MoveDeadline(int64_t number, absl::Time deadline);

  const absl::btree_set<int64_t>& waiting() const { return waiting_; }
  const absl::btree_set<int64_t>& running() const { return running_; }
  int64_t created() const { return static_cast<int64_t>(trials_.size()); }
  // The trials that CreateTrials created, or SuggestTrials gave, when it was
  // called with that `request_id`; ascending.
  const std::vector<int64_t>& CreatedBy(absl::string_view request_id) const;
  const std::vector<int64_t>& SuggestedBy(absl::string_view request_id) const;

  // Returns whether the step is new to the trial.
  bool AddMeasurement(int64_t number, const Measurement& measurement);
  // Empty for a trial that has reported nothing, and once it is dropped.
  const TrialProgress& progress(int64_t number) const;
  bool HasProgress(int64_t number) const { return progress_.contains(number); }
  // Drops what nobody decides by once a trial has finished: its progress and
  // its attempts. Call it once its end is stored. REQUIRES: it has finished.
  void DropStored(int64_t number);

  StudyView search_view() const { return {study_.spec, trials_, tried_}; }
  StoppingView stopping_view(int64_t number) const;
  // The metric of the curves; empty if the study's rule needs none.
  const std::string& curve_metric() const { return curve_metric_; }

  // The search algorithm said that there are no more points, or neither it nor
  // random search could find one; the reason, for a person.
  const std::optional<std::string>& search_ended() const {
    return search_ended_;
  }
  void EndSearch(std::string reason) { search_ended_ = std::move(reason); }
  // Its max_duration is over.
  bool time_over() const { return time_over_; }
  void SetTimeOver() { time_over_ = true; }
  // A suggestion for the next trial that was asked for ahead of time; it holds
  // until another trial is created.
  const std::optional<Suggestion>& next_suggestion() const {
    return next_suggestion_;
  }
  void SetNextSuggestion(Suggestion suggestion) {
    next_suggestion_ = std::move(suggestion);
  }

  // The trials that failed since the study was set.
  int64_t failed() const { return failed_; }
  // Whether these are as many as max_failed, or its default, puts up with.
  bool FailsTooOften() const;

  // Whether max_trials allows another trial, and the search has one.
  bool MayCreate() const;
  // Whether a worker that asks now can be given a trial.
  bool CanHandOut() const;

 private:
  using ByRequest = absl::flat_hash_map<std::string, std::vector<int64_t>>;

  void IndexRequests(const Trial& trial);

  Study study_;
  Depth depth_;
  std::vector<Trial> trials_;
  TriedPoints tried_;
  absl::btree_set<int64_t> waiting_;
  absl::btree_set<int64_t> running_;
  ByRequest created_by_;
  ByRequest suggested_by_;
  std::string curve_metric_;
  absl::flat_hash_map<int64_t, TrialProgress> progress_;
  std::map<int64_t, Curve> finished_curves_;
  int64_t last_change_ = 0;
  int64_t completed_ = 0;
  int64_t failed_ = 0;
  std::optional<std::string> search_ended_;
  bool time_over_ = false;
  std::optional<Suggestion> next_suggestion_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_BOOKED_STUDY_H_
