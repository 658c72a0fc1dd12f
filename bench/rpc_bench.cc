// How many durable calls a second attuned serves, beside a bare gRPC echo in
// the same run, and how long workers wait for trials. README.md says how it is
// measured.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/bench_study.h"
#include "bench/disk.h"
#include "bench/echo_server.h"
#include "bench/effort.h"
#include "bench/lease_latency.h"
#include "bench/load.h"
#include "bench/process_figures.h"
#include "bench/result.h"
#include "bench/slots.h"
#include "bench/waiting_cost.h"
#include "bench/wake_up.h"
#include "core/status_macros.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

constexpr int kGoalClients = 8;
constexpr double kReportGoal = 0.8;         // of the echo, with kGoalClients
constexpr double kCycleGoal = 5000.0;       // a second, with kGoalClients
constexpr double kCycleGoalOfOne = 1000.0;  // with one client
constexpr double kLeaseGoal = 20.0;         // ms, the 99th percentile
constexpr double kWakeUpGoal = 5.0;         // ms, the median
constexpr int kReporters = 64;              // while leases are timed
constexpr int kWakeUps = 200;
constexpr absl::Duration kWarmup = absl::Milliseconds(300);

struct Options {
  std::vector<int> clients = {1, 8, 64};
  std::vector<int> wake_up = {1, 1000};  // workers that wait
  int waiting = 10'000;
  int connections = 100;  // of those that wait
  double seconds = 2.0;
  int rounds = 3;
  std::vector<std::string> only;  // empty: all
  std::string directory;          // of the database; empty: beside this program

  Span span() const { return {kWarmup, absl::Seconds(seconds)}; }
  bool Has(const std::string& part) const {
    return only.empty() || std::count(only.begin(), only.end(), part) > 0;
  }
};

// A server that is measured.
struct Peer {
  std::string address;
  pid_t process = 0;
};

absl::StatusOr<Service> StartAttuned(const std::filesystem::path& database) {
  Service service = StartService(database);
  if (service.address.empty()) {
    return absl::InternalError(
        absl::StrCat("start attuned: it ended with\n", service.process->Log()));
  }
  return service;
}

Peer PeerOf(const Service& service) {
  return {service.address, service.process->pid()};
}

std::string Milliseconds(absl::Duration time) {
  return absl::StrFormat("%.3f", absl::ToDoubleMilliseconds(time));
}

std::string GoalCell(const Result& result) {
  if (!result.goal_ratio.has_value() && !result.goal_value.has_value()) {
    return "";
  }
  const std::string goal =
      result.goal_ratio.has_value()
          ? absl::StrCat(FormatFigure(*result.goal_ratio), "x")
          : FormatFigure(*result.goal_value);
  return absl::StrCat(goal, result.reached() ? " ok" : " short");
}

void PrintResults(const std::vector<Result>& results) {
  for (const Result& result : results) {
    std::printf("%s\n", ToString(result).c_str());
  }
}

// ---- calls a second ---------------------------------------------------------

// Durable calls, and what they took.
struct Durable {
  LoadFigures figures;
  double commits = 0.0;  // a second
  double bytes = 0.0;    // a second, written to the disk
};

// What was measured with one number of clients.
struct Figures {
  double syncs = 0.0;  // a second, of the disk
  LoadFigures echo;
  Durable reports;
  Durable cycles;
};

