#ifndef ATTUNE_TESTS_TESTING_SEARCHED_STUDY_H_
#define ATTUNE_TESTS_TESTING_SEARCHED_STUDY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "server/search/search_algorithm.h"

namespace attune {

// A study as the coordinator keeps it: trials by number and the tried points.
class SearchedStudy {
 public:
  explicit SearchedStudy(SearchSpace space, Algorithm algorithm = {}) {
    spec_.objectives = {{"value", Goal::kMinimize}};
    spec_.space = std::move(space);
    spec_.algorithm = algorithm;
  }

  StudyView view() const { return {spec_, trials_, tried_}; }
  const StudySpec& spec() const { return spec_; }
  const TriedPoints& tried() const { return tried_; }

  void Add(const Suggestion& suggestion, TrialState state = Running{}) {
    Trial trial;
    trial.id.number = static_cast<int64_t>(trials_.size()) + 1;
    trial.parameters = suggestion.parameters;
    trial.tag = suggestion.tag;
    trial.state = std::move(state);
    tried_.insert(FingerprintOf(trial.parameters));
    trials_.push_back(std::move(trial));
  }

 private:
  StudySpec spec_;
  std::vector<Trial> trials_;
  TriedPoints tried_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_SEARCHED_STUDY_H_
