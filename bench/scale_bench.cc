// What a study of a million trials costs, beside one of a thousand in the same
// run. README.md says how it is measured.
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/load.h"
#include "bench/result.h"
#include "bench/slot.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"
#include "storage/sqlite_storage.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

constexpr double kSlowdownGoal = 1.2;  // of the small study's p99
constexpr double kBytesGoal = 1024.0;  // of memory for each trial
constexpr double kRestartGoal = 10.0;  // seconds
constexpr double kBestGoal = 1.0;      // ms, of 10,000 trials
constexpr double kListGoal = 50.0;     // ms, 10,000 trials
constexpr int64_t kListedTrials = 10'000;
constexpr int64_t kOpenStudies = 1000;
constexpr absl::Duration kWarmup = absl::Milliseconds(500);

struct Options {
  int64_t large = 1'000'000;
  int64_t small = 1000;
  int clients = 8;
  double seconds = 3.0;
  int rounds = 5;
  std::string directory;
};

Trial CompletedTrial(StudyId study, int64_t number) {
  const absl::Time begin = absl::FromUnixSeconds(1'700'000'000 + number);
  const absl::Time end = begin + absl::Seconds(60);
  return {.id = {.study = study, .number = number},
          .revision = 1,
          .change = number,
          .parameters = BenchPoint(number),
          .state = Completed{.attempt = 1,
                             .objectives = {1.0 +
                                            1.0 / static_cast<double>(number)}},
          .attempts = {{.number = 1,
                        .worker = {"host:4242.18c3f6a7e21/1"},
                        .start_time = begin,
                        .end_time = end,
                        .outcome = "COMPLETED"}},
          .create_time = begin,
          .start_time = begin,
          .end_time = end};
}

absl::Status AddTrials(StudyId study, int64_t count, Storage& storage) {
  constexpr int64_t kBatch = 10'000;
  for (int64_t first = 1; first <= count; first += kBatch) {
    WriteBatch batch;
    const int64_t last = std::min(count, first + kBatch - 1);
    for (int64_t number = first; number <= last; ++number) {
      batch.trials.push_back(CompletedTrial(study, number));
      batch.measurements.push_back(
          {.trial = {.study = study, .number = number},
           .measurements = {{.step = 1, .metrics = {{"loss", 1.0}}}},
           .change = number});
    }
    ATTUNE_RETURN_IF_ERROR(storage.Commit(batch));
  }
  return absl::OkStatus();
}

// A database with so many studies, `bench-1` and so on, each of so many
// completed trials.
absl::Status Fill(const std::string& path, int64_t studies, int64_t trials) {
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<SqliteStorage> storage,
                          SqliteStorage::Open(path));
  for (int64_t n = 1; n <= studies; ++n) {
    ATTUNE_ASSIGN_OR_RETURN(const StudyId id, storage->NextStudyId());
    Study study;
    study.id = id;
    study.revision = 1;
    study.spec = BenchStudy(absl::StrCat("bench-", n));
    study.create_time = absl::FromUnixSeconds(1'700'000'000);
    ATTUNE_RETURN_IF_ERROR(storage->Commit({.studies = {std::move(study)}}));
    ATTUNE_RETURN_IF_ERROR(AddTrials(id, trials, *storage));
  }
  return absl::OkStatus();
}

// A coordinator of a filled database.
struct Filled {
  Service service;
  absl::Duration start;  // until it took calls
  int64_t bytes = 0;     // of memory that it holds
};

int64_t ResidentBytes(pid_t process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/status"));
  std::string line;
  while (std::getline(file, line)) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "VmRSS:")) continue;
    absl::ConsumeSuffix(&rest, "kB");
    int64_t kib = 0;
    if (absl::SimpleAtoi(rest, &kib)) return kib * 1024;
  }
  return 0;
}

absl::StatusOr<Filled> StartFilled(const std::string& path) {
  Filled filled;
  const absl::Time begin = absl::Now();
  filled.service = StartService(path);
  if (filled.service.address.empty()) {
    return absl::InternalError(absl::StrCat("start attuned: it ended with\n",
                                            filled.service.process->Log()));
  }
  filled.start = absl::Now() - begin;
  filled.bytes = ResidentBytes(filled.service.process->pid());
  return filled;
}

using Slots = std::vector<std::unique_ptr<Slot>>;

// Each of its own study, as far as there are so many.
Slots MakeSlots(const Filled& filled, int64_t studies, int count) {
  Slots slots;
  slots.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    slots.push_back(std::make_unique<Slot>(
        filled.service.address, absl::StrCat("bench:", getpid(), "/", i),
        StudyName(absl::StrCat("bench-", 1 + i % studies))));
  }
  return slots;
}