double Middle(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The rounds of durable calls of one kind.
class Rounds {
 public:
  absl::Status Add(const Slots& slots, absl::Status (Slot::*work)(),
                   const Peer& attuned, const Span& span) {
    ATTUNE_ASSIGN_OR_RETURN(const Effort before,
                            ReadEffort(attuned.address, attuned.process));
    ATTUNE_ASSIGN_OR_RETURN(figures_.emplace_back(),
                            Measure(slots, work, attuned.process, span));
    ATTUNE_ASSIGN_OR_RETURN(const Effort after,
                            ReadEffort(attuned.address, attuned.process));
    commits_.push_back(CommitsPerSecond(before, after));
    bytes_.push_back(BytesPerSecond(before, after));
    return FinishAll(slots);
  }

  Durable ToMedians() const {
    return {.figures = MedianFigures(figures_),
            .commits = Middle(commits_),
            .bytes = Middle(bytes_)};
  }

 private:
  std::vector<LoadFigures> figures_;
  std::vector<double> commits_;
  std::vector<double> bytes_;
};

absl::StatusOr<Figures> MeasureCalls(const Peer& echo_server,
                                     const Peer& attuned, int clients,
                                     const std::filesystem::path& folder,
                                     const Options& options) {
  const StudySpec spec = BenchStudy(absl::StrCat("bench-", clients));
  ATTUNE_RETURN_IF_ERROR(CreateStudy(attuned.address, spec));
  const Slots echo_slots = MakeSlots(echo_server.address, {spec.name}, clients);
  const Slots slots = MakeSlots(attuned.address, {spec.name}, clients);
  std::vector<double> syncs;
  std::vector<LoadFigures> echo;
  Rounds reports;
  Rounds cycles;
  // In turn, so that a noisy minute does not meet one of them only.
  for (int round = 0; round < options.rounds; ++round) {
    syncs.push_back(SyncsPerSecond(folder));
    ATTUNE_ASSIGN_OR_RETURN(
        echo.emplace_back(),
        Measure(echo_slots, &Slot::Echo, echo_server.process, options.span()));
    ATTUNE_RETURN_IF_ERROR(
        reports.Add(slots, &Slot::Report, attuned, options.span()));
    ATTUNE_RETURN_IF_ERROR(
        cycles.Add(slots, &Slot::RunTrial, attuned, options.span()));
  }
  return Figures{.syncs = Middle(std::move(syncs)),
                 .echo = MedianFigures(std::move(echo)),
                 .reports = reports.ToMedians(),
                 .cycles = cycles.ToMedians()};
}

void AddRow(const std::string& what, int clients, const LoadFigures& row,
            const Figures& figures, const std::string& goal, Table& table) {
  const double cpu_us = absl::ToDoubleMicroseconds(row.server_cpu);
  table.Add({what, absl::StrCat(clients), FormatFigure(row.per_second),
             Milliseconds(row.median), Milliseconds(row.p99),
             absl::StrFormat("%.0f", cpu_us),
             absl::StrFormat("%.3f", row.per_second / figures.echo.per_second),
             absl::StrFormat("%.3f", row.per_second / figures.syncs), goal});
}

void AddEffort(const std::string& what, int clients, const Durable& row,
               Table& table) {
  const double rate = row.figures.per_second;
  table.Add({what, absl::StrCat(clients), FormatFigure(row.commits),
             absl::StrFormat("%.1f", rate / row.commits),
             absl::StrFormat("%.1f", row.bytes / rate / 1024.0)});
}

// Tables and results of the calls.
struct CallTables {
  Table calls{{"call", "clients", "a second", "median ms", "p99 ms", "CPU us",
               "of echo", "of syncs", "goal"}};
  Table effort{
      {"call", "clients", "commits a second", "of it a commit", "KiB of it"}};
  std::vector<Result> results;
};

void AddFigures(int clients, const Figures& figures, CallTables& tables) {
  const double reports_rate = figures.reports.figures.per_second;
  const double cycles_rate = figures.cycles.figures.per_second;
  Result reports = {.name = absl::StrCat("reports_", clients),
                    .value = reports_rate,
                    .unit = "1/s",
                    .ratio = reports_rate / figures.echo.per_second};
  Result cycles = {.name = absl::StrCat("trial_cycles_", clients),
                   .value = cycles_rate,
                   .unit = "1/s",
                   .ratio = cycles_rate / figures.syncs};
  if (clients == kGoalClients) {
    reports.goal_ratio = kReportGoal;
    cycles.goal_value = kCycleGoal;
    tables.results.insert(tables.results.end(), {reports, cycles});
  } else if (clients == 1) {
    cycles.goal_value = kCycleGoalOfOne;
    tables.results.push_back(cycles);
  }
  AddRow("bare echo", clients, figures.echo, figures, "", tables.calls);
  AddRow("report", clients, figures.reports.figures, figures, GoalCell(reports),
         tables.calls);
  AddRow("trial cycle", clients, figures.cycles.figures, figures,
         GoalCell(cycles), tables.calls);
  AddEffort("report", clients, figures.reports, tables.effort);
  AddEffort("trial cycle", clients, figures.cycles, tables.effort);
}

absl::Status BenchCalls(const Peer& attuned,
                        const std::filesystem::path& folder,
                        const Options& options) {
  Process echo({Self().string(), "--serve-echo"});
  const auto echo_line = echo.WaitForLog("event=listening");
  if (!echo_line.has_value()) {
    return absl::InternalError(
        absl::StrCat("start the echo server: it ended with\n", echo.Log()));
  }
  const Peer echo_server = {LogValue(*echo_line, "address"), echo.pid()};
  std::printf("disk: %s times a second a page overwritten and synced\n",
              FormatFigure(SyncsPerSecond(folder)).c_str());
  CallTables tables;
  for (const int clients : options.clients) {
    ATTUNE_ASSIGN_OR_RETURN(
        const Figures figures,
        MeasureCalls(echo_server, attuned, clients, folder, options));
    AddFigures(clients, figures, tables);
  }
  std::printf("%s\n%s", tables.calls.ToString().c_str(),
              tables.effort.ToString().c_str());
  PrintResults(tables.results);
  return absl::OkStatus();
}

// ---- how long a worker waits for a trial ------------------------------------

Result AtMost(const std::string& name, absl::Duration time, double goal) {
  return {.name = name,
          .value = absl::ToDoubleMilliseconds(time),
          .unit = "ms",
          .goal_value = goal,
          .is_limit = true};
}

void AddTimes(const std::string& what, int others,
              const std::vector<absl::Duration>& times, const Result& result,
              Table& table) {
  table.Add({what, absl::StrCat(others), Milliseconds(Median(times)),
             Milliseconds(Quantile(times, 0.99)), GoalCell(result)});
}

absl::Status BenchLeases(const Peer& attuned, const Options& options,
                         Table& table, std::vector<Result>& results) {
  const StudySpec spec = BenchStudy("leases");
  ATTUNE_RETURN_IF_ERROR(CreateStudy(attuned.address, spec));
  const Slots reporters = MakeSlots(attuned.address, {spec.name}, kReporters);
  std::vector<absl::Duration> times;
  for (int round = 0; round < options.rounds; ++round) {
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<absl::Duration> more,
                            MeasureLeases(attuned.address, spec.name, reporters,
                                          attuned.process, options.span()));
    times.insert(times.end(), more.begin(), more.end());
  }
  results.push_back(AtMost(absl::StrCat("lease_p99_", kReporters),
                           Quantile(times, 0.99), kLeaseGoal));
  AddTimes("lease while others report", kReporters, times, results.back(),
           table);
  return absl::OkStatus();
}

