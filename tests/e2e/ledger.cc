#include "tests/e2e/ledger.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

std::string Name(const AttemptKey& key) {
  return absl::StrCat(key.study, "/", key.trial, ", attempt ", key.attempt);
}

std::string Name(const StepKey& key) {
  return absl::StrCat(key.study, "/", key.trial, ", step ", key.step);
}

int64_t Int(absl::string_view text) {
  int64_t number = -1;
  return absl::SimpleAtoi(text, &number) ? number : -1;
}

double Double(absl::string_view text) {
  double number = 0.0;
  return absl::SimpleAtod(text, &number) ? number : 0.0;
}

using Row = std::vector<std::string>;

std::vector<Row> Rows(const std::string& db, const std::string& sql) {
  std::vector<Row> rows;
  const std::string text = Sql(db, sql);
  if (text.empty()) return rows;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    rows.push_back(absl::StrSplit(line, '|'));
  }
  return rows;
}

// What the database has of what a caller can be told.
Facts ReadFacts(const std::string& db) {
  Facts stored;
  for (const Row& row : Rows(db, "select name, max_trials from studies")) {
    stored.studies[row[0]] = Int(row[1]);
  }
  for (const Row& row :
       Rows(db,
            "select s.name, a.trial, a.number, a.worker, a.outcome"
            " from attempts a join studies s on s.id = a.study")) {
    const AttemptKey key = {row[0], Int(row[1]), Int(row[2])};
    stored.workers[key] = row[3];
    stored.outcomes[key] = row[4];
  }
  for (const Row& row :
       Rows(db,
            "select s.name, m.trial, m.step, printf('%!.17g', m.value)"
            " from measurements m join studies s on s.id = m.study"
            " where m.metric = 'value'")) {
    stored.values[{row[0], Int(row[1]), Int(row[2])}] = Double(row[3]);
  }
  return stored;
}

std::string Name(const std::string& study) { return study; }

// What was acknowledged and is not there, or is there in another form.
template <typename Key, typename Value>
void Compare(absl::string_view what, const std::map<Key, Value>& acknowledged,
             const std::map<Key, Value>& stored,
             std::vector<std::string>& found) {
  for (const auto& [key, value] : acknowledged) {
    const auto at = stored.find(key);
    if (at == stored.end()) {
      found.push_back(absl::StrCat("lost: ", what, " ", value, " of ",
                                   Name(key), ", which was acknowledged"));
    } else if (at->second != value) {
      found.push_back(absl::StrCat(what, " of ", Name(key), ": acknowledged ",
                                   value, ", found ", at->second));
    }
  }
}

// Each row that `sql` finds is one contradiction.
void ExpectNoRows(const std::string& db, absl::string_view what,
                  const std::string& sql, std::vector<std::string>& found) {
  const std::string rows = Sql(db, sql);
  if (!rows.empty()) found.push_back(absl::StrCat(what, ": ", rows));
}

}  // namespace

void Ledger::AddStudy(const std::string& study, int64_t max_trials) {
  const absl::MutexLock lock(&mutex_);
  facts_.studies[study] = max_trials;
}

void Ledger::AddLease(const AttemptKey& attempt, const std::string& worker) {
  const absl::MutexLock lock(&mutex_);
  const auto [at, is_new] = facts_.workers.emplace(attempt, worker);
  if (is_new || at->second == worker) return;
  problems_.push_back(absl::StrCat(Name(attempt), " was given to ", at->second,
                                   " and to ", worker));
}

void Ledger::AddValue(const StepKey& step, double value) {
  const absl::MutexLock lock(&mutex_);
  facts_.values[step] = value;
}

void Ledger::AddEnd(const AttemptKey& attempt, const std::string& outcome) {
  const absl::MutexLock lock(&mutex_);
  facts_.outcomes[attempt] = outcome;
}

void Ledger::AddProblem(const std::string& problem) {
  const absl::MutexLock lock(&mutex_);
  problems_.push_back(problem);
}

void Ledger::AddWorkerLog(absl::string_view log) {
  std::vector<std::string> lines = absl::StrSplit(log, '\n');
  lines.pop_back();  // what follows the last newline was cut by a kill
  for (const std::string& line : lines) {
    const std::string event = LogValue(line, "event");
    const AttemptKey attempt = {LogValue(line, "study"),
                                Int(LogValue(line, "trial")),
                                Int(LogValue(line, "attempt"))};
    if (event == "trial_started") AddLease(attempt, LogValue(line, "worker"));
    if (event == "trial_ended") AddEnd(attempt, "COMPLETED");
    if (event == "trial_handed_back") AddEnd(attempt, "RELEASED");
    if (event == "trial_broken" || event == "report_refused" ||
        event == "not_delivered") {
      AddProblem(line);
    }
  }
}

bool Ledger::WaitForMore(size_t count, absl::Duration at_most) {
  const absl::MutexLock lock(&mutex_);
  const size_t enough = facts_.size() + count;
  const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return facts_.size() >= enough;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&reached), at_most);
}

Facts Ledger::facts() const {
  const absl::MutexLock lock(&mutex_);
  return facts_;
}

std::vector<std::string> Ledger::problems() const {
  const absl::MutexLock lock(&mutex_);
  return problems_;
}

namespace {

// A worker that gives up its attempt, or fails, just after its lease ended is
// told OK, since nothing is left to change: the trial waits already. What is
// stored is the first reason.
std::map<AttemptKey, std::string> AsStored(
    std::map<AttemptKey, std::string> told,
    const std::map<AttemptKey, std::string>& stored) {
  for (auto& [attempt, outcome] : told) {
    const auto at = stored.find(attempt);
    const bool without_result =
        outcome == "WORKER_ERROR" || outcome == "RELEASED";
    if (without_result && at != stored.end() && at->second == "LEASE_EXPIRED") {
      outcome = at->second;
    }
  }
  return told;
}

}  // namespace

std::vector<std::string> FindContradictions(const std::string& db,
                                            const Facts& facts) {
  std::vector<std::string> found;
  const std::string integrity = Sql(db, "pragma integrity_check");
  if (integrity != "ok") found.push_back(integrity);
  ExpectNoRows(db, "rows without their parents", "pragma foreign_key_check",
               found);
  ExpectNoRows(
      db, "studies without exactly max_trials completed trials",
      "select s.name, s.max_trials, count(*), sum(t.state = 'completed')"
      " from studies s left join trials t on t.study = s.id"
      " group by s.id having count(*) <> s.max_trials"
      " or sum(t.state = 'completed') <> s.max_trials"
      " or max(t.number) <> s.max_trials",
      found);
  ExpectNoRows(db, "trials that were not completed by exactly one attempt",
               "select study, trial, sum(outcome = 'COMPLETED') as times"
               " from attempts group by 1, 2 having times <> 1",
               found);
  const Facts stored = ReadFacts(db);
  Compare("max_trials", facts.studies, stored.studies, found);
  Compare("worker", facts.workers, stored.workers, found);
  Compare("outcome", AsStored(facts.outcomes, stored.outcomes), stored.outcomes,
          found);
  Compare("value", facts.values, stored.values, found);
  return found;
}

}  // namespace attune
