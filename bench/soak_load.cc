// Lets all kinds of clients call attuned as fast as it answers, for long, and
// looks whether what it uses stays as it is. README.md says more.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/process_figures.h"
#include "bench/result.h"
#include "bench/soak_clients.h"
#include "core/status_macros.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

// Of memory for each trial of a study that goes on, as scale_bench allows.
constexpr int64_t kTrialBytes = 1024;

// What the last third may be of the first one, at the most or at the least.
constexpr double kMoreMemory = 1.1;
constexpr double kMoreDescriptors = 1.1;
constexpr double kMoreWal = 1.5;
constexpr double kFewerCalls = 0.9;

// What was seen at the end of an interval, or over it.
struct Sample {
  double memory = 0.0;  // bytes, without those of trials
  double descriptors = 0.0;
  double wal = 0.0;    // bytes
  double calls = 0.0;  // a second
};

double Mean(const std::vector<Sample>& samples, double Sample::*figure,
            size_t begin, size_t end) {
  double sum = 0.0;
  for (size_t i = begin; i < end; ++i) sum += samples[i].*figure;
  return sum / static_cast<double>(end - begin);
}

// Compares the last third with the first.
Result Flatness(const std::string& name, const std::string& unit,
                const std::vector<Sample>& samples, double Sample::*figure,
                double goal, bool is_limit) {
  const size_t third = samples.size() / 3;
  const double first = Mean(samples, figure, 0, third);
  const double last =
      Mean(samples, figure, samples.size() - third, samples.size());
  return {.name = absl::StrCat("soak_", name),
          .value = last,
          .unit = unit,
          .ratio = last / first,
          .goal_ratio = goal,
          .is_limit = is_limit};
}

double FileBytes(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0.0 : static_cast<double>(size);
}

std::string Mib(double bytes) {
  return absl::StrFormat("%.1f", bytes / (1 << 20));
}

// One line for people, as soon as it is known.
Sample TakeSample(const ProcessFigures& figures, const SoakClients& clients,
                  const std::string& database, absl::Duration so_far,
                  double calls) {
  const int64_t trials = clients.live_trials();
  const Sample sample = {
      .memory =
          static_cast<double>(figures.resident_bytes - trials * kTrialBytes),
      .descriptors = static_cast<double>(figures.descriptors),
      .wal = FileBytes(database + "-wal"),
      .calls = calls};
  std::printf("%7.0f  %8s  %8d  %11s  %11d  %7s  %8s  %7.0f\n",
              absl::ToDoubleSeconds(so_far),
              Mib(static_cast<double>(figures.resident_bytes)).c_str(),
              static_cast<int>(trials), Mib(sample.memory).c_str(),
              static_cast<int>(figures.descriptors), Mib(sample.wal).c_str(),
              Mib(FileBytes(database)).c_str(), calls);
  std::fflush(stdout);
  return sample;
}

absl::StatusOr<std::vector<Sample>> Watch(const Service& service,
                                          const std::string& database,
                                          const SoakOptions& options) {
  std::printf(
      "seconds   RSS MiB    trials  without MiB  descriptors  WAL MiB    DB "
      "MiB  calls/s\n");
  SoakClients clients(service.address, options);
  const absl::Duration every = absl::Seconds(options.every_seconds);
  const absl::Time begin = absl::Now();
  const absl::Time end = begin + absl::Seconds(options.seconds);
  std::vector<Sample> samples;
  int64_t calls = 0;
  for (absl::Time now = begin; now < end && !clients.failed();) {
    absl::SleepFor(std::min(every, end - now));
    const absl::Duration passed = absl::Now() - now;
    now += passed;
    const int64_t new_calls = clients.calls() - calls;
    calls += new_calls;
    samples.push_back(TakeSample(
        ReadProcess(service.process->pid()), clients, database, now - begin,
        static_cast<double>(new_calls) / absl::ToDoubleSeconds(passed)));
  }
  ATTUNE_RETURN_IF_ERROR(clients.Stop());
  return samples;
}

// Whether all stayed as it was.
absl::StatusOr<bool> RunSoak(const SoakOptions& options) {
  const Folder folder(options.directory);
  const std::string database = folder.path() / "soak.db";
  const Service service = StartService(database);
  if (service.address.empty()) {
    return absl::InternalError(
        absl::StrCat("start attuned: it ended with\n", service.process->Log()));
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Sample> samples,
                          Watch(service, database, options));
  if (samples.size() < 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("compare the last third with the first: found ",
                     samples.size(), " intervals, expected at least 3"));
  }
  bool flat = true;
  for (const Result& result :
       {Flatness("memory", "B", samples, &Sample::memory, kMoreMemory, true),
        Flatness("descriptors", "1", samples, &Sample::descriptors,
                 kMoreDescriptors, true),
        Flatness("wal", "B", samples, &Sample::wal, kMoreWal, true),
        Flatness("calls", "1/s", samples, &Sample::calls, kFewerCalls,
                 false)}) {
    std::printf("%s\n", ToString(result).c_str());
    flat = flat && result.reached();
  }
  return flat;
}

int Main(int argc, char** argv) {
  SoakOptions options;
  CLI::App app("All kinds of clients of attuned, for long");
  app.add_option("--seconds", options.seconds, "in all")
      ->check(CLI::Range(1.0, 1e6));
  app.add_option("--every", options.every_seconds,
                 "seconds between two lines of figures")
      ->check(CLI::Range(1.0, 1e5));
  app.add_option("--teams", options.teams, "that run a study each")
      ->check(CLI::Range(1, 100));
  app.add_option("--trials", options.trials,
                 "of a study, until its team goes on with another")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--dir", options.directory,
                 "where the database stands; beside this program if not given")
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<bool> flat = RunSoak(options);
  if (!flat.ok()) {
    std::fprintf(stderr, "soak_load: %s\n",
                 std::string(flat.status().message()).c_str());
  }
  return flat.ok() && *flat ? 0 : 1;
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) {
  try {
    return attune::Main(argc, argv);
  } catch (const std::exception& error) {  // of CLI11 or the standard library
    std::fprintf(stderr, "soak_load: %s\n", error.what());
    return 1;
  }
}
