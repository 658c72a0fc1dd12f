#include "worker/training/checkpoint.h"

#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/status_macros.h"
#include "worker/training/vector_tensors.h"

namespace attune {
namespace {

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

}  // namespace

TensorFile ToTensors(const TrainingState& state, const std::string& identity) {
  TensorFile file;
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
