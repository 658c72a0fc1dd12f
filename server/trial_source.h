#ifndef ATTUNE_SERVER_TRIAL_SOURCE_H_
#define ATTUNE_SERVER_TRIAL_SOURCE_H_

#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial_machine.h"
#include "server/search/search_algorithm.h"
#include "server/study_book.h"

namespace attune {

// Makes the algorithm that a study's settings describe.
using MakeAlgorithm = std::unique_ptr<SearchAlgorithm> (*)(const Algorithm&);

// Where workers' trials come from: those that wait, and those that the search
// suggests.
class TrialSource {
 public:
  // `book` must outlive it.
  TrialSource(StudyBook* book, MakeAlgorithm make_algorithm)
      : book_(book), make_algorithm_(make_algorithm) {}

  // INVALID_ARGUMENT if the study's algorithm cannot search its space.
  absl::Status Supports(const StudySpec& spec) const;

  // Grants the study's waiting trial with the lowest number, else a new one;
  // if `leave_own`, a trial whose last attempt was one of the same worker
  // process only where there is no other. nullopt if the search has no more
  // points, which the book then knows. REQUIRES: the study can hand out a
  // trial.
  std::optional<TrialId> GiveTo(StudyId id, const LeaseGranted& grant,
                                absl::Time now, bool leave_own = false);

  // Whether the study may create another trial, now or later. Asks the search,
  // if there is one, as only it knows.
  bool MayCreate(StudyId id);

 private:
  std::optional<Trial> Choose(const BookedStudy& study, const WorkerId& worker,
                              bool leave_own, absl::Time now);
  std::optional<Suggestion> Suggest(const BookedStudy& study);
  std::optional<Suggestion> SuggestAtRandom(const BookedStudy& study,
                                            const absl::Status& why);

  StudyBook* const book_;
  const MakeAlgorithm make_algorithm_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_TRIAL_SOURCE_H_
