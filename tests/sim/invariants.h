#ifndef ATTUNE_TESTS_SIM_INVARIANTS_H_
#define ATTUNE_TESTS_SIM_INVARIANTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/command.h"
#include "server/study_book.h"
#include "storage/storage.h"
#include "tests/sim/api_model.h"
#include "tests/sim/told_model.h"

namespace attune {

// What must hold whatever goes wrong. Remembers the past, as most of it says
// that something never changes.
class Invariants {
 public:
  // `storage` is read past all faults, and must outlive it.
  explicit Invariants(const Storage* storage) : storage_(storage) {}

  // The name of a study that may be deleted.
  void AllowDeletion(const std::string& name) { deletable_.insert(name); }

  // When the coordinator has started: every lease lasts until `lease_end`, by
  // the clock, at least.
  void OnStart(const StudyBook& book, absl::Time lease_end);
  // When the coordinator hears a command.
  void OnArrival(const Command& command) {
    told_.OnArrival(command);
    asked_.OnArrival(command);
  }
  // When it gives an answer, whether or not that arrives. A lease that the
  // answer renews lasts until `lease_end` at least.
  void OnAnswer(const Command& command, const absl::StatusOr<Reply>& answer,
                const StudyBook& book, absl::Time lease_end);

  // After each event: of the studies in `touched`, what is stored, and that the
  // book says the same.
  void Check(const std::set<StudyId>& touched, const StudyBook& book);
  // Those that it ever saw.
  std::set<StudyId> known_studies() const;

  // At the end: the study is completed and all of its trials are finished. If
  // it has a limit, there are as many, but for a search with `points` only. If
  // time may end it, there may be fewer.
  void CheckEnd(const std::string& name, std::optional<int64_t> points);

  // What was violated first.
  const std::optional<std::string>& violation() const { return violation_; }

  template <typename... Parts>
  void Fail(const Parts&... parts) {
    if (!violation_.has_value()) violation_ = absl::StrCat(parts...);
  }

 private:
  using Steps = ToldModel::Steps;

  void OnAssignment(const Assignment& assignment);
  void OnStored(TrialId id, const std::vector<Measurement>& measurements);
  void OnFinished(const FinishTrial& finish);
  void CheckLease(const LeaseToken& token, const StudyBook& book,
                  absl::Time lease_end);
  void CheckStudy(StudyId id, const StudyBook& book);
  void CheckGone(StudyId id, const StudyBook& book);
  void CheckRecord(const Study& study);
  void CheckCounts(const Study& study, const std::vector<Trial>& trials);
  void CheckTold(const Study& study, const std::vector<Trial>& trials);
  void CheckExpiry(const Trial& trial);
  void CheckPoints(const Study& study, const std::vector<Trial>& trials);
  void CheckHistory(const Trial& trial);
  void CheckChanges(const Study& study, const std::vector<Trial>& trials);
  void CheckMeasurements(StudyId id);
  void CheckBest(const Study& study, const std::vector<Trial>& trials);
  void CheckBook(const Study& study, const std::vector<Trial>& trials,
                 const StudyBook& book);
  void CheckHolder(TrialId id, int attempt, const WorkerId& worker);
  std::optional<Trial> Read(TrialId id);
  std::vector<Measurement> ReadMeasurements(TrialId id);
  bool MayBeGone(StudyId id) const;

  const Storage* const storage_;
  std::set<std::string> deletable_;
  std::map<StudyId, std::string> names_;
  std::map<StudyId, Study> studies_;
  std::map<TrialId, Trial> last_;
  // The highest change number of a study that a reader can have seen.
  std::map<StudyId, int64_t> seen_changes_;
  std::map<TrialId, size_t> seen_steps_;
  std::map<StudyId, Study> studies_seen_;
  std::map<StudyId, int64_t> most_parallel_;  // ran when it was looked at last
  std::map<TrialId, Steps> steps_;
  std::map<std::pair<TrialId, int>, WorkerId> holders_;
  std::map<std::pair<TrialId, int>, absl::Time> lease_ends_;
  ToldModel told_;
  ApiModel asked_;
  std::optional<std::string> violation_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_INVARIANTS_H_
