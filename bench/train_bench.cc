// How many examples a second one thread trains on, beside the most that the
// processor could do. README.md says how it is measured.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/fma_peak.h"
#include "bench/result.h"
#include "core/check.h"
#include "core/clock.h"
#include "core/random.h"
#include "worker/network_runner.h"

namespace attune {
namespace {

constexpr int64_t kPixels = 28 * 28;
constexpr int64_t kClasses = 10;
constexpr double kGoal = 100'000.0;  // examples a second, of the first row

struct Options {
  int rounds = 5;
  int64_t examples = 20'000;
  std::string data_dir;
};

struct Case {
  std::vector<int64_t> hidden;
  int64_t batch = 1;
  std::string optimizer;
  std::unique_ptr<TrialRun> run;
  std::vector<double> samples_per_second;
};

std::vector<Case> MakeCases() {
  std::vector<Case> cases;
  for (const auto& [hidden, batch] :
       std::vector<std::pair<std::vector<int64_t>, int64_t>>{
           {{128}, 32},
           {{256, 128}, 64},
           {{256, 128}, 256},
           {{512, 512}, 128}}) {
    for (const char* optimizer : {"sgd", "adam"}) {
      cases.push_back(
          {.hidden = hidden, .batch = batch, .optimizer = optimizer});
    }
  }
  return cases;
}

std::string Shape(const Case& one) {
  return absl::StrCat(kPixels, "-", absl::StrJoin(one.hidden, "-"), "-",
                      kClasses);
}

// Additions and multiplications in all products with a weight, an example. The
// first layer's inputs need no gradient.
double Operations(const Case& one) {
  double operations = 0.0;
  int64_t inputs = kPixels;
  for (size_t i = 0; i <= one.hidden.size(); ++i) {
    const int64_t outputs = i < one.hidden.size() ? one.hidden[i] : kClasses;
    operations += static_cast<double>((i == 0 ? 2 : 3) * 2 * inputs * outputs);
    inputs = outputs;
  }
  return operations;
}

Assignment MakeAssignment(const Case& one, const Options& options) {
  Assignment assignment;
  assignment.study = "train_bench";
  assignment.task = NetworkTask{
      .settings = {{"dataset", std::string("fashion-mnist")},
                   {"train_examples", options.examples},
                   // All that is not trained on costs time too: next to none.
                   {"validation_fraction", 0.001},
                   {"hidden_layers", absl::StrJoin(one.hidden, ",")},
                   {"batch_size", one.batch},
                   {"optimizer", one.optimizer},
                   {"learning_rate", one.optimizer == "sgd" ? 0.05 : 1e-3},
                   {"epochs", int64_t{options.rounds + 1}}}};
  assignment.seed = 1;
  return assignment;
}

// One epoch; its examples by its CPU time.
double TrainEpoch(const Options& options, TrialRun& run) {
  const double start = ThreadCpuSeconds();
  const auto news = run.Advance({});
  const double seconds = ThreadCpuSeconds() - start;
  ATTUNE_CHECK(news.ok() && std::holds_alternative<Measurement>(*news));
  return static_cast<double>(options.examples) / seconds;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Of what `peak` allows.
double Share(const Case& one, double peak) {
  return Median(one.samples_per_second) * Operations(one) / peak;
}

// Noise of the shape of Fashion-MNIST, half of it black as there.
void WriteSyntheticData(const std::filesystem::path& folder, int64_t examples) {
  const auto header = [examples](char dimensions) {
    std::string bytes = {0, 0, 8, dimensions};
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>((examples >> shift) & 0xff));
    }
    return bytes;
  };
  std::filesystem::create_directories(folder);
  std::ofstream images(folder / "train-images-idx3-ubyte", std::ios::binary);
  std::ofstream labels(folder / "train-labels-idx1-ubyte", std::ios::binary);
  images << header(3) << std::string({0, 0, 0, 28, 0, 0, 0, 28});
  labels << header(1);
  Rng rng(1);
  for (int64_t i = 0; i < examples; ++i) {
    labels.put(static_cast<char>(rng.Below(kClasses)));
    for (int64_t pixel = 0; pixel < kPixels; ++pixel) {
      const uint64_t bits = rng.Bits();
      images.put((bits & 1) != 0 ? static_cast<char>(bits >> 56) : '\0');
    }
  }
  ATTUNE_CHECK(images.flush().good() && labels.flush().good());
}

void Start(const Options& options, TrialRunner& runner,
           std::vector<Case>& cases) {
  for (Case& one : cases) {
    auto run = runner.Start(MakeAssignment(one, options));
    if (!run.ok()) {
      std::fprintf(stderr, "train_bench: %s\n",
                   std::string(run.status().message()).c_str());
      std::exit(1);
    }
    one.run = *std::move(run);
  }
}

void Print(const Options& options, bool real, const std::vector<Case>& cases) {
  const std::optional<double> peak = MeasureFmaPeak(EngineName());
  std::printf("engine %s, %s, %d examples an epoch, one thread, CPU time\n",
              EngineName(),
              real ? "Fashion-MNIST" : "synthetic data of the same shape",
              static_cast<int>(options.examples));
  if (peak.has_value()) {
    std::printf("the peak is %s GFLOP/s of multiplying and adding alone\n",
                FormatFigure(*peak / 1e9).c_str());
  }
  Table table({"network", "batch", "optimizer", "examples/s", "of the peak"});
  for (const Case& one : cases) {
    table.Add({Shape(one), absl::StrCat(one.batch), one.optimizer,
               FormatFigure(Median(one.samples_per_second)),
               peak.has_value() ? FormatFigure(Share(one, *peak)) : "?"});
  }
  std::printf("%s", table.ToString().c_str());
  std::optional<double> ratio;
  if (peak.has_value()) ratio = Share(cases[0], *peak);
  std::printf("%s\n",
              ToString(Result{.name = "train_784_128_10_b32_sgd",
                              .value = Median(cases[0].samples_per_second),
                              .unit = "samples/s",
                              .ratio = ratio,
                              .goal_value = kGoal})
                  .c_str());
}

int Run(const Options& options) {
  const SystemClock clock;
  std::unique_ptr<TrialRunner> runner =
      NewNetworkRunner({.data_dir = options.data_dir}, &clock);
  std::vector<Case> cases = MakeCases();
  const bool real = runner->Start(MakeAssignment(cases[0], options)).ok();
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("train_bench-", absl::ToUnixNanos(clock.Now()));
  if (!real) {
    WriteSyntheticData(folder, options.examples + 1000);
    runner = NewNetworkRunner({.data_dir = folder.string()}, &clock);
  }
  Start(options, *runner, cases);
  if (!real) std::filesystem::remove_all(folder);

  for (Case& one : cases) TrainEpoch(options, *one.run);  // to warm up
  for (int round = 0; round < options.rounds; ++round) {
    for (Case& one : cases) {
      one.samples_per_second.push_back(TrainEpoch(options, *one.run));
    }
  }
  Print(options, real, cases);
  return 0;
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) {
  attune::Options options;
  CLI::App app("How many examples a second one thread trains on.");
  app.add_option("--rounds", options.rounds,
                 "epochs of each; the median counts")
      ->check(CLI::Range(1, 1000));
  app.add_option("--examples", options.examples, "in an epoch")
      ->check(CLI::Range(1000, 59'000));
  app.add_option("--data-dir", options.data_dir, "where Fashion-MNIST is");
  CLI11_PARSE(app, argc, argv);
  return attune::Run(options);
}