absl::Status BenchWakeUps(const Peer& attuned, int workers, Table& table,
                          std::vector<Result>& results) {
  ATTUNE_ASSIGN_OR_RETURN(
      const WakeUps wake_ups,
      MeasureWakeUps(attuned.address, absl::StrCat("wake-up-", workers),
                     workers, kWakeUps));
  results.push_back(
      AtMost(absl::StrCat("wake_up_", workers),
             std::max(Median(wake_ups.created), Median(wake_ups.released)),
             kWakeUpGoal));
  AddTimes("wake-up by CreateTrials", workers, wake_ups.created, results.back(),
           table);
  AddTimes("wake-up by ReleaseTrial", workers, wake_ups.released,
           results.back(), table);
  return absl::OkStatus();
}

absl::Status BenchWaits(const Peer& attuned, const Options& options) {
  Table table({"answer", "others", "median ms", "p99 ms", "goal"});
  std::vector<Result> results;
  if (options.Has("lease")) {
    ATTUNE_RETURN_IF_ERROR(BenchLeases(attuned, options, table, results));
  }
  if (options.Has("wake-up")) {
    for (const int workers : options.wake_up) {
      ATTUNE_RETURN_IF_ERROR(BenchWakeUps(attuned, workers, table, results));
    }
  }
  if (results.empty()) return absl::OkStatus();
  std::printf("%s", table.ToString().c_str());
  PrintResults(results);
  return absl::OkStatus();
}

