#include "worker/training/training_run.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/status_macros.h"
#include "worker/optim/factory.h"
#include "worker/training/flush_tiny_numbers.h"
#include "worker/training/network_builder.h"

namespace attune {
namespace {

// Measuring needs no gradients, so larger batches than in training pay.
constexpr int64_t kEvaluationBatch = 256;

}  // namespace

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::Create(
    const NetworkConfig& config, TrainingData data, uint64_t seed,
    const Clock* clock) {
  ATTUNE_ASSIGN_OR_RETURN(
      nn::Network network,
      BuildNetwork(config, *data.dataset, Rng(seed).Split("init")));
  return absl::WrapUnique(new TrainingRun(config, std::move(data), seed,
                                          std::move(network), clock));
}

TrainingRun::TrainingRun(const NetworkConfig& config, TrainingData data,
                         uint64_t seed, nn::Network network, const Clock* clock)
    : config_(config),
      clock_(clock),
      rng_(seed),
      train_(data.dataset, data.scaling, std::move(data.split.train),
             {.batch_size = config.batch_size}),
      validation_(data.dataset, data.scaling, std::move(data.split.validation),
                  {.batch_size = kEvaluationBatch}),
      network_(std::move(network)),
      optimizer_(nn::MakeOptimizer(config)),
      schedule_(nn::MakeRateSchedule(config, train_.size())) {}

absl::StatusOr<std::variant<Measurement, Outcome>> TrainingRun::Advance(
    std::stop_token stop) {
  const FlushTinyNumbers flush;
  if (epoch_ == config_.epochs) return Outcome(Finished{});
  ++epoch_;
  const absl::Time start = clock_->Now();
  ATTUNE_ASSIGN_OR_RETURN(const double training_loss, TrainEpoch(stop));
  const absl::Duration elapsed = clock_->Now() - start;
  if (!std::isfinite(training_loss)) return Diverge("loss", training_loss);
  ATTUNE_ASSIGN_OR_RETURN(const nn::Evaluation validation, Validate(stop));
  const auto count = static_cast<double>(validation_.num_examples());
  const double validation_loss = validation.loss_sum / count;
  if (!std::isfinite(validation_loss)) {
    return Diverge("validation loss", validation_loss);
  }
  Measurement measurement{.step = epoch_};
  measurement.metrics = {
      {"training_loss", training_loss},
      {"validation_loss", validation_loss},
      {"validation_accuracy", static_cast<double>(validation.correct) / count},
      {"learning_rate", nn::LearningRate(schedule_, step_ - 1)},
  };
  // A clock that stands still or is set back tells nothing.
  if (elapsed > absl::ZeroDuration()) {
    measurement.metrics["samples_per_second"] =
        static_cast<double>(train_.num_examples()) /
        absl::ToDoubleSeconds(elapsed);
  }
  return measurement;
}

absl::StatusOr<double> TrainingRun::TrainEpoch(const std::stop_token& stop) {
  const auto epoch = static_cast<uint64_t>(epoch_);
  train_.Shuffle(rng_.Split("shuffle").Split(epoch));
  network_.Reseed(rng_.Split("dropout").Split(epoch));
  double loss_sum = 0.0;
  for (int64_t i = 0; i < train_.size(); ++i) {
    ATTUNE_RETURN_IF_ERROR(CheckStop(stop));
    const nn::Batches::Batch batch = train_.Get(i);
    const double loss = TrainBatch(batch);
    if (!std::isfinite(loss)) return loss;
    loss_sum += loss * static_cast<double>(batch.labels.size());
  }
  return loss_sum / static_cast<double>(train_.num_examples());
}

double TrainingRun::TrainBatch(const nn::Batches::Batch& batch) {
  const nn::ConstMatrixView logits =
      network_.Forward(batch.inputs, nn::Mode::kTrain);
  nn::MatrixView grad = grad_.Get(logits.rows(), logits.cols());
  const double loss = nn::SoftmaxCrossEntropy(logits, batch.labels, grad);
  if (!std::isfinite(loss)) return loss;
  last_loss_ = loss;
  network_.Backward(grad_.View(logits.rows(), logits.cols()));
  optimizer_->Step(network_.grads(),
                   {.learning_rate = nn::LearningRate(schedule_, step_),
                    .momentum = config_.momentum},
                   network_.params());
  ++step_;
  return loss;
}

absl::StatusOr<nn::Evaluation> TrainingRun::Validate(
    const std::stop_token& stop) {
  nn::Evaluation sum;
  for (int64_t i = 0; i < validation_.size(); ++i) {
    ATTUNE_RETURN_IF_ERROR(CheckStop(stop));
    const nn::Batches::Batch batch = validation_.Get(i);
    const nn::Evaluation part = nn::Evaluate(
        network_.Forward(batch.inputs, nn::Mode::kEval), batch.labels);
    sum.loss_sum += part.loss_sum;
    sum.correct += part.correct;
  }
  return sum;
}

absl::Status TrainingRun::CheckStop(const std::stop_token& stop) const {
  if (!stop.stop_requested()) return absl::OkStatus();
  return absl::CancelledError(
      absl::StrCat("the trial was asked to stop in epoch ", epoch_));
}

Outcome TrainingRun::Diverge(absl::string_view what, double value) const {
  std::string reason =
      absl::StrCat("the ", what, " became ", value, " at step ", step_,
                   " (epoch ", epoch_, ")");
  if (last_loss_.has_value()) {
    absl::StrAppend(&reason, "; the last finite loss was ", *last_loss_);
  }
  return Diverged{.reason = std::move(reason)};
}

}  // namespace attune
