// How fast one thread trains, beside libtorch and beside the most that the
// processor could do. README.md says how it is measured.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "bench/cpu.h"
#include "bench/engine_training.h"
#include "bench/fma_peak.h"
#include "bench/module.h"
#include "bench/optimizer_steps.h"
#include "bench/result.h"
#include "bench/slot_scaling.h"
#include "bench/torch_peer.h"
#include "bench/training_images.h"
#include "core/clock.h"
#include "worker/engine_choice.h"
#include "worker/network_runner.h"

namespace attune {
namespace {

constexpr int64_t kStepParams = 1'000'000;
constexpr int64_t kSteps = 50;  // of a round

struct Options {
  int rounds = 5;
  int64_t examples = 20'000;
  std::string data_dir;
  std::string only;
  bool slots = false;
  bool bf16 = false;
};

// One comparison, what it does and what it has measured.
struct Row {
  std::string name;         // `784-128-10 b32 sgd`
  double amount = 0.0;      // examples or parameters, of a round
  std::string unit;         // of `amount` by time
  double operations = 0.0;  // with a weight, for each of `amount`
  double goal_ratio = 0.0;
  std::unique_ptr<Work> ours;
  std::unique_ptr<Work> peer;
  std::vector<double> our_rates;  // of each round
  std::vector<double> ratios;
};

struct Goal {
  TrainingCase one;
  double ratio = 0.0;
};

std::vector<Goal> TrainingGoals() {
  return {{{{128}, 32, "sgd"}, 2.1},       {{{128}, 32, "adam"}, 2.3},
          {{{256, 128}, 64, "sgd"}, 1.5},  {{{256, 128}, 64, "adam"}, 1.65},
          {{{256, 128}, 256, "sgd"}, 1.2}, {{{256, 128}, 256, "adam"}, 1.4},
          {{{512, 512}, 128, "sgd"}, 1.3}, {{{512, 512}, 128, "adam"}, 1.4},
          {{{}, 64, "sgd"}, 3.5},          {{{}, 64, "adam"}, 3.5}};
}

std::vector<std::pair<std::string, double>> StepGoals() {
  return {{"sgd", 1.1}, {"momentum", 1.6}, {"rmsprop", 2.0}, {"adam", 3.5}};
}

// Additions and multiplications in all products with a weight, an example. The
// first layer's inputs need no gradient.
double Operations(const TrainingCase& one) {
  if (one.hidden.empty()) {
    constexpr double kFirst = 25.0 * 6 * 24 * 24;
    constexpr double kOthers =
        150.0 * 16 * 8 * 8 + 256 * 120 + 120 * 84 + 84 * kClasses;
    return 2 * 2 * kFirst + 3 * 2 * kOthers;
  }
  double operations = 0.0;
  int64_t inputs = kPixels;
  for (size_t i = 0; i <= one.hidden.size(); ++i) {
    const int64_t outputs = i < one.hidden.size() ? one.hidden[i] : kClasses;
    operations += static_cast<double>((i == 0 ? 2 : 3) * 2 * inputs * outputs);
    inputs = outputs;
  }
  return operations;
}

std::string Shape(const TrainingCase& one) {
  if (one.hidden.empty()) return "LeNet";
  return absl::StrCat(kPixels, "-", absl::StrJoin(one.hidden, "-"), "-",
                      kClasses);
}

// Where both sides find the images.
struct Data {
  bool real = true;
  std::unique_ptr<TrialRunner> runner;
  TrainingImages images;
};

Data OpenData(const Options& options, const Clock* clock) {
  Data data;
  for (const std::filesystem::path folder :
       {options.data_dir, options.data_dir + "/fashion-mnist",
        std::string("/usr/share/datasets/fashion-mnist")}) {
    auto images = ReadTrainingImages(folder, options.examples);
    if (!images.has_value()) continue;
    data.images = *std::move(images);
    data.runner = NewNetworkRunner({.data_dir = folder}, clock);
    return data;
  }
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("train_bench-", absl::ToUnixNanos(clock->Now()));
  WriteSyntheticImages(folder, options.examples + 1000);
  data.real = false;
  data.images = ReadTrainingImages(folder, options.examples).value();
  data.runner = NewNetworkRunner({.data_dir = folder}, clock);
  // It reads a dataset once, and keeps it.
  EngineTraining(*data.runner, {.optimizer = "sgd"}, {.examples = 1});
  std::filesystem::remove_all(folder);
  return data;
}

// Null, with a line that says why, if it is not there.
std::unique_ptr<TorchPeer> OpenTorchPeer() {
  std::string why_not;
  void* const function =
      FindInModule("torch_peer", "attune_new_torch_peer", &why_not);
  if (function == nullptr) {
    std::printf("no peer: %s\n", why_not.c_str());
    return nullptr;
  }
  return std::unique_ptr<TorchPeer>(
      reinterpret_cast<decltype(&attune_new_torch_peer)>(function)());
}

Row TrainingRow(const Options& options, const Goal& goal, const Data& data,
                TorchPeer* peer) {
  const TrainingCase& one = goal.one;
  Row row{.name = absl::StrCat(Shape(one), " b", one.batch, " ", one.optimizer),
          .amount = static_cast<double>(options.examples),
          .unit = "samples/s",
          .operations = Operations(one),
          .goal_ratio = goal.ratio};
  row.ours = std::make_unique<EngineTraining>(
      *data.runner, one,
      EngineTrainingOptions{.examples = options.examples,
                            .rounds = options.rounds + 1});
  if (peer != nullptr) row.peer = peer->Train(one, data.images);
  return row;
}

// Ends the program if the module is not there: it is built with this.
Row StepRow(const std::string& optimizer, double goal, TorchPeer* peer) {
  std::string why_not;
  void* const function =
      FindInModule(absl::StrCat("optimizer_steps_", EngineName()),
                   "attune_new_optimizer_steps", &why_not);
  if (function == nullptr) {
    std::fprintf(stderr, "train_bench: %s\n", why_not.c_str());
    std::exit(1);
  }
  Row row{.name = absl::StrCat("step of 1M parameters ", optimizer),
          .amount = static_cast<double>(kSteps * kStepParams),
          .unit = "parameters/s",
          .goal_ratio = goal};
  row.ours.reset(reinterpret_cast<decltype(&attune_new_optimizer_steps)>(
      function)(optimizer.c_str(), kStepParams, kSteps));
  if (peer != nullptr) row.peer = peer->Step(optimizer, kStepParams, kSteps);
  return row;
}

void RunRound(Row& row) {
  const double ours = CpuSecondsOf(*row.ours);
  row.our_rates.push_back(row.amount / ours);
  if (row.peer == nullptr) return;
  row.ratios.push_back(CpuSecondsOf(*row.peer) / ours);
}

std::string Spread(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return absl::StrFormat("%.2f-%.2f", *least, *most);
}

void Print(const std::vector<Row>& rows, std::optional<double> peak) {
  Table table(
      {"one thread", "by second", "ratio", "spread", "goal", "of the peak"});
  for (const Row& row : rows) {
    const double rate = Median(row.our_rates);
    const bool compared = !row.ratios.empty();
    const bool products = peak.has_value() && row.operations > 0.0;
    table.Add({row.name, FormatFigure(rate),
               compared ? absl::StrFormat("%.2f", Median(row.ratios)) : "-",
               compared ? Spread(row.ratios) : "-",
               absl::StrFormat("%.2f", row.goal_ratio),
               products ? absl::StrFormat("%.2f", rate * row.operations / *peak)
                        : "-"});
  }
  std::printf("%s", table.ToString().c_str());
  for (const Row& row : rows) {
    Result result{
        .name = absl::StrReplaceAll(row.name, {{" ", "_"}, {"-", "_"}}),
        .value = Median(row.our_rates),
        .unit = row.unit,
        .goal_ratio = row.goal_ratio};
    if (!row.ratios.empty()) result.ratio = Median(row.ratios);
    std::printf("%s\n", ToString(result).c_str());
  }
}

void Measure(const Options& options, std::vector<Row> rows) {
  std::erase_if(rows, [&](const Row& row) {
    return row.name.find(options.only) == std::string::npos;
  });
  for (Row& row : rows) {  // to warm up
    row.ours->Run();
    if (row.peer != nullptr) row.peer->Run();
  }
  std::optional<double> peak;
  for (int round = 0; round < options.rounds; ++round) {
    peak = std::max(peak, MeasureFmaPeak(EngineName()));
    for (Row& row : rows) RunRound(row);
  }
  if (peak.has_value()) {
    std::printf("the peak is %s GFLOP/s of multiplying and adding alone\n",
                FormatFigure(*peak / 1e9).c_str());
  }
  Print(rows, peak);
}

void Compare(const Options& options, const Data& data) {
  std::unique_ptr<TorchPeer> peer = OpenTorchPeer();
  if (peer != nullptr) std::printf("peer %s\n", peer->Description().c_str());
  std::vector<Row> rows;
  for (const Goal& goal : TrainingGoals()) {
    rows.push_back(TrainingRow(options, goal, data, peer.get()));
  }
  for (const auto& [optimizer, goal] : StepGoals()) {
    rows.push_back(StepRow(optimizer, goal, peer.get()));
  }
  Measure(options, std::move(rows));
}

// The widest network beside itself in float.
void CompareBf16(const Options& options, const Data& data) {
  std::vector<Row> rows;
  for (const char* const optimizer : {"sgd", "adam"}) {
    const Goal goal = {{{512, 512}, 128, optimizer}, 1.5};
    Row row = TrainingRow(options, goal, data, /*peer=*/nullptr);
    row.name += " bf16";
    row.operations = 0.0;  // the peak is one of floats
    row.peer = std::exchange(
        row.ours, std::make_unique<EngineTraining>(
                      *data.runner, goal.one,
                      EngineTrainingOptions{.examples = options.examples,
                                            .rounds = options.rounds + 1,
                                            .precision = "bf16"}));
    rows.push_back(std::move(row));
  }
  Measure(options, std::move(rows));
}

int Run(const Options& options) {
  const SystemClock clock;
  const std::vector<int> cpus = AllowedCpus();
  PinThread(cpus.back());
  const Data data = OpenData(options, &clock);
  std::printf("engine %s, %s, %d examples an epoch, CPU time, on core %d\n",
              EngineName(),
              data.real ? "Fashion-MNIST" : "synthetic data of the same shape",
              static_cast<int>(options.examples), cpus.back());
  if (options.slots) {
    return MeasureSlotScaling(
        *data.runner, cpus,
        {.examples = options.examples, .rounds = options.rounds});
  }
  options.bf16 ? CompareBf16(options, data) : Compare(options, data);
  return 0;
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) {
  attune::Options options;
  CLI::App app("How fast one thread trains, beside libtorch.");
  app.add_option("--rounds", options.rounds, "of each; the median counts")
      ->check(CLI::Range(1, 1000));
  app.add_option("--examples", options.examples, "in an epoch")
      ->check(CLI::Range(1000, 59'000));
  app.add_option("--data-dir", options.data_dir, "where Fashion-MNIST is");
  app.add_option("--only", options.only, "rows whose name has this text");
  app.add_flag("--slots", options.slots,
               "instead, how much two trials on two cores train");
  app.add_flag("--bf16", options.bf16,
               "instead, how much quicker precision bf16 is than float");
  CLI11_PARSE(app, argc, argv);
  const absl::Status engine =
      attune::UseChosenEngine(attune::EngineName(), argv);
  if (!engine.ok()) {
    std::fprintf(stderr, "train_bench: %s\n",
                 std::string(engine.message()).c_str());
    return 2;
  }
  return attune::Run(options);
}