absl::Status BenchWaiting(const Peer& attuned, const Options& options) {
  ATTUNE_ASSIGN_OR_RETURN(
      const WaitingCost cost,
      MeasureWaiting(attuned.address, attuned.process, options.waiting,
                     options.connections, options.span()));
  Table table({"waiting workers", "connections", "KiB each", "CPU us to ask",
               "CPU ms/s idle", "report ms alone", "beside them", "p99 alone",
               "p99 beside"});
  table.Add({absl::StrCat(options.waiting), absl::StrCat(options.connections),
             absl::StrFormat("%.1f", static_cast<double>(cost.bytes) / 1024.0),
             absl::StrFormat("%.0f", absl::ToDoubleMicroseconds(cost.to_ask)),
             absl::StrFormat("%.1f", 1000.0 * cost.idle),
             Milliseconds(cost.reports_alone.median),
             Milliseconds(cost.reports_beside.median),
             Milliseconds(cost.reports_alone.p99),
             Milliseconds(cost.reports_beside.p99)});
  std::printf("%s", table.ToString().c_str());
  return absl::OkStatus();
}

absl::Status RunBench(const Options& options) {
  const Folder folder(options.directory);
  {
    ATTUNE_ASSIGN_OR_RETURN(const Service service,
                            StartAttuned(folder.path() / "bench.db"));
    if (options.Has("calls")) {
      ATTUNE_RETURN_IF_ERROR(
          BenchCalls(PeerOf(service), folder.path(), options));
    }
    ATTUNE_RETURN_IF_ERROR(BenchWaits(PeerOf(service), options));
  }
  if (!options.Has("waiting")) return absl::OkStatus();
  ATTUNE_ASSIGN_OR_RETURN(const Service service,
                          StartAttuned(folder.path() / "waiting.db"));
  return BenchWaiting(PeerOf(service), options);
}

int Main(int argc, char** argv) {
  Options options;
  bool serve_echo = false;
  CLI::App app("Durable calls a second of attuned, beside a bare gRPC echo");
  app.add_option("--only", options.only, "parts, all if not given")
      ->delimiter(',')
      ->check(CLI::IsMember({"calls", "lease", "wake-up", "waiting"}));
  app.add_option("--clients", options.clients, "numbers of clients")
      ->delimiter(',')
      ->check(CLI::Range(1, 200));
  app.add_option("--wake-up", options.wake_up,
                 "numbers of workers of which one is woken up")
      ->delimiter(',')
      ->check(CLI::Range(1, 10'000));
  app.add_option("--waiting", options.waiting, "workers that wait")
      ->check(CLI::Range(1, 20'000));
  app.add_option("--connections", options.connections,
                 "that they share, all together")
      ->check(CLI::Range(1, 20'000));
  app.add_option("--seconds", options.seconds, "of each measurement")
      ->check(CLI::Range(0.1, 600.0));
  app.add_option("--rounds", options.rounds, "their median counts")
      ->check(CLI::Range(1, 100));
  app.add_option("--dir", options.directory,
                 "where the database stands; beside this program if not given")
      ->check(CLI::ExistingDirectory);
  app.add_flag("--serve-echo", serve_echo, "be the echo server");
  CLI11_PARSE(app, argc, argv);
  if (serve_echo) return ServeEcho();
  RaiseDescriptorLimit();
  const absl::Status status = RunBench(options);
  if (!status.ok()) {
    std::fprintf(stderr, "rpc_bench: %s\n",
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
    std::fprintf(stderr, "rpc_bench: %s\n", error.what());
    return 1;
  }
}
