#ifndef ATTUNE_TESTS_TESTING_STORED_CONTENTS_H_
#define ATTUNE_TESTS_TESTING_STORED_CONTENTS_H_

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/status_macros.h"
#include "core/study.h"
#include "core/trial.h"
#include "storage/storage.h"

namespace attune {

// All that a storage holds of some studies, to compare.
struct StoredContents {
  std::vector<Study> studies;
  std::vector<Trial> trials;
  std::map<TrialId, std::vector<Measurement>> measurements;
  friend bool operator==(const StoredContents&,
                         const StoredContents&) = default;
};

inline absl::StatusOr<StoredContents> ReadContents(const Storage& storage,
                                                   const StudyFilter& filter) {
  StoredContents contents;
  ATTUNE_ASSIGN_OR_RETURN(contents.studies, storage.ListStudies(filter));
  for (const Study& study : contents.studies) {
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<Trial> trials,
                            storage.ListTrials({.study = study.id}));
    contents.trials.insert(contents.trials.end(), trials.begin(), trials.end());
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<TrialMeasurements> measured,
                            storage.ListMeasurements({.study = study.id}));
    for (const TrialMeasurements& of_trial : measured) {
      contents.measurements[of_trial.trial] = of_trial.measurements;
    }
  }
  return contents;
}

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_STORED_CONTENTS_H_
