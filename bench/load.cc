#include "bench/load.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "core/check.h"

namespace attune {
namespace {

// What one thread saw.
struct Record {
  int64_t pieces = 0;  // those outside the window as well
  absl::Status status;
  std::vector<absl::Duration> times;
};

// User and system time of all threads of a process so far.
absl::Duration CpuTime(pid_t process) {
  std::ifstream file(absl::StrCat("/proc/", process, "/stat"));
  std::string text;
  std::getline(file, text);
  // The second field, the name in parentheses, may have spaces.
  const std::vector<std::string> fields =
      absl::StrSplit(text.substr(text.rfind(')') + 1), ' ');
  ATTUNE_CHECK(fields.size() > 13);
  int64_t user = 0;  // fields 14 and 15 of proc(5)
  int64_t system = 0;
  ATTUNE_CHECK(absl::SimpleAtoi(fields[12], &user) &&
               absl::SimpleAtoi(fields[13], &system));
  return absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
}

absl::Duration Quantile(const std::vector<absl::Duration>& sorted, double q) {
  if (sorted.empty()) return absl::ZeroDuration();
  const auto rank =
      static_cast<size_t>(q * static_cast<double>(sorted.size() - 1));
  return sorted[rank];
}

void Work(const Client& client, absl::Time from, absl::Time until,
          std::atomic<bool>& failed, Record& record) {
  absl::Time begin = absl::Now();
  while (begin < until && !failed.load(std::memory_order_relaxed)) {
    record.status = client();
    if (!record.status.ok()) {
      failed.store(true, std::memory_order_relaxed);
      return;
    }
    ++record.pieces;
    const absl::Time end = absl::Now();
    if (end >= from && end < until) record.times.push_back(end - begin);
    begin = end;
  }
}

}  // namespace

absl::StatusOr<LoadFigures> RunLoad(const std::vector<Client>& clients,
                                    pid_t server, absl::Duration warmup,
                                    absl::Duration window) {
  std::vector<Record> records(clients.size());
  std::atomic<bool> failed = false;
  const absl::Duration cpu_before = CpuTime(server);
  const absl::Time from = absl::Now() + warmup;
  const absl::Time until = from + window;
  std::vector<std::thread> threads;
  threads.reserve(clients.size());
  for (size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back(Work, std::cref(clients[i]), from, until,
                         std::ref(failed), std::ref(records[i]));
  }
  for (std::thread& thread : threads) thread.join();
  const absl::Duration cpu = CpuTime(server) - cpu_before;
  std::vector<absl::Duration> times;
  int64_t pieces = 0;
  for (const Record& record : records) {
    if (!record.status.ok()) return record.status;
    pieces += record.pieces;
    times.insert(times.end(), record.times.begin(), record.times.end());
  }
  std::sort(times.begin(), times.end());
  return LoadFigures{.per_second = static_cast<double>(times.size()) /
                                   absl::ToDoubleSeconds(window),
                     .median = Quantile(times, 0.5),
                     .p99 = Quantile(times, 0.99),
                     .server_cpu = cpu / std::max<int64_t>(pieces, 1)};
}

LoadFigures MedianFigures(std::vector<LoadFigures> rounds) {
  ATTUNE_CHECK(!rounds.empty());
  std::sort(rounds.begin(), rounds.end(),
            [](const LoadFigures& a, const LoadFigures& b) {
              return a.per_second < b.per_second;
            });
  return rounds[rounds.size() / 2];
}

}  // namespace attune
