#include "bench/load.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "bench/process_figures.h"
#include "core/check.h"

namespace attune {
namespace {

// What one thread saw.
struct Record {
  int64_t pieces = 0;  // those outside the window as well
  absl::Status status;
  std::vector<absl::Duration> times;
};

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
  const absl::Duration cpu_before = ReadProcess(server).cpu;
  const absl::Time from = absl::Now() + warmup;
  const absl::Time until = from + window;
  std::vector<std::thread> threads;
  threads.reserve(clients.size());
  for (size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back(Work, std::cref(clients[i]), from, until,
                         std::ref(failed), std::ref(records[i]));
  }
  for (std::thread& thread : threads) thread.join();
  const absl::Duration cpu = ReadProcess(server).cpu - cpu_before;
  std::vector<absl::Duration> times;
  int64_t pieces = 0;
  for (const Record& record : records) {
    if (!record.status.ok()) return record.status;
    pieces += record.pieces;
    times.insert(times.end(), record.times.begin(), record.times.end());
  }
  return LoadFigures{.per_second = static_cast<double>(times.size()) /
                                   absl::ToDoubleSeconds(window),
                     .median = Median(times),
                     .p99 = Quantile(times, 0.99),
                     .server_cpu = cpu / std::max<int64_t>(pieces, 1)};
}

absl::Duration Quantile(std::vector<absl::Duration> times, double q) {
  if (times.empty()) return absl::ZeroDuration();
  std::sort(times.begin(), times.end());
  const auto rank =
      static_cast<size_t>(q * static_cast<double>(times.size() - 1));
  return times[rank];
}

absl::Duration Median(std::vector<absl::Duration> times) {
  return Quantile(std::move(times), 0.5);
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
