// How many durable calls a second attuned serves, beside a bare gRPC echo in
// the same run. README.md says how it is measured.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/echo_server.h"
#include "bench/load.h"
#include "bench/result.h"
#include "bench/slot.h"
#include "core/check.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

constexpr double kReportGoal = 0.8;   // of the echo, with kGoalClients
constexpr double kCycleGoal = 500.0;  // a second, with kGoalClients
constexpr int kGoalClients = 8;
constexpr absl::Duration kWarmup = absl::Milliseconds(300);

struct Options {
  std::vector<int> clients = {1, 8, 64};
  double seconds = 2.0;
  int rounds = 3;
  std::string directory;  // of the database; empty: beside this program
};

using Slots = std::vector<std::unique_ptr<Slot>>;

Slots MakeSlots(const std::string& address, const std::string& study,
                int count) {
  Slots slots;
  slots.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    slots.push_back(std::make_unique<Slot>(
        address, absl::StrCat("bench:", getpid(), "/", i), StudyName(study)));
  }
  return slots;
}

absl::StatusOr<LoadFigures> Measure(const Slots& slots, pid_t server,
                                    absl::Status (Slot::*work)(),
                                    const Options& options) {
  std::vector<Client> clients;
  clients.reserve(slots.size());
  for (const auto& slot : slots) {
    clients.push_back([&slot, work] { return (slot.get()->*work)(); });
  }
  return RunLoad(clients, server, kWarmup, absl::Seconds(options.seconds));
}

// A server that is measured.
struct Peer {
  std::string address;
  pid_t process = 0;
};

// What was measured with one number of clients.
struct Figures {
  LoadFigures echo;
  LoadFigures reports;
  LoadFigures cycles;
};

absl::StatusOr<Figures> MeasureAll(const Peer& echo_server, const Peer& attuned,
                                   int clients, const Options& options) {
  const StudySpec spec = BenchStudy(absl::StrCat("bench-", clients));
  ATTUNE_RETURN_IF_ERROR(CreateStudy(attuned.address, spec));
  const Slots echo_slots = MakeSlots(echo_server.address, spec.name, clients);
  const Slots slots = MakeSlots(attuned.address, spec.name, clients);
  std::vector<LoadFigures> echo;
  std::vector<LoadFigures> reports;
  std::vector<LoadFigures> cycles;
  // In turn, so that a noisy minute does not meet one of them only.
  for (int round = 0; round < options.rounds; ++round) {
    ATTUNE_ASSIGN_OR_RETURN(
        echo.emplace_back(),
        Measure(echo_slots, echo_server.process, &Slot::Echo, options));
    ATTUNE_ASSIGN_OR_RETURN(
        reports.emplace_back(),
        Measure(slots, attuned.process, &Slot::Report, options));
    for (const auto& slot : slots) ATTUNE_RETURN_IF_ERROR(slot->Finish());
    ATTUNE_ASSIGN_OR_RETURN(
        cycles.emplace_back(),
        Measure(slots, attuned.process, &Slot::RunTrial, options));
  }
  return Figures{.echo = MedianFigures(std::move(echo)),
                 .reports = MedianFigures(std::move(reports)),
                 .cycles = MedianFigures(std::move(cycles))};
}

