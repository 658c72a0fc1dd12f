#ifndef ATTUNE_TESTS_SIM_SIM_PERSON_H_
#define ATTUNE_TESTS_SIM_SIM_PERSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/clock.h"
#include "core/random.h"
#include "core/study.h"
#include "tests/sim/flaky_network.h"

namespace attune {

// A study that the simulation must bring to its end.
struct PlannedStudy {
  StudySpec spec;
  // How many points its search has; absent: as many as are wanted.
  std::optional<int64_t> points;
};

// Studies of every kind, drawn at random.
std::vector<PlannedStudy> PlanStudies(Rng rng);

// Whoever creates the studies, and then pauses, stops and resumes them, and
// deletes one that was never meant to last.
class SimPerson {
 public:
  static constexpr char kDoomed[] = "doomed";

  // Both must outlive it.
  SimPerson(std::vector<PlannedStudy> planned, FlakyNetwork* network,
            const Clock* clock, Rng rng);

  absl::Time NextStep() const { return next_; }
  void Step();
  // From now on only creates what is missing and resumes all studies.
  void CalmDown() { calm_ = true; }

 private:
  void Meddle();

  const std::vector<PlannedStudy> planned_;
  FlakyNetwork* const network_;
  FlakyNetwork::Link link_;
  const Clock* const clock_;
  Rng rng_;
  absl::Time next_;
  size_t created_ = 0;  // how many of the planned ones
  size_t resumed_ = 0;  // which one is resumed next
  bool doom_created_ = false;
  bool calm_ = false;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_SIM_PERSON_H_
