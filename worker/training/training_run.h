#ifndef ATTUNE_WORKER_TRAINING_TRAINING_RUN_H_
#define ATTUNE_WORKER_TRAINING_TRAINING_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/clock.h"
#include "core/coordinator_api.h"
#include "core/network_settings.h"
#include "core/random.h"
#include "core/trial.h"
#include "worker/data/batches.h"
#include "worker/nn/loss.h"
#include "worker/nn/network.h"
#include "worker/optim/early_stopping.h"
#include "worker/optim/lbfgs.h"
#include "worker/optim/optimizer.h"
#include "worker/optim/plateau.h"
#include "worker/optim/schedule.h"
#include "worker/optim/weight_average.h"
#include "worker/training/checkpoint.h"
#include "worker/training/evaluation.h"
#include "worker/training/keeper.h"
#include "worker/training/training_data.h"
#include "worker/trial_runner.h"

namespace attune {

// One trial's training: an epoch with every Advance(), then its measurement; or
// only as many steps as there are to the next report.
//
// Everything random comes from the trial's seed, apart for each purpose and,
// within an epoch, for each epoch: so what an epoch does depends on the
// network's and the optimizer's state at its start and on the validation losses
// until then, and on nothing else. Where an earlier attempt left a checkpoint
// it goes on from there, and first repeats the measurements that were made
// before, since some may not have arrived: the curve is, bit for bit, that of
// an attempt that was not interrupted.
class TrainingRun : public TrialRun {
 public:
  // `clock` and the dataset must outlive it. INVALID_ARGUMENT if the network
  // or the loss does not fit the data.
  static absl::StatusOr<std::unique_ptr<TrainingRun>> Create(
      const Assignment& assignment, const NetworkConfig& config,
      TrainingData data, const KeeperOptions& keeping, const Clock* clock);

  absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token stop) override;

 private:
  struct Parts {
    nn::Network network;
    nn::Loss loss;
  };
  // Over the steps, of all that the network computes with.
  struct Averages {
    nn::WeightAverage params;
    nn::WeightAverage layer_state;
  };

  TrainingRun(const Assignment& assignment, const NetworkConfig& config,
              TrainingData data, Parts parts, const KeeperOptions& keeping,
              const Clock* clock);

  // Of some steps that follow one another.
  struct Tally {
    nn::LossSum loss;  // of each example when its minibatch was used
    int64_t examples = 0;
    absl::Duration time;
  };

  void BeginEpoch();
  // Whether all steps of epoch_ are done; also before the first.
  bool IsEpochDone() const { return step_ == epoch_ * train_.size(); }
  // The next measurement, of the steps since the last one or of all of epoch_,
  // or that it diverged.
  absl::StatusOr<std::variant<Measurement, Outcome>> RunToReport(
      const std::stop_token& stop);
  // Trains until there is something to report and adds that to whole_epoch_; of
  // a loss that is not finite that one alone, as soon as there is one.
  absl::StatusOr<Tally> Train(const std::stop_token& stop);
  bool IsReportDue() const;
  // With what is known without measuring.
  Measurement Report(const Tally& tally) const;
  // Once the epoch's measurement is complete and remembered.
  void KeepEpoch();
  // One step with one minibatch, unless its loss is not finite. Returns the
  // loss before it.
  nn::LossSum TrainBatch(const nn::Batches::Batch& batch);
  // Forward and, unless the loss is not finite, backward.
  nn::LossSum LossAndGrads(const nn::Batches::Batch& batch);
  // With the averages if there are some.
  absl::StatusOr<Evaluation> Measure(nn::Batches& batches,
                                     const std::stop_token& stop);
  // Adds what the test examples say, if there are any: once, after the last
  // epoch, so that nothing is chosen by them.
  absl::Status AddTestMetrics(const std::stop_token& stop,
                              Measurement& measurement);
  // Whether epoch_ was the last one.
  bool IsOver() const;
  // What the schedules say for `step`, one of the epoch that runs.
  nn::StepSettings SettingsOf(int64_t step) const;
  // Adds to the losses that plateaus and early stopping look at.
  void ObserveLoss(const Measurement& measurement);
  // The measurement after `epoch`, which is done.
  const Measurement& OfEpoch(int64_t epoch) const;
  absl::Status CheckStop(const std::stop_token& stop) const;
  Outcome Diverge(absl::string_view what, double value) const;

  // By which of its metrics an epoch is better than another: the study's first
  // objective if it is one of them, else the loss.
  Objective RankedBy() const;
  void KeepBest();
  void KeepModel();
  void KeepConfusion(const KeptWeights& kept);
  void AddToAverages();
  // The network computes with the averages, if there are some, and the averages
  // hold what it trains; another call undoes it.
  void SwapAverages();
  // What is measured.
  const nn::Vector& MeasuredParams();
  nn::Vector MeasuredState();
  // All that is remembered from step to step beside the network.
  std::vector<nn::Vector*> Slots();
  TrainingState State();
  StateShape Shape();
  // REQUIRES: it fits the Shape().
  void Restore(TrainingState state);

  const std::vector<Objective> objectives_;
  const NetworkConfig config_;
  const Clock* const clock_;
  const Rng rng_;
  const nn::Dataset* const dataset_;
  const nn::Scaling scaling_;
  nn::Batches train_;
  nn::Batches validation_;
  std::optional<nn::Batches> test_;
  nn::Network network_;
  const nn::Loss loss_;
  const nn::Vector units_;  // of the targets, for Evaluate()
  // One of them.
  const std::unique_ptr<nn::Optimizer> optimizer_;
  const std::unique_ptr<nn::Lbfgs> lbfgs_;
  std::optional<Averages> averages_;
  nn::Vector layer_state_;  // for AddToAverages()
  const nn::Schedule learning_rate_;
  const nn::Schedule momentum_;
  const std::optional<nn::Plateau> plateau_;
  const nn::EarlyStopping early_stopping_;
  nn::Buffer grad_;
  int64_t epoch_ = 0;  // the one that runs or ran last, from 1 on
  int64_t step_ = 0;   // minibatches done
  Rng augmentation_;   // of epoch_
  Tally whole_epoch_;  // what is done of epoch_
  std::optional<double> last_loss_;
  absl::Duration elapsed_;  // training and validating, by the clock
  std::vector<Measurement> measurements_;  // all so far
  size_t repeated_ = 0;  // of measurements_, those that were returned
  std::vector<double> validation_losses_;  // of the epochs that are done
  double plateau_scale_ = 1.0;             // after validation_losses_
  Keeper keeper_;
  std::optional<KeptWeights> best_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_TRAINING_RUN_H_
