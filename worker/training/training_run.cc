#include "worker/training/training_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/network_metrics.h"
#include "core/ranking.h"
#include "core/status_macros.h"
#include "worker/optim/factory.h"
#include "worker/optim/schedule_factory.h"
#include "worker/training/evaluation.h"
#include "worker/training/flush_tiny_numbers.h"
#include "worker/training/loss_builder.h"
#include "worker/training/model.h"
#include "worker/training/network_builder.h"

namespace attune {
namespace {

// Measuring needs no gradients, so larger batches than in training pay.
constexpr int64_t kEvaluationBatch = 256;

std::optional<nn::Batches> TestBatches(const TrainingData& data) {
  if (data.test == nullptr) return std::nullopt;
  std::vector<int64_t> all(static_cast<size_t>(data.test->num_examples()));
  std::iota(all.begin(), all.end(), 0);
  return nn::Batches(data.test, data.scaling, std::move(all),
                     {.batch_size = kEvaluationBatch});
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrainingRun>> TrainingRun::Create(
    const Assignment& assignment, const NetworkConfig& config,
    TrainingData data, const KeeperOptions& keeping, const Clock* clock) {
  ATTUNE_ASSIGN_OR_RETURN(
      nn::Network network,
      BuildNetwork(config, *data.dataset, Rng(assignment.seed).Split("init")));
  ATTUNE_ASSIGN_OR_RETURN(nn::Loss loss, BuildLoss(config, *data.dataset));
  loss.class_weights = data.class_weights;
  auto run = absl::WrapUnique(
      new TrainingRun(assignment, config, std::move(data),
                      {.network = std::move(network), .loss = std::move(loss)},
                      keeping, clock));
  if (auto state = run->keeper_.Resume(); state.has_value()) {
    const absl::Status fits = CheckFits(*state, run->Shape());
    if (fits.ok()) {
      run->Restore(*std::move(state));
    } else {
      run->keeper_.Refuse(fits);
    }
  }
  return run;
}

TrainingRun::TrainingRun(const Assignment& assignment,
                         const NetworkConfig& config, TrainingData data,
                         Parts parts, const KeeperOptions& keeping,
                         const Clock* clock)
    : objectives_(assignment.objectives),
      config_(config),
      clock_(clock),
      rng_(assignment.seed),
      dataset_(data.dataset),
      scaling_(data.scaling),
      train_(data.dataset, data.scaling, std::move(data.split.train),
             {.batch_size = config.batch_size,
              .augmentation = {.shift = config.shift, .flip = config.flip}}),
      validation_(data.dataset, data.scaling, std::move(data.split.validation),
                  {.batch_size = kEvaluationBatch}),
      test_(TestBatches(data)),
      network_(std::move(parts.network)),
      loss_(std::move(parts.loss)),
      units_(data.scaling.target_scale.cwiseInverse().cast<nn::Scalar>()),
      optimizer_(config.optimizer == "lbfgs" ? nullptr
                                             : nn::MakeOptimizer(config)),
      lbfgs_(optimizer_ == nullptr ? nn::MakeLbfgs(config) : nullptr),
      learning_rate_(nn::MakeLearningRateSchedule(config, train_.size())),
      momentum_(nn::MakeMomentumSchedule(config, train_.size())),
      plateau_(nn::MakePlateau(config)),
      early_stopping_(nn::MakeEarlyStopping(config)),
      augmentation_(rng_),
      keeper_(assignment, keeping, clock) {
  if (config.ema_decay > 0.0) {
    averages_.emplace(
        Averages{.params = nn::WeightAverage(config.ema_decay),
                 .layer_state = nn::WeightAverage(config.ema_decay)});
  }
}

absl::StatusOr<std::variant<Measurement, Outcome>> TrainingRun::Advance(
    std::stop_token stop) {
  const FlushTinyNumbers flush;
  if (repeated_ < measurements_.size()) return measurements_[repeated_++];
  if (IsEpochDone()) {
    if (IsOver()) {
      KeepModel();
      return Outcome(Finished{});
    }
    BeginEpoch();
  }
  ATTUNE_ASSIGN_OR_RETURN(auto news, RunToReport(stop));
  const auto* const measurement = std::get_if<Measurement>(&news);
  if (measurement == nullptr) return news;
  measurements_.push_back(*measurement);
  repeated_ = measurements_.size();
  if (IsEpochDone()) KeepEpoch();
  return news;
}

void TrainingRun::BeginEpoch() {
  ++epoch_;
  const auto epoch = static_cast<uint64_t>(epoch_);
  // L-BFGS compares losses, which must be sums in one order.
  if (lbfgs_ == nullptr) train_.Shuffle(rng_.Split("shuffle").Split(epoch));
  network_.Reseed(rng_.Split("dropout").Split(epoch));
  augmentation_ = rng_.Split("augmentation").Split(epoch);
  whole_epoch_ = {};
}

absl::StatusOr<std::variant<Measurement, Outcome>> TrainingRun::RunToReport(
    const std::stop_token& stop) {
  const absl::Time start = clock_->Now();
  ATTUNE_ASSIGN_OR_RETURN(const Tally part, Train(stop));
  if (!std::isfinite(part.loss.mean())) {
    return Diverge("loss", part.loss.mean());
  }
  Measurement measurement = Report(IsEpochDone() ? whole_epoch_ : part);
  if (IsEpochDone()) {
    ATTUNE_ASSIGN_OR_RETURN(const Evaluation validation,
                            Measure(validation_, stop));
    const double loss = validation.metrics.at("loss");
    if (!std::isfinite(loss)) return Diverge("validation loss", loss);
    for (const auto& [name, value] : validation.metrics) {
      measurement.metrics[absl::StrCat("validation_", name)] = value;
    }
  }
  elapsed_ += std::max(clock_->Now() - start, absl::ZeroDuration());
  measurement.metrics[kElapsedSeconds] = absl::ToDoubleSeconds(elapsed_);
  if (IsEpochDone()) {
    ObserveLoss(measurement);
    if (IsOver()) ATTUNE_RETURN_IF_ERROR(AddTestMetrics(stop, measurement));
  }
  return measurement;
}

absl::StatusOr<TrainingRun::Tally> TrainingRun::Train(
    const std::stop_token& stop) {
  const absl::Time start = clock_->Now();
  Tally part;
  do {
    ATTUNE_RETURN_IF_ERROR(CheckStop(stop));
    const int64_t index = step_ - (epoch_ - 1) * train_.size();
    const nn::Batches::Batch batch = train_.GetAugmented(index, augmentation_);
    const nn::LossSum loss = TrainBatch(batch);
    if (!std::isfinite(loss.mean())) return Tally{.loss = loss};
    part.loss += loss;
    part.examples += batch.inputs.cols();
    whole_epoch_.loss += loss;
  } while (!IsReportDue());
  part.time = clock_->Now() - start;
  whole_epoch_.examples += part.examples;
  whole_epoch_.time += part.time;
  return part;
}

bool TrainingRun::IsReportDue() const {
  return IsEpochDone() || (config_.report_every_steps > 0 &&
                           step_ % config_.report_every_steps == 0);
}

Measurement TrainingRun::Report(const Tally& tally) const {
  Measurement measurement{.step = epoch_};
  measurement.metrics = {
      {"training_loss", tally.loss.mean()},
      {"learning_rate", SettingsOf(step_ - 1).learning_rate},
  };
  if (config_.report_every_steps > 0) {
    measurement.step = step_;
    measurement.metrics["epoch"] =
        static_cast<double>(step_) / static_cast<double>(train_.size());
  }
  // A clock that stands still or is set back tells nothing.
  if (tally.time > absl::ZeroDuration()) {
    measurement.metrics["samples_per_second"] =
        static_cast<double>(tally.examples) / absl::ToDoubleSeconds(tally.time);
  }
  return measurement;
}

void TrainingRun::KeepEpoch() {
  KeepBest();
  if (epoch_ < config_.epochs && keeper_.IsDue()) {
    keeper_.KeepCheckpoint(State());
  }
}

nn::LossSum TrainingRun::TrainBatch(const nn::Batches::Batch& batch) {
  const nn::StepSettings settings = SettingsOf(step_);
  nn::LossSum loss;
  if (lbfgs_ != nullptr) {
    const double mean = lbfgs_->Step([&] { return LossAndGrads(batch).mean(); },
                                     settings.learning_rate, network_.params(),
                                     network_.grads());
    loss = {.sum = mean, .weight = 1.0};  // of the only batch
    if (!std::isfinite(mean)) return loss;
  } else {
    loss = LossAndGrads(batch);
    if (!std::isfinite(loss.mean())) return loss;
    optimizer_->Step(network_.grads(), settings, network_.params());
  }
  AddToAverages();
  last_loss_ = loss.mean();
  ++step_;
  return loss;
}

nn::LossSum TrainingRun::LossAndGrads(const nn::Batches::Batch& batch) {
  const nn::ConstMatrixView outputs =
      network_.Forward(batch.inputs, nn::Mode::kTrain);
  const nn::LossSum loss = nn::LossAndGradient(
      loss_, outputs, {.labels = batch.labels, .targets = batch.targets},
      grad_.Get(outputs.rows(), outputs.cols()));
  if (std::isfinite(loss.mean())) {
    network_.Backward(grad_.View(outputs.rows(), outputs.cols()));
  }
  return loss;
}

absl::StatusOr<Evaluation> TrainingRun::Measure(nn::Batches& batches,
                                                const std::stop_token& stop) {
  SwapAverages();
  absl::StatusOr<Evaluation> evaluation =
      Evaluate(loss_, units_, batches, network_,
               [this, &stop] { return CheckStop(stop); });
  SwapAverages();
  return evaluation;
}

absl::Status TrainingRun::AddTestMetrics(const std::stop_token& stop,
                                         Measurement& measurement) {
  if (!test_.has_value()) return absl::OkStatus();
  ATTUNE_ASSIGN_OR_RETURN(const Evaluation test, Measure(*test_, stop));
  for (const auto& [name, value] : test.metrics) {
    measurement.metrics[absl::StrCat("test_", name)] = value;
  }
  return absl::OkStatus();
}

bool TrainingRun::IsOver() const {
  return epoch_ == config_.epochs ||
         nn::ShouldStop(early_stopping_, validation_losses_);
}

nn::StepSettings TrainingRun::SettingsOf(int64_t step) const {
  return {.learning_rate = nn::Value(learning_rate_, step) * plateau_scale_,
          .momentum = nn::Value(momentum_, step)};
}

void TrainingRun::ObserveLoss(const Measurement& measurement) {
  validation_losses_.push_back(measurement.metrics.at("validation_loss"));
  if (plateau_.has_value()) {
    plateau_scale_ = nn::PlateauScale(*plateau_, validation_losses_);
  }
}

const Measurement& TrainingRun::OfEpoch(int64_t epoch) const {
  const int64_t step =
      config_.report_every_steps > 0 ? epoch * train_.size() : epoch;
  return *std::lower_bound(measurements_.begin(), measurements_.end(), step,
                           [](const Measurement& measurement, int64_t wanted) {
                             return measurement.step < wanted;
                           });
}

Objective TrainingRun::RankedBy() const {
  if (!objectives_.empty() &&
      measurements_.back().metrics.contains(objectives_[0].metric)) {
    return objectives_[0];
  }
  return {.metric = "validation_loss", .goal = Goal::kMinimize};
}

void TrainingRun::KeepBest() {
  if (!keeper_.is_on() || config_.keep_weights != "best") return;
  const Objective by = RankedBy();
  const auto value = [&](int64_t epoch) {
    const auto& metrics = OfEpoch(epoch).metrics;
    const auto found = metrics.find(by.metric);
    return found == metrics.end() ? std::nan("") : found->second;
  };
  if (best_.has_value() &&
      !Better(value(epoch_), value(best_->epoch), by.goal)) {
    return;
  }
  best_ = {.epoch = epoch_,
           .params = MeasuredParams(),
           .layer_state = MeasuredState()};
}

void TrainingRun::KeepModel() {
  if (!keeper_.is_on() || config_.keep_weights == "none") return;
  const KeptWeights& kept = best_.has_value()
                                ? *best_
                                : KeptWeights{.epoch = epoch_,
                                              .params = MeasuredParams(),
                                              .layer_state = MeasuredState()};
  const Objective by = RankedBy();
  const bool is_kept =
      keeper_.KeepModel({.params = kept.params,
                         .layer_state = kept.layer_state,
                         .scaling = scaling_,
                         .shape = ShapeOf(*dataset_)},
                        kept.epoch, measurements_.back().metrics.at(by.metric));
  // Without its model nobody would remove it.
  if (is_kept && !dataset_->is_regression()) KeepConfusion(kept);
  keeper_.KeepBest(by.goal, config_.keep_models);
}

// The network is not needed for anything else by then.
void TrainingRun::KeepConfusion(const KeptWeights& kept) {
  network_.params() = kept.params;
  network_.SetState(kept.layer_state);
  const absl::StatusOr<Evaluation> evaluation = Evaluate(
      loss_, units_, validation_, network_, [] { return absl::OkStatus(); });
  if (!evaluation.ok()) return;
  keeper_.KeepConfusion(nn::ToCsv(evaluation->confusion, dataset_->classes));
}

void TrainingRun::AddToAverages() {
  if (!averages_.has_value()) return;
  averages_->params.Add(network_.params());
  network_.CopyState(layer_state_);
  averages_->layer_state.Add(layer_state_);
}

void TrainingRun::SwapAverages() {
  if (!averages_.has_value()) return;
  network_.params().swap(averages_->params.average());
  network_.CopyState(layer_state_);
  network_.SetState(averages_->layer_state.average());
  averages_->layer_state.average().swap(layer_state_);
}

const nn::Vector& TrainingRun::MeasuredParams() {
  return averages_.has_value() ? averages_->params.average()
                               : network_.params();
}

nn::Vector TrainingRun::MeasuredState() {
  return averages_.has_value() ? averages_->layer_state.average()
                               : network_.State();
}

std::vector<nn::Vector*> TrainingRun::Slots() {
  std::vector<nn::Vector*> slots =
      lbfgs_ != nullptr ? lbfgs_->slots() : optimizer_->slots();
  if (averages_.has_value()) {
    slots.push_back(&averages_->params.average());
    slots.push_back(&averages_->layer_state.average());
  }
  return slots;
}

TrainingState TrainingRun::State() {
  TrainingState state{.epoch = epoch_,
                      .step = step_,
                      .params = network_.params(),
                      .layer_state = network_.State(),
                      .measurements = measurements_,
                      .last_loss = *last_loss_,
                      .best = best_};
  for (const nn::Vector* slot : Slots()) state.optimizer.push_back(*slot);
  return state;
}

StateShape TrainingRun::Shape() {
  StateShape shape{.epochs = config_.epochs,
                   .steps_per_epoch = train_.size(),
                   .report_every_steps = config_.report_every_steps,
                   .params = network_.params().size(),
                   .layer_state = network_.State().size(),
                   .slots_may_be_empty = lbfgs_ != nullptr,
                   .has_best = config_.keep_weights == "best"};
  shape.slots.assign(Slots().size(), shape.params);
  if (averages_.has_value()) shape.slots.back() = shape.layer_state;
  return shape;
}

void TrainingRun::Restore(TrainingState state) {
  const std::vector<nn::Vector*> slots = Slots();
  network_.params() = state.params;
  network_.SetState(state.layer_state);
  for (size_t i = 0; i < slots.size(); ++i) *slots[i] = state.optimizer[i];
  epoch_ = state.epoch;
  step_ = state.step;
  if (optimizer_ != nullptr) optimizer_->set_steps(step_);
  if (lbfgs_ != nullptr) lbfgs_->set_steps(step_);
  if (averages_.has_value()) {
    averages_->params.set_steps(step_);
    averages_->layer_state.set_steps(step_);
  }
  last_loss_ = state.last_loss;
  measurements_ = std::move(state.measurements);
  for (int64_t epoch = 1; epoch <= epoch_; ++epoch) ObserveLoss(OfEpoch(epoch));
  elapsed_ = absl::Seconds(measurements_.back().metrics.at(kElapsedSeconds));
  best_ = std::move(state.best);
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
