#include "bench/engine_training.h"

#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/str_join.h"
#include "core/check.h"

namespace attune {

EngineTraining::EngineTraining(TrialRunner& runner, const TrainingCase& one,
                               const EngineTrainingOptions& options) {
  Assignment assignment;
  assignment.study = "train_bench";
  NetworkTask task = {
      .settings = {{"dataset", std::string("fashion-mnist")},
                   {"train_examples", options.examples},
                   // All that is not trained on costs time too: next to none.
                   {"validation_fraction", 0.001},
                   {"batch_size", one.batch},
                   {"optimizer", one.optimizer},
                   {"learning_rate", one.optimizer == "sgd" ? 0.05 : 1e-3},
                   // One more than are run: after the last one the test
                   // examples are looked at.
                   {"epochs", int64_t{options.rounds} + 1}}};
  if (one.hidden.empty()) {
    task.settings.Set("network", std::string("lenet"));
  } else {
    task.settings.Set("hidden_layers", absl::StrJoin(one.hidden, ","));
    task.settings.Set("precision", options.precision);
  }
  assignment.task = task;
  assignment.seed = options.seed;
  auto run = runner.Start(assignment);
  if (!run.ok()) {
    std::fprintf(stderr, "train_bench: %s\n",
                 std::string(run.status().message()).c_str());
    std::exit(1);
  }
  run_ = *std::move(run);
}

void EngineTraining::Run() {
  const auto news = run_->Advance({});
  ATTUNE_CHECK(news.ok() && std::holds_alternative<Measurement>(*news));
}

}  // namespace attune
