#ifndef ATTUNE_TESTS_E2E_LOAD_WORKER_H_
#define ATTUNE_TESTS_E2E_LOAD_WORKER_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "core/random.h"
#include "tests/e2e/ledger.h"

namespace attune {

struct LoadWorkerOptions {
  std::string address;
  std::string name;  // [a-z0-9-]
  Rng rng{0};
  // Whether it abandons, hands back and fails some of its trials.
  bool unreliable = false;
  // After which it takes a call for lost and connects anew.
  absl::Duration call_timeout = absl::Seconds(5);
};

// A worker that calls the coordinator as fast as it can and writes into a
// ledger what was acknowledged: a witness. It creates studies whose trials it
// and everybody else runs. What nobody answered it repeats. For use by one
// thread.
class LoadWorker {
 public:
  // `ledger` must outlive it.
  LoadWorker(LoadWorkerOptions options, Ledger* ledger);
  ~LoadWorker();

  // Runs trials, and creates studies until `enough`; returns when no study has
  // a trial left.
  void Run(const std::atomic<bool>& enough);

  // Creates one study. With `task` attune-worker can run its trials too.
  void CreateStudy(bool task, int max_trials);

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_LOAD_WORKER_H_
