#include "worker/training/training_run.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/status_macros.h"
#include "worker/optim/factory.h"
#include "worker/training/evaluation.h"
#include "worker/training/flush_tiny_numbers.h"
#include "worker/training/loss_builder.h"
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
  ATTUNE_ASSIGN_OR_RETURN(nn::Loss loss, BuildLoss(config, *data.dataset));
  return absl::WrapUnique(new TrainingRun(
      config, std::move(data), seed,
      {.network = std::move(network), .loss = std::move(loss)}, clock));
}

TrainingRun::TrainingRun(const NetworkConfig& config, TrainingData data,
                         uint64_t seed, Model model, const Clock* clock)
    : config_(config),
      clock_(clock),
      rng_(seed),
      train_(data.dataset, data.scaling, std::move(data.split.train),
             {.batch_size = config.batch_size}),
      validation_(data.dataset, data.scaling, std::move(data.split.validation),
                  {.batch_size = kEvaluationBatch}),
      network_(std::move(model.network)),
      loss_(std::move(model.loss)),
      units_(nn::Vector::Ones(data.dataset->targets.rows())),
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
  ATTUNE_ASSIGN_OR_RETURN(const Evaluation validation,
                          Evaluate(loss_, units_, validation_, network_,
                                   [this, &stop] { return CheckStop(stop); }));
  const double validation_loss = validation.metrics.at("loss");
  if (!std::isfinite(validation_loss)) {
    return Diverge("validation loss", validation_loss);
  }
  Measurement measurement{.step = epoch_};
  measurement.metrics = {
      {"training_loss", training_loss},
      {"learning_rate", nn::LearningRate(schedule_, step_ - 1)},
  };
  for (const auto& [name, value] : validation.metrics) {
    measurement.metrics[absl::StrCat("validation_", name)] = value;
  }
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
  nn::LossSum sum;
  for (int64_t i = 0; i < train_.size(); ++i) {
    ATTUNE_RETURN_IF_ERROR(CheckStop(stop));
    const nn::LossSum loss = TrainBatch(train_.Get(i));
    if (!std::isfinite(loss.mean())) return loss.mean();
    sum += loss;
  }
  return sum.mean();
}

nn::LossSum TrainingRun::TrainBatch(const nn::Batches::Batch& batch) {
  const nn::ConstMatrixView outputs =
      network_.Forward(batch.inputs, nn::Mode::kTrain);
  const nn::LossSum loss = nn::LossAndGradient(
      loss_, outputs, {.labels = batch.labels, .targets = batch.targets},
      grad_.Get(outputs.rows(), outputs.cols()));
  if (!std::isfinite(loss.mean())) return loss;
  last_loss_ = loss.mean();
  network_.Backward(grad_.View(outputs.rows(), outputs.cols()));
  optimizer_->Step(network_.grads(),
                   {.learning_rate = nn::LearningRate(schedule_, step_),
                    .momentum = config_.momentum},
                   network_.params());
  ++step_;
  return loss;
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
