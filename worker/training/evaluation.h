#ifndef ATTUNE_WORKER_TRAINING_EVALUATION_H_
#define ATTUNE_WORKER_TRAINING_EVALUATION_H_

#include <map>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/data/batches.h"
#include "worker/nn/loss.h"
#include "worker/nn/metrics.h"
#include "worker/nn/network.h"

namespace attune {

// How well a network does on some examples.
struct Evaluation {
  // By name: `loss`, of classes `accuracy`, `top3_accuracy` and `macro_f1`, of
  // targets `rmse`, `mae` and `r2` (nn::ClassificationMetrics,
  // nn::RegressionMetrics). The loss is what training lowers, but without label
  // smoothing, as without dropout: a network that is sure and right is best.
  // And without class weights, so that trials which differ in them can be
  // compared.
  std::map<std::string, double> metrics;
  nn::ConfusionMatrix confusion;  // of classes; else of no size
};

// Measures `network` on all of `batches`. `units` are those of the targets
// (nn::RegressionMetrics), for classes of no size. Before every batch
// `go_on` is asked; its error ends it.
absl::StatusOr<Evaluation> Evaluate(const nn::Loss& loss,
                                    const nn::Vector& units,
                                    nn::Batches& batches, nn::Network& network,
                                    absl::FunctionRef<absl::Status()> go_on);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_EVALUATION_H_
