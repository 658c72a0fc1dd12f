#include "bench/load.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "core/check.h"

namespace attune {
namespace {

// What one thread saw.
struct Record {
  absl::Status status;
  std::vector<absl::Duration> times;
};

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
    const absl::Time end = absl::Now();
    if (end >= from && end < until) record.times.push_back(end - begin);
    begin = end;
  }
}

}  // namespace

absl::StatusOr<LoadFigures> RunLoad(const std::vector<Client>& clients,
                                    absl::Duration warmup,
                                    absl::Duration window) {
  std::vector<Record> records(clients.size());
  std::atomic<bool> failed = false;
  const absl::Time from = absl::Now() + warmup;
  const absl::Time until = from + window;
  std::vector<std::thread> threads;
  threads.reserve(clients.size());
  for (size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back(Work, std::cref(clients[i]), from, until,
                         std::ref(failed), std::ref(records[i]));
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<absl::Duration> times;
  for (const Record& record : records) {
    if (!record.status.ok()) return record.status;
    times.insert(times.end(), record.times.begin(), record.times.end());
  }
  std::sort(times.begin(), times.end());
  return LoadFigures{.per_second = static_cast<double>(times.size()) /
                                   absl::ToDoubleSeconds(window),
                     .median = Quantile(times, 0.5),
                     .p99 = Quantile(times, 0.99)};
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
