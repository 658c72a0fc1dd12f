#ifndef ATTUNE_TESTS_TESTING_BUILDERS_H_
#define ATTUNE_TESTS_TESTING_BUILDERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/search_space.h"
#include "core/study.h"
#include "core/trial.h"

// Small legal values for tests, to be changed field by field.
namespace attune {

// The time at which all that is built here was created.
absl::Time TestTime();

// A study without a task that minimizes `loss` over x in [0, 1], by random
// search, with ten trials and the seed 1.
StudySpec MakeStudySpec(absl::string_view name = "test-study");

// An active study of revision 1.
Study MakeStudy(StudySpec spec, int64_t id = 1);

// A trial at x = 0.5 whose attempts and times fit its state, of revision 1.
// Attempts before the last are recorded as lost, and the last as the state
// says.
Trial MakeTrial(int64_t number, TrialState state = Waiting{},
                Parameters parameters = {{"x", 0.5}}, int64_t study = 1);

// A trial that completed at its first attempt.
Trial MakeCompletedTrial(int64_t number, double objective,
                         Parameters parameters = {{"x", 0.5}});

struct NamedDomain {
  std::string name;  // CamelCase, fit for a test's name
  Domain domain;
};
// At least one of every kind of domain, scale, step and degenerate case.
std::vector<NamedDomain> AllDomains();

// A space with a parameter for each of AllDomains(), under its name.
SearchSpace MakeSpaceOfAllDomains();

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_BUILDERS_H_
