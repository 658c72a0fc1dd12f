// What a study of a million trials costs, beside one of a thousand in the same
// run. README.md says how it is measured.
#include <fcntl.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/load.h"
#include "bench/process_figures.h"
#include "bench/result.h"
#include "bench/slots.h"
#include "core/check.h"
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
constexpr int64_t kSmallTrials = 1000;
// So many times the small study the large one has at least, so that what its
// trials cost is more than what a process's memory differs by.
constexpr int64_t kLeastTimes = 10;
constexpr int64_t kListedTrials = 10'000;
constexpr int64_t kOpenStudies = 1000;
constexpr absl::Duration kWarmup = absl::Milliseconds(500);

struct Options {
  int64_t large = 1'000'000;
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

absl::StatusOr<Filled> StartFilled(const std::string& path) {
  Filled filled;
  const absl::Time begin = absl::Now();
  filled.service = StartService(path);
  if (filled.service.address.empty()) {
    return absl::InternalError(absl::StrCat("start attuned: it ended with\n",
                                            filled.service.process->Log()));
  }
  filled.start = absl::Now() - begin;
  filled.bytes = ReadProcess(filled.service.process->pid()).resident_bytes;
  return filled;
}

// Lets the system forget what it keeps of a file in memory, so that the next
// reader waits for the disk.
void Forget(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  ATTUNE_CHECK(fd >= 0);
  ATTUNE_CHECK(fsync(fd) == 0);
  ATTUNE_CHECK(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
  close(fd);
}

// How long a coordinator takes to start on each database, which it finds on the
// disk only: medians, in their order.
absl::StatusOr<std::vector<absl::Duration>> MeasureStarts(
    const std::vector<std::string>& paths, int rounds) {
  std::vector<std::vector<absl::Duration>> starts(paths.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < paths.size(); ++i) {
      Forget(paths[i]);
      ATTUNE_ASSIGN_OR_RETURN(const Filled filled, StartFilled(paths[i]));
      starts[i].push_back(filled.start);
      filled.service.process->Signal(SIGTERM);
      if (const int code = filled.service.process->Wait(); code != 0) {
        return absl::InternalError(absl::StrCat("end attuned: it ended with ",
                                                code, " and\n",
                                                filled.service.process->Log()));
      }
    }
  }
  std::vector<absl::Duration> medians;
  for (auto& times : starts) medians.push_back(Median(std::move(times)));
  return medians;
}

struct Latencies {
  std::vector<absl::Duration> report_p99;
  std::vector<absl::Duration> cycle_p99;
};

// With as many clients as `slots`.
absl::Status MeasureInto(const Filled& filled, const Slots& slots,
                         const Options& options, Latencies& latencies) {
  const pid_t server = filled.service.process->pid();
  const Span span = {kWarmup, absl::Seconds(options.seconds)};
  ATTUNE_ASSIGN_OR_RETURN(const LoadFigures reports,
                          Measure(slots, &Slot::Report, server, span));
  ATTUNE_RETURN_IF_ERROR(FinishAll(slots));
  ATTUNE_ASSIGN_OR_RETURN(const LoadFigures cycles,
                          Measure(slots, &Slot::RunTrial, server, span));
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

// Of the study `bench-1`, and so on.
std::vector<std::string> FilledNames(int64_t studies) {
  std::vector<std::string> names;
  for (int64_t n = 1; n <= studies; ++n) {
    names.push_back(absl::StrCat("bench-", n));
  }
  return names;
}

// A database, and what was measured with it.
struct Scaled {
  std::string what;  // is in it
  std::string path;
  int64_t studies = 1;
  int64_t trials = 1;  // of each
  absl::Duration start;
  int64_t bytes = 0;  // of the coordinator's memory
  Latencies latencies;
};

void AddRow(const Scaled& database, Table& table) {
  const auto mib = [](double bytes) {
    return absl::StrFormat("%.1f", bytes / (1 << 20));
  };
  const auto size = std::filesystem::file_size(database.path);
  table.Add({database.what,
             absl::StrFormat("%.2f", absl::ToDoubleSeconds(database.start)),
             mib(static_cast<double>(database.bytes)),
             mib(static_cast<double>(size)),
             Milliseconds(Median(database.latencies.report_p99)),
             Milliseconds(Median(database.latencies.cycle_p99))});
}

// Serves all at once, in turn, so that a noisy minute does not meet one of them
// only.
absl::Status MeasureLoads(const Options& options,
                          std::vector<Scaled>& databases) {
  std::vector<Filled> servers;
  std::vector<Slots> slots;
  for (Scaled& database : databases) {
    ATTUNE_ASSIGN_OR_RETURN(servers.emplace_back(), StartFilled(database.path));
    database.bytes = servers.back().bytes;
    slots.push_back(MakeSlots(servers.back().service.address,
                              FilledNames(database.studies), options.clients));
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (size_t i = 0; i < databases.size(); ++i) {
      ATTUNE_RETURN_IF_ERROR(
          MeasureInto(servers[i], slots[i], options, databases[i].latencies));
    }
  }
  return absl::OkStatus();
}

absl::Status FillAll(const std::vector<Scaled>& databases) {
  for (const Scaled& database : databases) {
    const absl::Time begin = absl::Now();
    ATTUNE_RETURN_IF_ERROR(
        Fill(database.path, database.studies, database.trials));
    std::printf("%s were written in %.1f s\n", database.what.c_str(),
                absl::ToDoubleSeconds(absl::Now() - begin));
  }
  return absl::OkStatus();
}

std::vector<Result> ResultsOf(const Scaled& small, const Scaled& large,
                              const Reading& reading) {
  const double bytes = static_cast<double>(large.bytes - small.bytes) /
                       static_cast<double>(large.trials - small.trials);
  return {
      Most("best_of_10k", absl::ToDoubleMilliseconds(reading.best), "ms",
           kBestGoal),
      Most("list_10k", absl::ToDoubleMilliseconds(reading.list), "ms",
           kListGoal),
      Most("restart", absl::ToDoubleSeconds(large.start), "s", kRestartGoal),
      Most("memory_of_a_trial", bytes, "B", kBytesGoal),
      Slowdown("report_p99", Median(large.latencies.report_p99),
               Median(small.latencies.report_p99)),
      Slowdown("cycle_p99", Median(large.latencies.cycle_p99),
               Median(small.latencies.cycle_p99))};
}

absl::Status RunBench(const Options& options) {
  const Folder folder(options.directory);
  std::vector<Scaled> databases = {
      {.what = absl::StrCat("1 study, ", kSmallTrials, " trials"),
       .path = folder.path() / "small.db",
       .trials = kSmallTrials},
      {.what = absl::StrCat("1 study, ", options.large, " trials"),
       .path = folder.path() / "large.db",
       .trials = options.large},
      {.what = absl::StrCat(kOpenStudies, " studies"),
       .path = folder.path() / "many.db",
       .studies = kOpenStudies}};
  ATTUNE_RETURN_IF_ERROR(FillAll(databases));
  std::vector<std::string> paths;
  for (const Scaled& database : databases) paths.push_back(database.path);
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<absl::Duration> starts,
                          MeasureStarts(paths, options.rounds));
  for (size_t i = 0; i < starts.size(); ++i) databases[i].start = starts[i];
  ATTUNE_RETURN_IF_ERROR(MeasureLoads(options, databases));
  Table table({"database", "start s", "memory MiB", "file MiB", "report p99 ms",
               "cycle p99 ms"});
  for (const Scaled& database : databases) AddRow(database, table);
  std::printf("%s", table.ToString().c_str());
  ATTUNE_ASSIGN_OR_RETURN(const Reading reading,
                          MeasureReading(folder.path() / "read.db"));
  for (const Result& result : ResultsOf(databases[0], databases[1], reading)) {
    std::printf("%s\n", ToString(result).c_str());
  }
  return absl::OkStatus();
}

// For CLI11: what is wrong with a size of the large study.
std::string CheckLarge(const std::string& text) {
  constexpr int64_t kLeast = kLeastTimes * kSmallTrials;
  constexpr int64_t kMost = 100'000'000;
  int64_t trials = 0;
  if (absl::SimpleAtoi(text, &trials) && trials >= kLeast && trials <= kMost) {
    return "";
  }
  return absl::StrCat("found ", text, ", expected ", kLeast, " to ", kMost,
                      ": the study it is compared with has ", kSmallTrials);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("A study of a million trials, beside one of a thousand");
  app.add_option("--trials", options.large, "of the large study")
      ->check(CheckLarge);
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
