#ifndef ATTUNE_TESTS_SIM_SIM_STORAGE_H_
#define ATTUNE_TESTS_SIM_SIM_STORAGE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/random.h"
#include "storage/storage.h"
#include "tests/sim/faults.h"
#include "tests/sim/planted_bug.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/store_model.h"
#include "tests/sim/trace.h"
#include "tests/testing/fake_clock.h"

namespace attune {

// The storage as the coordinator sees it: slow at times, failing, and gone when
// its process dies, which may happen before and after any call. Notes what the
// coordinator tried to change, so that only that need be looked at.
class SimStorage : public Storage {
 public:
  struct Context {
    SimStore* store = nullptr;
    const Faults* faults = nullptr;
    FakeClock* clock = nullptr;
    Trace* trace = nullptr;
    PlantedBug bug = PlantedBug::kNone;
  };
  // All that `context` points to must outlive it.
  SimStorage(const Context& context, Rng rng)
      : context_(context), rng_(rng), truth_(this) {}

  // For a process that begins.
  absl::Status OpenStore();
  // The process dies.
  void Kill(bool cut_power);
  bool is_open() const { return inner_ != nullptr; }
  // The process has died in a call; it is to be buried.
  bool is_dead() const { return is_dead_; }
  void Bury();

  // What is stored, past all faults. REQUIRES, to read it: is_open().
  const Storage& truth() const { return truth_; }
  // The studies that commits were about since the last call.
  std::set<StudyId> TakeTouched() { return std::exchange(touched_, {}); }
  // What is wrong with the studies, by what was answered to commits.
  std::optional<std::string> Compare(const std::set<StudyId>& studies) {
    return model_.Compare(truth_, studies);
  }
  // For PlantedBug::kStepStoredTwice: rows that no key keeps from being there
  // once more.
  void StoreAgain(TrialId trial, const Measurement& measurement) {
    again_[trial].push_back(measurement);
  }

  absl::Status Commit(const WriteBatch& batch) override;
  absl::StatusOr<StudyId> NextStudyId() override;
  absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const override;
  absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const override;
  absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const override;
  absl::StatusOr<StateCounts> CountTrials(StudyId study) const override;

 private:
  class Truth : public Storage {
   public:
    explicit Truth(const SimStorage* of) : of_(of) {}
    absl::Status Commit(const WriteBatch& batch) override;
    absl::StatusOr<StudyId> NextStudyId() override;
    absl::StatusOr<std::vector<Study>> ListStudies(
        const StudyFilter& filter) const override;
    absl::StatusOr<std::vector<Trial>> ListTrials(
        const TrialFilter& filter) const override;
    absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
        const MeasurementFilter& filter) const override;
    absl::StatusOr<StateCounts> CountTrials(StudyId study) const override;

   private:
    const SimStorage* const of_;
  };

  bool Happens(double probability) const;
  // Before and after each call; an error if the process is dead then.
  absl::Status Enter() const;
  absl::Status Leave() const;
  absl::Status CommitWhole(const WriteBatch& batch);
  void CommitLate() const;
  template <typename Read>
  auto Reading(const Read& read) const -> decltype(read());
  template <typename Read>
  auto Quietly(const Read& read) const -> decltype(read());

  const Context context_;
  mutable Rng rng_;
  const Truth truth_;
  std::unique_ptr<Storage> inner_;
  mutable bool is_dead_ = false;
  std::set<StudyId> touched_;
  StoreModel model_;
  mutable std::optional<WriteBatch> late_;  // kReplyBeforeCommit
  std::map<TrialId, std::vector<Measurement>> again_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_SIM_STORAGE_H_
