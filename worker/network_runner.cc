#include "worker/network_runner.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/network_settings.h"
#include "core/random.h"
#include "core/status_macros.h"
#include "worker/data/batches.h"
#include "worker/data/dataset_cache.h"
#include "worker/data/split.h"
#include "worker/nn/loss.h"
#include "worker/nn/network.h"
#include "worker/optim/factory.h"

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace attune {
namespace {

// Measuring needs no gradients, so larger batches than in training pay.
constexpr int64_t kEvaluationBatch = 256;

nn::Activation ActivationOf(absl::string_view word) {
  if (word == "relu") return nn::Activation::kRelu;
  if (word == "tanh") return nn::Activation::kTanh;
  ATTUNE_CHECK(word == "sigmoid");
  return nn::Activation::kSigmoid;
}

nn::Initializer InitializerOf(absl::string_view word) {
  if (word == "xavier_uniform") return nn::Initializer::kXavierUniform;
  if (word == "xavier_normal") return nn::Initializer::kXavierNormal;
  if (word == "he_uniform") return nn::Initializer::kHeUniform;
  ATTUNE_CHECK(word == "he_normal");
  return nn::Initializer::kHeNormal;
}

nn::Network MakeNetwork(const NetworkConfig& config, const nn::Dataset& dataset,
                        const Rng& rng) {
  return nn::MakeMlp({.inputs = dataset.num_features(),
                      .hidden = config.hidden_layers,
                      .outputs = dataset.num_classes(),
                      .activation = ActivationOf(config.activation),
                      .initializer = InitializerOf(config.initialization),
                      .dropout = config.dropout},
                     rng.Split("init"), rng.Split("dropout"));
}

// While it lives, this thread takes numbers too small for full precision for 0.
// Averages of gradients that have become 0 shrink into that range, where
// processors are many times slower, and nothing is gained by them.
class FlushTinyNumbers {
 public:
  FlushTinyNumbers(const FlushTinyNumbers&) = delete;
  FlushTinyNumbers& operator=(const FlushTinyNumbers&) = delete;
#if defined(__SSE__)
  FlushTinyNumbers() : before_(_mm_getcsr()) {
    constexpr unsigned kFlushToZero = 0x8000;
    constexpr unsigned kDenormalsAreZero = 0x0040;
    _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushTinyNumbers() { _mm_setcsr(before_); }

 private:
  const unsigned before_;
#else
  FlushTinyNumbers() = default;
#endif
};

struct TrainingData {
  const nn::Dataset* dataset = nullptr;
  nn::Scaling scaling;
  nn::Split split;
};

class NetworkRun : public TrialRun {
 public:
  NetworkRun(const NetworkConfig& config, TrainingData data, uint64_t seed,
             const Clock* clock)
      : config_(config),
        clock_(clock),
        shuffle_(Rng(seed).Split("shuffle")),
        train_(data.dataset, data.scaling, std::move(data.split.train),
               {.batch_size = config.batch_size}),
        validation_(data.dataset, data.scaling,
                    std::move(data.split.validation),
                    {.batch_size = kEvaluationBatch}),
        network_(MakeNetwork(config, *data.dataset, Rng(seed))),
        optimizer_(nn::MakeOptimizer(config)),
        schedule_(nn::MakeRateSchedule(config, train_.size())) {}

  absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token stop) override {
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
        {"validation_accuracy",
         static_cast<double>(validation.correct) / count},
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

 private:
  // The mean loss over the epoch's examples, each measured when its minibatch
  // was used; the first loss that is not finite, as soon as there is one.
  absl::StatusOr<double> TrainEpoch(const std::stop_token& stop) {
    train_.Shuffle(shuffle_);
    double loss_sum = 0.0;
    for (int64_t i = 0; i < train_.size(); ++i) {
      ATTUNE_RETURN_IF_ERROR(CheckStop(stop));
      const nn::Batches::Batch batch = train_.Get(i);
      const nn::ConstMatrixView logits =
          network_.Forward(batch.inputs, nn::Mode::kTrain);
      nn::MatrixView grad = grad_.Get(logits.rows(), logits.cols());
      const double loss = nn::SoftmaxCrossEntropy(logits, batch.labels, grad);
      if (!std::isfinite(loss)) return loss;
      last_loss_ = loss;
      loss_sum += loss * static_cast<double>(logits.cols());
      network_.Backward(
          nn::ConstMatrixView(grad.data(), grad.rows(), grad.cols()));
      optimizer_->Step(network_.grads(),
                       {.learning_rate = nn::LearningRate(schedule_, step_),
                        .momentum = config_.momentum},
                       network_.params());
      ++step_;
    }
    return loss_sum / static_cast<double>(train_.num_examples());
  }

  absl::StatusOr<nn::Evaluation> Validate(const std::stop_token& stop) {
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

  absl::Status CheckStop(const std::stop_token& stop) const {
    if (!stop.stop_requested()) return absl::OkStatus();
    return absl::CancelledError(
        absl::StrCat("the trial was asked to stop in epoch ", epoch_));
  }

  Outcome Diverge(absl::string_view what, double value) const {
    std::string reason =
        absl::StrCat("the ", what, " became ", value, " at step ", step_,
                     " (epoch ", epoch_, ")");
    if (last_loss_.has_value()) {
      absl::StrAppend(&reason, "; the last finite loss was ", *last_loss_);
    }
    return Diverged{.reason = std::move(reason)};
  }

  const NetworkConfig config_;
  const Clock* const clock_;
  Rng shuffle_;
  nn::Batches train_;
  nn::Batches validation_;
  nn::Network network_;
  const std::unique_ptr<nn::Optimizer> optimizer_;
  const nn::RateSchedule schedule_;
  nn::Buffer grad_;
  int64_t epoch_ = 0;  // the one that runs or ran last, from 1 on
  int64_t step_ = 0;   // minibatches done
  std::optional<double> last_loss_;
};

class NetworkRunner : public TrialRunner {
 public:
  NetworkRunner(std::vector<std::string> folders, const Clock* clock)
      : clock_(clock), datasets_(std::move(folders)) {}

  absl::StatusOr<std::unique_ptr<TrialRun>> Start(
      const Assignment& assignment) override {
    const auto* task = std::get_if<NetworkTask>(&assignment.task);
    if (task == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("running a trial of study ", assignment.study,
                       " as a network: its task is not to train one"));
    }
    ATTUNE_ASSIGN_OR_RETURN(
        const NetworkConfig config,
        ResolveNetworkConfig(task->settings, assignment.parameters));
    TrainingData data;
    ATTUNE_ASSIGN_OR_RETURN(data.dataset,
                            datasets_.Get(config.dataset, config.label_column));
    ATTUNE_ASSIGN_OR_RETURN(
        data.split,
        nn::SplitExamples(data.dataset->num_examples(),
                          {.validation_fraction = config.validation_fraction,
                           .train_examples = config.train_examples},
                          Rng(assignment.study_seed).Split("split")));
    data.scaling = nn::Standardize(*data.dataset, data.split.train);
    return std::make_unique<NetworkRun>(config, std::move(data),
                                        assignment.seed, clock_);
  }

 private:
  const Clock* const clock_;
  nn::DatasetCache datasets_;
};

}  // namespace

std::unique_ptr<TrialRunner> NewNetworkRunner(
    const NetworkRunnerOptions& options, const Clock* clock) {
  std::vector<std::string> folders;
  if (!options.data_dir.empty()) folders.push_back(options.data_dir);
  const char* const from_environment = std::getenv("ATTUNE_DATA_DIR");
  if (from_environment != nullptr && *from_environment != '\0') {
    folders.emplace_back(from_environment);
  }
  folders.emplace_back(nn::kSystemDatasets);
  return std::make_unique<NetworkRunner>(std::move(folders), clock);
}

const char* EngineName() {
#if defined(__AVX2__) && defined(__FMA__)
  return "x86-64-v3";
#elif defined(__x86_64__)
  return "x86-64";
#else
  return "generic";
#endif
}

}  // namespace attune