// Pages of a file overwritten and synced one at a time, as a WAL is: what the
// disk can do at best.
double SyncsPerSecond(const std::filesystem::path& folder) {
  constexpr off_t kPages = 1000;  // as many as a WAL has before a checkpoint
  const int fd = open((folder / "sync").c_str(), O_CREAT | O_WRONLY, 0600);
  ATTUNE_CHECK(fd >= 0);
  const std::array<char, 4096> page = {};
  const auto write_page = [&](off_t index) {
    const auto size = static_cast<off_t>(page.size());
    ATTUNE_CHECK(pwrite(fd, page.data(), page.size(), index * size) == size);
  };
  for (off_t i = 0; i < kPages; ++i) write_page(i);
  ATTUNE_CHECK(fsync(fd) == 0);
  const absl::Time begin = absl::Now();
  int syncs = 0;
  while (absl::Now() - begin < absl::Milliseconds(500)) {
    write_page(syncs % kPages);
    ATTUNE_CHECK(fdatasync(fd) == 0);
    ++syncs;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  close(fd);
  return syncs / seconds;
}

void AddRow(const std::string& what, int clients, const LoadFigures& figures,
            const LoadFigures& echo, const std::string& goal, Table& table) {
  const auto milliseconds = [](absl::Duration time) {
    return absl::StrFormat("%.3f", absl::ToDoubleMilliseconds(time));
  };
  const double cpu_us = absl::ToDoubleMicroseconds(figures.server_cpu);
  table.Add({what, absl::StrCat(clients), FormatFigure(figures.per_second),
             milliseconds(figures.median), milliseconds(figures.p99),
             absl::StrFormat("%.0f", cpu_us),
             absl::StrFormat("%.3f", figures.per_second / echo.per_second),
             goal});
}

std::string GoalCell(const Result& result) {
  const std::string goal =
      result.goal_ratio.has_value()
          ? absl::StrCat(FormatFigure(*result.goal_ratio), "x")
          : FormatFigure(result.goal_value.value_or(0.0));
  return absl::StrCat(goal, result.reached() ? " ok" : " short");
}

// Adds the rows of one number of clients; the figure of the trial cycles.
Result AddFigures(int clients, const Figures& figures, Table& table) {
  const double echo_rate = figures.echo.per_second;
  const Result reports = {.name = absl::StrCat("reports_", clients),
                          .value = figures.reports.per_second,
                          .unit = "1/s",
                          .ratio = figures.reports.per_second / echo_rate,
                          .goal_ratio = kReportGoal};
  Result cycles = {.name = absl::StrCat("trial_cycles_", clients),
                   .value = figures.cycles.per_second,
                   .unit = "1/s",
                   .ratio = figures.cycles.per_second / echo_rate,
                   .goal_value = kCycleGoal};
  const bool has_goal = clients == kGoalClients;
  AddRow("bare echo", clients, figures.echo, figures.echo, "", table);
  AddRow("report", clients, figures.reports, figures.echo,
         has_goal ? GoalCell(reports) : "", table);
  AddRow("trial cycle", clients, figures.cycles, figures.echo,
         has_goal ? GoalCell(cycles) : "", table);
  return cycles;
}

absl::Status RunBench(const Options& options) {
  const Folder folder(options.directory);
  std::printf("disk: %s times a second a page overwritten and synced\n",
              FormatFigure(SyncsPerSecond(folder.path())).c_str());
  Process echo({Self().string(), "--serve-echo"});
  const auto echo_line = echo.WaitForLog("event=listening");
  if (!echo_line.has_value()) {
    return absl::InternalError(
        absl::StrCat("start the echo server: it ended with\n", echo.Log()));
  }
  const Service service = StartService(folder.path() / "bench.db");
  if (service.address.empty()) {
    return absl::InternalError(
        absl::StrCat("start attuned: it ended with\n", service.process->Log()));
  }
  const Peer echo_server = {LogValue(*echo_line, "address"), echo.pid()};
  const Peer attuned = {service.address, service.process->pid()};
  Table table({"call", "clients", "a second", "median ms", "p99 ms", "CPU us",
               "of echo", "goal"});
  Result last;
  for (const int clients : options.clients) {
    ATTUNE_ASSIGN_OR_RETURN(const Figures figures,
                            MeasureAll(echo_server, attuned, clients, options));
    const Result cycles = AddFigures(clients, figures, table);
    if (clients == kGoalClients || last.name.empty()) last = cycles;
  }
  std::printf("%s%s\n", table.ToString().c_str(), ToString(last).c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Options options;
  bool serve_echo = false;
  CLI::App app("Durable calls a second of attuned, beside a bare gRPC echo");
  app.add_option("--clients", options.clients, "numbers of clients")
      ->delimiter(',')
      ->check(CLI::Range(1, 200));
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
