#include "worker/network_runner.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "core/network_metrics.h"
#include "core/network_settings.h"
#include "core/status_macros.h"
#include "worker/artifacts/settings_json.h"
#include "worker/data/dataset_cache.h"
#include "worker/data/dataset_source.h"
#include "worker/training/cross_validation.h"
#include "worker/training/data_description.h"
#include "worker/training/keeper.h"
#include "worker/training/onnx_export.h"
#include "worker/training/prediction.h"
#include "worker/training/training_data.h"
#include "worker/training/training_run.h"

namespace attune {
namespace {

class NetworkRunner : public TrialRunner {
 public:
  NetworkRunner(std::vector<std::string> folders, KeeperOptions keeping,
                const Clock* clock)
      : clock_(clock),
        keeping_(std::move(keeping)),
        datasets_(std::move(folders)) {}

  absl::StatusOr<std::unique_ptr<TrialRun>> Start(
      const Assignment& assignment) override {
    const auto* task = std::get_if<NetworkTask>(&assignment.task);
    if (task == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("running a trial of study ", assignment.study,
                       " as a network: its task is not to train one"));
    }
    ATTUNE_ASSIGN_OR_RETURN(
        NetworkConfig config,
        ResolveNetworkConfig(task->settings, assignment.parameters));
    if (config.task == "auto") {
      config.task = TaskByObjectives(assignment.objectives);
    }
    if (config.folds == 0 || config.fold.has_value()) {
      return StartOne(assignment, config, keeping_);
    }
    if (config.report_every_steps > 0) {
      return absl::InvalidArgumentError(
          "found `report_every_steps` in a trial that trains on each of its "
          "`folds`, which report together after each epoch, expected it only "
          "beside `fold`");
    }
    // Of several networks none is the trial's, so nothing is kept.
    std::vector<std::unique_ptr<TrialRun>> folds;
    for (int64_t fold = 0; fold < config.folds; ++fold) {
      NetworkConfig of_fold = config;
      of_fold.fold = fold;
      ATTUNE_ASSIGN_OR_RETURN(folds.emplace_back(),
                              StartOne(assignment, of_fold, {}));
    }
    return std::make_unique<CrossValidation>(std::move(folds));
  }

  void Discard(const Assignment& assignment) override {
    Keeper(assignment, keeping_, clock_).Discard();
  }

 private:
  absl::StatusOr<std::unique_ptr<TrialRun>> StartOne(
      const Assignment& assignment, const NetworkConfig& config,
      const KeeperOptions& keeping) {
    ATTUNE_ASSIGN_OR_RETURN(
        TrainingData data,
        LoadTrainingData(config, assignment.study_seed, datasets_));
    return TrainingRun::Create(assignment, config, std::move(data), keeping,
                               clock_);
  }

  const Clock* const clock_;
  const KeeperOptions keeping_;
  nn::DatasetCache datasets_;
};

// Where datasets are looked for.
std::vector<std::string> DataFolders(const std::string& data_dir) {
  std::vector<std::string> folders;
  if (!data_dir.empty()) folders.push_back(data_dir);
  const char* const from_environment = std::getenv("ATTUNE_DATA_DIR");
  if (from_environment != nullptr && *from_environment != '\0') {
    folders.emplace_back(from_environment);
  }
  folders.emplace_back(nn::kSystemDatasets);
  return folders;
}

}  // namespace

std::unique_ptr<TrialRunner> NewNetworkRunner(
    const NetworkRunnerOptions& options, const Clock* clock) {
  return std::make_unique<NetworkRunner>(
      DataFolders(options.data_dir),
      KeeperOptions{.artifact_dir = options.artifact_dir,
                    .checkpoint_interval = options.checkpoint_interval,
                    .warn = options.warn},
      clock);
}

absl::StatusOr<std::string> PredictFile(const PredictOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const Model model, ReadModel(options.model_path));
  ATTUNE_ASSIGN_OR_RETURN(const nn::Dataset examples,
                          ReadExamples(model, options.input_path));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Prediction> predictions,
                          Predict(model, examples));
  const absl::string_view columns = model.shape.is_regression()
                                        ? R"(["row","prediction"])"
                                        : R"(["row","class","confidence"])";
  std::vector<std::string> rows;
  for (const Prediction& prediction : predictions) {
    const Parameters says =
        prediction.targets.empty()
            ? Parameters{{"class", prediction.label},
                         {"confidence", prediction.confidence}}
            : Parameters{{"prediction", prediction.targets[0]}};
    // The number first, as a person reads it.
    rows.push_back(absl::StrCat("{\"row\":", rows.size() + 1, ",",
                                SettingsToJson(says).substr(1)));
  }
  return absl::StrCat("{\"columns\":", columns, ",\n\"rows\":[\n",
                      absl::StrJoin(rows, ",\n"), "\n]}\n");
}

absl::StatusOr<OnnxGraph> ExportModel(const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(const Model model, ReadModel(path));
  return ToOnnx(model);
}

absl::StatusOr<std::string> DescribeDataset(const DescribeOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const Parameters settings,
                          SettingsFromJson(options.settings));
  nn::DatasetCache datasets(DataFolders(options.data_dir));
  return DescribeData(settings, datasets);
}

const char* EngineName() {
#if defined(__AVX512F__)
  return "x86-64-v4";
#elif defined(__AVX2__) && defined(__FMA__)
  return "x86-64-v3";
#elif defined(__x86_64__)
  return "x86-64";
#else
  return "generic";
#endif
}

}  // namespace attune
