#include "bench/slot_scaling.h"

#include <array>
#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "bench/cpu.h"
#include "bench/result.h"

namespace attune {
namespace {

constexpr double kGoal = 1.9;

// Examples a second of all trials together: each by the time of its own
// thread, so that what else the machine does costs none.
double Rate(std::array<EngineTraining*, 2> runs, int slots,
            const std::vector<int>& cpus, int64_t examples) {
  std::array<double, 2> seconds = {};
  std::vector<std::jthread> threads;
  for (int slot = 0; slot < slots; ++slot) {
    threads.emplace_back([&, slot] {
      PinThread(cpus[slot]);
      seconds[slot] = CpuSecondsOf(*runs[slot]);
    });
  }
  threads.clear();  // awaits them
  double rate = 0.0;
  for (int slot = 0; slot < slots; ++slot) {
    rate += static_cast<double>(examples) / seconds[slot];
  }
  return rate;
}

}  // namespace

int MeasureSlotScaling(TrialRunner& runner, const std::vector<int>& cpus,
                       const EngineTrainingOptions& options) {
  if (cpus.size() < 2) {
    std::fprintf(stderr, "train_bench: --slots needs two cores, found one\n");
    return 1;
  }
  Table table({"trials", "one", "two at once", "ratio"});
  std::vector<Result> results;
  for (const TrainingCase& one : {TrainingCase{{128}, 32, "adam"},
                                  TrainingCase{{512, 512}, 128, "sgd"}}) {
    EngineTrainingOptions each = options;
    each.rounds = 2 * options.rounds + 1;
    EngineTraining first(runner, one, each);
    EngineTraining second(runner, one, each);
    first.Run();  // to warm up
    second.Run();
    std::vector<double> alone;
    std::vector<double> together;
    for (int round = 0; round < options.rounds; ++round) {
      alone.push_back(Rate({&first, &second}, 1, cpus, options.examples));
      together.push_back(Rate({&first, &second}, 2, cpus, options.examples));
    }
    const double ratio = Median(together) / Median(alone);
    const std::string shape = absl::StrJoin(one.hidden, "_");
    table.Add({absl::StrCat("784-", absl::StrJoin(one.hidden, "-"), "-10 b",
                            one.batch, " ", one.optimizer),
               FormatFigure(Median(alone)), FormatFigure(Median(together)),
               absl::StrFormat("%.2f", ratio)});
    results.push_back({.name = absl::StrCat("two_slots_784_", shape, "_10"),
                       .value = Median(together),
                       .unit = "samples/s",
                       .ratio = ratio,
                       .goal_ratio = kGoal});
  }
  std::printf("%s", table.ToString().c_str());
  for (const Result& result : results) {
    std::printf("%s\n", ToString(result).c_str());
  }
  return 0;
}

}  // namespace attune
