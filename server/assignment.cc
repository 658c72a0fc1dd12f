#include "server/assignment.h"

#include <variant>

#include "core/random.h"

namespace attune {
namespace {

// Below 2^63, so that signed integers on the wire can hold it.
uint64_t TrialSeed(uint64_t study_seed, int64_t number) {
  return Rng(study_seed)
             .Split("trial")
             .Split(static_cast<uint64_t>(number))
             .Bits() >>
         1;
}

}  // namespace

Assignment MakeAssignment(const BookedStudy& study, int64_t number,
                          absl::Duration lease_duration) {
  const StudySpec& spec = study.study().spec;
  const Trial& trial = *study.FindTrial(number);
  const auto& [lease, lost, stop_requested] = std::get<Running>(trial.state);
  Assignment assignment = {
      .worker = lease.worker,
      .token = {.trial = trial.id, .attempt = lease.attempt},
      .study = spec.name,
      .study_create_time = study.study().create_time,
      .parameters = trial.parameters,
      .task = spec.task,
      .objectives = spec.objectives,
      .seed = TrialSeed(spec.seed, number),
      .study_seed = spec.seed,
      .lease_duration = lease_duration,
      .last_attempt = lost + 1 >= spec.max_attempts};
  for (const ParameterSpec& parameter : spec.space.parameters) {
    assignment.parameter_order.push_back(parameter.name);
  }
  return assignment;
}

}  // namespace attune
