#ifndef ATTUNE_TESTS_E2E_LEDGER_H_
#define ATTUNE_TESTS_E2E_LEDGER_H_

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace attune {

struct AttemptKey {
  std::string study;
  int64_t trial = 0;
  int64_t attempt = 0;
  friend auto operator<=>(const AttemptKey&, const AttemptKey&) = default;
};

struct StepKey {
  std::string study;
  int64_t trial = 0;
  int64_t step = 0;
  friend auto operator<=>(const StepKey&, const StepKey&) = default;
};

// What a coordinator acknowledged.
struct Facts {
  std::map<std::string, int64_t> studies;      // their max_trials
  std::map<AttemptKey, std::string> workers;   // whom each attempt was given
  std::map<AttemptKey, std::string> outcomes;  // as the database names them
  std::map<StepKey, double> values;            // of the metric `value`
  size_t size() const {
    return studies.size() + workers.size() + outcomes.size() + values.size();
  }
};

// What was acknowledged, written down by those to whom it was, outside of the
// coordinator. Thread-safe.
class Ledger {
 public:
  void AddStudy(const std::string& study, int64_t max_trials);
  void AddLease(const AttemptKey& attempt, const std::string& worker);
  void AddValue(const StepKey& step, double value);
  void AddEnd(const AttemptKey& attempt, const std::string& outcome);

  // What attune-worker's log says that it was answered.
  void AddWorkerLog(absl::string_view log);

  // An answer that no caller should get.
  void AddProblem(const std::string& problem);

  // Waits until `count` more facts have come than there are now, or `at_most`
  // has passed. False in the latter case.
  bool WaitForMore(size_t count, absl::Duration at_most);

  Facts facts() const;
  std::vector<std::string> problems() const;

 private:
  mutable absl::Mutex mutex_;
  Facts facts_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> problems_ ABSL_GUARDED_BY(mutex_);
};

// Reads the database with sqlite3 and compares: everything in it that
// contradicts `facts` or itself, a line each. Every study must have come to its
// end: exactly max_trials trials, each completed by one attempt.
std::vector<std::string> FindContradictions(const std::string& db,
                                            const Facts& facts);

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_LEDGER_H_
