#include "worker/training/evaluation.h"

#include "core/status_macros.h"

namespace attune {
namespace {

// Feeds every batch through the network and adds up its loss; `add` sees the
// outputs and then may overwrite them.
template <typename Add>
absl::StatusOr<double> ForEachBatch(nn::Loss loss, nn::Batches& batches,
                                    nn::Network& network,
                                    absl::FunctionRef<absl::Status()> go_on,
                                    Add add) {
  loss.label_smoothing = 0.0;
  loss.class_weights.resize(0);
  nn::LossSum sum;
  nn::Buffer scratch;
  for (int64_t i = 0; i < batches.size(); ++i) {
    ATTUNE_RETURN_IF_ERROR(go_on());
    const nn::Batches::Batch batch = batches.Get(i);
    const nn::ConstMatrixView outputs =
        network.Forward(batch.inputs, nn::Mode::kEval);
    nn::MatrixView to = scratch.Get(outputs.rows(), outputs.cols());
    sum += nn::LossAndGradient(
        loss, outputs, {.labels = batch.labels, .targets = batch.targets}, to);
    add(batch, outputs, to);
  }
  return sum.mean();
}

}  // namespace

absl::StatusOr<Evaluation> Evaluate(const nn::Loss& loss,
                                    const nn::Vector& units,
                                    nn::Batches& batches, nn::Network& network,
                                    absl::FunctionRef<absl::Status()> go_on) {
  Evaluation evaluation;
  if (units.size() == 0) {
    nn::ClassificationMetrics metrics(network.num_outputs());
    ATTUNE_ASSIGN_OR_RETURN(
        evaluation.metrics["loss"],
        ForEachBatch(loss, batches, network, go_on,
                     [&metrics](const nn::Batches::Batch& batch,
                                const nn::ConstMatrixView& outputs,
                                const nn::MatrixView& /*to*/) {
                       metrics.Add(outputs, batch.labels);
                     }));
    evaluation.metrics["accuracy"] = metrics.accuracy();
    evaluation.metrics["top3_accuracy"] = metrics.top3_accuracy();
    evaluation.metrics["macro_f1"] = metrics.macro_f1();
    evaluation.confusion = metrics.confusion();
    return evaluation;
  }
  nn::RegressionMetrics metrics(units);
  ATTUNE_ASSIGN_OR_RETURN(
      evaluation.metrics["loss"],
      ForEachBatch(loss, batches, network, go_on,
                   [&](const nn::Batches::Batch& batch,
                       const nn::ConstMatrixView& outputs, nn::MatrixView to) {
                     to = outputs;
                     nn::OutputsToPredictions(loss.function, to);
                     metrics.Add(
                         nn::ConstMatrixView(to.data(), to.rows(), to.cols()),
                         batch.targets);
                   }));
  evaluation.metrics["rmse"] = metrics.rmse();
  evaluation.metrics["mae"] = metrics.mae();
  evaluation.metrics["r2"] = metrics.r2();
  return evaluation;
}

}  // namespace attune
