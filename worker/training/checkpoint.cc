#include "worker/training/checkpoint.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/network_metrics.h"
#include "core/status_macros.h"
#include "worker/training/vector_tensors.h"

namespace attune {
namespace {

// Another number for whatever would make the next steps others: a new
// arrangement of the state, or a new rule that goes on from it.
constexpr char kFormatName[] = "format";
constexpr char kCheckpointFormat[] = "attune-checkpoint-2";
constexpr char kIdentity[] = "identity";
constexpr char kCounters[] = "counters";  // epochs, steps, vectors, best epoch
constexpr char kLastLoss[] = "last_loss";
constexpr char kMeasurements[] = "measurements.";

std::string OptimizerName(size_t i) { return absl::StrCat("optimizer.", i); }

// Of each metric, the steps and the values by turns.
void WriteMeasurements(const std::vector<Measurement>& measurements,
                       TensorFile& file) {
  std::map<std::string, std::vector<double>> tensors;
  for (const Measurement& measurement : measurements) {
    for (const auto& [metric, value] : measurement.metrics) {
      std::vector<double>& tensor = tensors[kMeasurements + metric];
      tensor.push_back(static_cast<double>(measurement.step));
      tensor.push_back(value);
    }
  }
  for (auto& [name, tensor] : tensors) file.tensors[name] = std::move(tensor);
}

absl::StatusOr<std::vector<Measurement>> ReadMeasurements(
    const TensorFile& file) {
  std::map<int64_t, Measurement> by_step;
  for (const auto& [name, tensor] : file.tensors) {
    absl::string_view metric = name;
    if (!absl::ConsumePrefix(&metric, kMeasurements)) continue;
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<double> values,
                            GetTensor<double>(file, name));
    for (size_t i = 0; i + 1 < values.size(); i += 2) {
      // Every number of steps is one that a double holds.
      constexpr double kMostSteps = 1e15;
      if (!(values[i] >= 0 && values[i] <= kMostSteps)) {
        return absl::DataLossError(
            absl::StrCat("found the step ", values[i], " of `", name,
                         "`, expected from 0 to ", kMostSteps));
      }
      const auto step = static_cast<int64_t>(values[i]);
      by_step[step].step = step;
      by_step[step].metrics[std::string(metric)] = values[i + 1];
    }
  }
  std::vector<Measurement> measurements;
  for (auto& [step, measurement] : by_step) {
    measurements.push_back(std::move(measurement));
  }
  return measurements;
}

absl::Status CheckSame(absl::string_view what, int64_t found,
                       int64_t expected) {
  if (found == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("found ", found, " ", what, ", expected ", expected));
}

// How many measurements there are of so many epochs.
int64_t CountReports(int64_t epochs, const StateShape& shape) {
  const int64_t every = shape.report_every_steps;
  if (every == 0) return epochs;
  // The epoch's own report stands for one that falls on its last step.
  const int64_t steps = epochs * shape.steps_per_epoch;
  return epochs + steps / every -
         steps / std::lcm(every, shape.steps_per_epoch);
}

// As many as there are, each epoch's with what goes on being looked at.
absl::Status CheckMeasurements(const TrainingState& state,
                               const StateShape& shape) {
  ATTUNE_RETURN_IF_ERROR(CheckSame("measurements",
                                   std::ssize(state.measurements),
                                   CountReports(state.epoch, shape)));
  auto measurement = state.measurements.begin();
  for (int64_t epoch = 1; epoch <= state.epoch; ++epoch, ++measurement) {
    const int64_t step =
        shape.report_every_steps > 0 ? epoch * shape.steps_per_epoch : epoch;
    measurement = std::find_if(
        measurement, state.measurements.end(),
        [step](const Measurement& one) { return one.step == step; });
    for (const char* const metric : {"validation_loss", kElapsedSeconds}) {
      if (measurement != state.measurements.end() &&
          measurement->metrics.contains(metric)) {
        continue;
      }
      return absl::FailedPreconditionError(
          absl::StrCat("found no ", metric, " of epoch ", epoch,
                       ", expected one of each epoch"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSlots(const TrainingState& state, const StateShape& shape) {
  ATTUNE_RETURN_IF_ERROR(CheckSame("vectors of the optimizer",
                                   std::ssize(state.optimizer),
                                   std::ssize(shape.slots)));
  for (size_t i = 0; i < shape.slots.size(); ++i) {
    const int64_t size = state.optimizer[i].size();
    if (size == 0 && shape.slots_may_be_empty && shape.slots[i] == shape.params)
      continue;
    ATTUNE_RETURN_IF_ERROR(
        CheckSame(absl::StrCat("numbers in `", OptimizerName(i), "`"), size,
                  shape.slots[i]));
  }
  return absl::OkStatus();
}

absl::Status CheckBest(const TrainingState& state, const StateShape& shape) {
  ATTUNE_RETURN_IF_ERROR(CheckSame(
      "best epochs", state.best.has_value() ? 1 : 0, shape.has_best ? 1 : 0));
  if (!state.best.has_value()) return absl::OkStatus();
  if (state.best->epoch > state.epoch) {
    return absl::FailedPreconditionError(
        absl::StrCat("found the best epoch ", state.best->epoch,
                     ", expected one of the ", state.epoch, " that are done"));
  }
  ATTUNE_RETURN_IF_ERROR(CheckSame("weights of the best epoch",
                                   state.best->params.size(), shape.params));
  return CheckSame("numbers of its layers", state.best->layer_state.size(),
                   shape.layer_state);
}

}  // namespace

absl::Status CheckFits(const TrainingState& state, const StateShape& shape) {
  if (state.epoch < 1 || state.epoch > shape.epochs) {
    return absl::FailedPreconditionError(
        absl::StrCat("found ", state.epoch, " epochs that are done, expected ",
                     "from 1 to ", shape.epochs));
  }
  ATTUNE_RETURN_IF_ERROR(
      CheckSame("steps", state.step, state.epoch * shape.steps_per_epoch));
  ATTUNE_RETURN_IF_ERROR(
      CheckSame("weights", state.params.size(), shape.params));
  ATTUNE_RETURN_IF_ERROR(CheckSame(
      "numbers of the layers", state.layer_state.size(), shape.layer_state));
  ATTUNE_RETURN_IF_ERROR(CheckSlots(state, shape));
  ATTUNE_RETURN_IF_ERROR(CheckMeasurements(state, shape));
  return CheckBest(state, shape);
}

TensorFile ToTensors(const TrainingState& state, const std::string& identity) {
  TensorFile file;
  file.metadata[kFormatName] = kCheckpointFormat;
  file.metadata[kIdentity] = identity;
  file.tensors["params"] = ToTensor(state.params);
  file.tensors["layer_state"] = ToTensor(state.layer_state);
  for (size_t i = 0; i < state.optimizer.size(); ++i) {
    file.tensors[OptimizerName(i)] = ToTensor(state.optimizer[i]);
  }
  file.tensors[kLastLoss] = std::vector<double>{state.last_loss};
  if (state.best.has_value()) {
    file.tensors["best.params"] = ToTensor(state.best->params);
    file.tensors["best.layer_state"] = ToTensor(state.best->layer_state);
  }
  file.tensors[kCounters] =
      std::vector<int64_t>{state.epoch, state.step, std::ssize(state.optimizer),
                           state.best.has_value() ? state.best->epoch : 0};
  WriteMeasurements(state.measurements, file);
  return file;
}

absl::StatusOr<TrainingState> StateFromTensors(const TensorFile& file,
                                               const std::string& identity) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string format,
                          GetMetadata(file, kFormatName));
  if (format != kCheckpointFormat) {
    return absl::FailedPreconditionError(absl::StrCat(
        "found the format `", format, "`, expected `", kCheckpointFormat,
        "`: another version of Attune wrote it"));
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::string found,
                          GetMetadata(file, kIdentity));
  if (found != identity) {
    return absl::FailedPreconditionError(
        absl::StrCat("found the checkpoint of another training, ", found,
                     ", expected ", identity));
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<int64_t> counters,
                          GetTensor<int64_t>(file, kCounters));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<double> last_loss,
                          GetTensor<double>(file, kLastLoss));
  if (counters.size() != 4 || last_loss.size() != 1) {
    return absl::DataLossError(absl::StrCat("found ", counters.size(),
                                            " counters and ", last_loss.size(),
                                            " last losses, expected 4 and 1"));
  }
  TrainingState state{
      .epoch = counters[0], .step = counters[1], .last_loss = last_loss[0]};
  ATTUNE_ASSIGN_OR_RETURN(state.params, GetVector(file, "params"));
  ATTUNE_ASSIGN_OR_RETURN(state.layer_state, GetVector(file, "layer_state"));
  for (size_t i = 0; std::cmp_less(i, counters[2]); ++i) {
    ATTUNE_ASSIGN_OR_RETURN(state.optimizer.emplace_back(),
                            GetVector(file, OptimizerName(i)));
  }
  if (counters[3] > 0) {
    state.best.emplace().epoch = counters[3];
    ATTUNE_ASSIGN_OR_RETURN(state.best->params, GetVector(file, "best.params"));
    ATTUNE_ASSIGN_OR_RETURN(state.best->layer_state,
                            GetVector(file, "best.layer_state"));
  }
  ATTUNE_ASSIGN_OR_RETURN(state.measurements, ReadMeasurements(file));
  return state;
}

}  // namespace attune
