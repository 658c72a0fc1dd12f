#ifndef ATTUNE_BENCH_SOAK_CLIENTS_H_
#define ATTUNE_BENCH_SOAK_CLIENTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "bench/soak_team.h"

namespace attune {

struct SoakOptions {
  int teams = 4;            // each with a study of its own
  int runners = 2;          // of a team, of whole trials
  int watchers = 1;         // of a team's study
  int reporters = 2;        // of one study that all share
  int listers = 1;          // of everything
  int64_t trials = 20'000;  // of a team's study, until another begins
  std::string directory;    // of the database; empty: beside this program
  double seconds = 1800.0;
  double every_seconds = 60.0;
};

// All who call the coordinator during a soak, each on a thread of its own and
// as fast as it is answered.
class SoakClients {
 public:
  SoakClients(const std::string& address, const SoakOptions& options);
  // Stops, if they did not.
  ~SoakClients();

  // Lets all end what they do. The first error that one met.
  absl::Status Stop();

  // So far; of a stream each message is one.
  int64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }
  // Trials of studies that are not complete, which the coordinator holds in
  // memory.
  int64_t live_trials() const;

 private:
  void Start(absl::Status (SoakClients::*work)(int index), int index);
  bool stopping() const { return stop_.load(std::memory_order_relaxed); }
  void Count(int64_t calls) {
    calls_.fetch_add(calls, std::memory_order_relaxed);
  }

  absl::Status RunTrials(int index);
  absl::Status Report(int index);
  absl::Status Watch(int index);
  absl::Status List(int index);
  SoakTeam& TeamOf(int index) const;

  const std::string address_;
  std::vector<std::unique_ptr<SoakTeam>> teams_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> failed_ = false;
  std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> reported_trials_ = 0;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace attune

#endif  // ATTUNE_BENCH_SOAK_CLIENTS_H_