absl::StatusOr<LoadFigures> Measure(const Filled& filled, const Slots& slots,
                                    absl::Status (Slot::*work)(),
                                    const Options& options) {
  std::vector<Client> clients;
  clients.reserve(slots.size());
  for (const auto& slot : slots) {
    clients.push_back([&slot, work] { return (slot.get()->*work)(); });
  }
  absl::StatusOr<LoadFigures> figures =
      RunLoad(clients, filled.service.process->pid(), kWarmup,
              absl::Seconds(options.seconds));
  for (const auto& slot : slots) ATTUNE_RETURN_IF_ERROR(slot->Finish());
  return figures;
}

struct Latencies {
  std::vector<absl::Duration> report_p99;
  std::vector<absl::Duration> cycle_p99;
};

absl::Duration Median(std::vector<absl::Duration> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

absl::Status MeasureInto(const Filled& filled, const Slots& slots,
                         const Options& options, Latencies& latencies) {
  ATTUNE_ASSIGN_OR_RETURN(const LoadFigures reports,
                          Measure(filled, slots, &Slot::Report, options));
  ATTUNE_ASSIGN_OR_RETURN(const LoadFigures cycles,
                          Measure(filled, slots, &Slot::RunTrial, options));
  latencies.report_p99.push_back(reports.p99);
  latencies.cycle_p99.push_back(cycles.p99);
  return absl::OkStatus();
}

// How long reading takes, medians.
struct Reading {
  absl::Duration best;  // the best trial
  absl::Duration list;  // all trials, page by page
};

absl::Status ListAll(v1::StudyService::Stub& stub) {
  v1::ListTrialsRequest request;
  request.set_parent(StudyName("bench-1"));
  request.set_page_size(1000);
  do {
    grpc::ClientContext context;
    v1::ListTrialsResponse page;
    ATTUNE_RETURN_IF_ERROR(FromGrpc(stub.ListTrials(&context, request, &page)));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status FindBest(v1::StudyService::Stub& stub) {
  grpc::ClientContext context;
  v1::ListBestTrialsRequest request;
  request.set_parent(StudyName("bench-1"));
  request.set_page_size(1);
  v1::ListBestTrialsResponse response;
  return FromGrpc(stub.ListBestTrials(&context, request, &response));
}

absl::StatusOr<absl::Duration> MedianTime(
    absl::Status (*read)(v1::StudyService::Stub&), int times,
    v1::StudyService::Stub& stub) {
  std::vector<absl::Duration> durations;
  for (int i = 0; i < times; ++i) {
    const absl::Time begin = absl::Now();
    ATTUNE_RETURN_IF_ERROR(read(stub));
    durations.push_back(absl::Now() - begin);
  }
  return Median(std::move(durations));
}

absl::StatusOr<Reading> MeasureReading(const std::string& path) {
  ATTUNE_RETURN_IF_ERROR(Fill(path, 1, kListedTrials));
  ATTUNE_ASSIGN_OR_RETURN(const Filled filled, StartFilled(path));
  const auto stub = v1::StudyService::NewStub(grpc::CreateChannel(
      filled.service.address, grpc::InsecureChannelCredentials()));
  Reading reading;
  ATTUNE_ASSIGN_OR_RETURN(reading.best, MedianTime(&FindBest, 501, *stub));
  ATTUNE_ASSIGN_OR_RETURN(reading.list, MedianTime(&ListAll, 15, *stub));
  return reading;
}

std::string Milliseconds(absl::Duration time) {
  return absl::StrFormat("%.3f", absl::ToDoubleMilliseconds(time));
}

void AddRow(const std::string& what, const Filled& filled,
            const Latencies& latencies, const std::string& path, Table& table) {
  const auto mib = [](double bytes) {
    return absl::StrFormat("%.1f", bytes / (1 << 20));
  };
  table.Add({what, absl::StrFormat("%.2f", absl::ToDoubleSeconds(filled.start)),
             mib(static_cast<double>(filled.bytes)),
             mib(static_cast<double>(std::filesystem::file_size(path))),
             Milliseconds(Median(latencies.report_p99)),
             Milliseconds(Median(latencies.cycle_p99))});
}

Result Most(const std::string& name, double value, const std::string& unit,
            double goal) {
  return {.name = name,
          .value = value,
          .unit = unit,
          .goal_value = goal,
          .is_limit = true};
}

Result Slowdown(const std::string& name, absl::Duration large,
                absl::Duration small) {
  return {.name = name,
          .value = absl::ToDoubleMilliseconds(large),
          .unit = "ms",
          .ratio = absl::FDivDuration(large, small),
          .goal_ratio = kSlowdownGoal,
          .is_limit = true};
}

absl::Status RunBench(const Options& options) {
  const Folder folder(options.directory);
  const std::string small_path = folder.path() / "small.db";
  const std::string large_path = folder.path() / "large.db";
  const std::string many_path = folder.path() / "many.db";
  ATTUNE_RETURN_IF_ERROR(Fill(small_path, 1, options.small));
  ATTUNE_RETURN_IF_ERROR(Fill(many_path, kOpenStudies, 1));
  const absl::Time begin = absl::Now();
  ATTUNE_RETURN_IF_ERROR(Fill(large_path, 1, options.large));
  std::printf("%d trials were written in %.1f s\n",
              static_cast<int>(options.large),
              absl::ToDoubleSeconds(absl::Now() - begin));
  ATTUNE_ASSIGN_OR_RETURN(const Filled small, StartFilled(small_path));
  ATTUNE_ASSIGN_OR_RETURN(const Filled large, StartFilled(large_path));
  ATTUNE_ASSIGN_OR_RETURN(const Filled many, StartFilled(many_path));
  const Slots small_slots = MakeSlots(small, 1, options.clients);
  const Slots large_slots = MakeSlots(large, 1, options.clients);
  const Slots many_slots = MakeSlots(many, kOpenStudies, options.clients);
  Latencies of_small;
  Latencies of_large;
  Latencies of_many;
  // In turn, so that a noisy minute does not meet one of them only.
  for (int round = 0; round < options.rounds; ++round) {
    ATTUNE_RETURN_IF_ERROR(MeasureInto(small, small_slots, options, of_small));
    ATTUNE_RETURN_IF_ERROR(MeasureInto(large, large_slots, options, of_large));
    ATTUNE_RETURN_IF_ERROR(MeasureInto(many, many_slots, options, of_many));
  }
  Table table({"database", "start s", "memory MiB", "file MiB", "report p99 ms",
               "cycle p99 ms"});
  AddRow(absl::StrCat("1 study, ", options.small, " trials"), small, of_small,
         small_path, table);
  AddRow(absl::StrCat("1 study, ", options.large, " trials"), large, of_large,
         large_path, table);
  AddRow(absl::StrCat(kOpenStudies, " studies"), many, of_many, many_path,
         table);
  std::printf("%s", table.ToString().c_str());
  ATTUNE_ASSIGN_OR_RETURN(const Reading reading,
                          MeasureReading(folder.path() / "read.db"));
  const double bytes =
      static_cast<double>(large.bytes - small.bytes) /
      static_cast<double>(std::max<int64_t>(options.large - options.small, 1));
  for (const Result& result :
       {Most("best_of_10k", absl::ToDoubleMilliseconds(reading.best), "ms",
             kBestGoal),
        Most("list_10k", absl::ToDoubleMilliseconds(reading.list), "ms",
             kListGoal),
        Most("restart", absl::ToDoubleSeconds(large.start), "s", kRestartGoal),
        Most("memory_of_a_trial", bytes, "B", kBytesGoal),
        Slowdown("report_p99", Median(of_large.report_p99),
                 Median(of_small.report_p99)),
        Slowdown("cycle_p99", Median(of_large.cycle_p99),
                 Median(of_small.cycle_p99))}) {
    std::printf("%s\n", ToString(result).c_str());
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("A study of a million trials, beside one of a thousand");
  app.add_option("--trials", options.large, "of the large study")
      ->check(CLI::Range(int64_t{1000}, int64_t{100'000'000}));
  app.add_option("--clients", options.clients, "that work at the same time")
      ->check(CLI::Range(1, 200));
  app.add_option("--seconds", options.seconds, "of each measurement")
      ->check(CLI::Range(0.1, 600.0));
  app.add_option("--rounds", options.rounds, "their median counts")
      ->check(CLI::Range(1, 100));
  app.add_option("--dir", options.directory,
                 "where the databases stand; beside this program if not given")
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = RunBench(options);
  if (!status.ok()) {
    std::fprintf(stderr, "scale_bench: %s\n",
                 std::string(status.message()).c_str());
  }
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) {
  try {
    return attune::Main(argc, argv);
  } catch (const std::exception& error) {  // of CLI11 or the standard library
    std::fprintf(stderr, "scale_bench: %s\n", error.what());
    return 1;
  }
}
