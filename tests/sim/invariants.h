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
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/command.h"
#include "server/study_book.h"
#include "storage/storage.h"

namespace attune {

// What must hold whatever goes wrong. Remembers the past, as most of it says
// that something never changes.
class Invariants {
 public:
  // `storage` is read past all faults, and must outlive it.
  explicit Invariants(const Storage* storage) : storage_(storage) {}

  // The name of a study that may be deleted.
  void AllowDeletion(const std::string& name) { deletable_.insert(name); }

  // After the coordinator gave an answer, whether or not it arrives.
  void OnAnswer(const Command& command, const absl::StatusOr<Reply>& answer);

  // After each event: of the studies in `touched`, what is stored, and that the
  // book, if there is one, says the same.
  void Check(const std::set<StudyId>& touched, const StudyBook* book);

  // At the end: the study is completed, all of its trials are finished, and
  // there are as many as `expected`, or at most max_trials if that is absent.
  void CheckEnd(const std::string& name, std::optional<int64_t> expected);

  // What was violated first.
  const std::optional<std::string>& violation() const { return violation_; }

  template <typename... Parts>
  void Fail(const Parts&... parts) {
    if (!violation_.has_value()) violation_ = absl::StrCat(parts...);
  }

 private:
  using Steps = std::map<int64_t, Measurement>;

  void OnAssignment(const Assignment& assignment);
  void OnStored(TrialId id, const std::vector<Measurement>& measurements);
  void OnFinished(const FinishTrial& finish);
  void CheckStudy(StudyId id, const StudyBook* book);
  void CheckGone(StudyId id, const StudyBook* book);
  void CheckBudget(const Study& study, const std::vector<Trial>& trials);
  void CheckHistory(const Trial& trial);
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
  std::map<TrialId, Trial> last_;
  std::map<TrialId, Steps> steps_;
  std::map<std::pair<TrialId, int>, WorkerId> holders_;
  std::optional<std::string> violation_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_INVARIANTS_H_
