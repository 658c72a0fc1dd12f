#ifndef ATTUNE_TESTS_E2E_SERVICE_H_
#define ATTUNE_TESTS_E2E_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/e2e/process.h"

namespace attune {

// A running `attuned`, ready, on a free port of loopback.
struct Service {
  std::unique_ptr<Process> process;
  std::string address;  // empty: it did not come up; see process->Log()
};

Service StartService(const std::string& db,
                     const std::vector<std::string>& flags = {},
                     const ProcessOptions& options = {});

// A worker of `service`, with one slot if `flags` do not say otherwise.
std::unique_ptr<Process> StartWorker(const Service& service,
                                     const std::vector<std::string>& flags = {},
                                     const ProcessOptions& options = {});

// `attune` with `arguments`, asking `service`.
Finish Attune(const Service& service, std::vector<std::string> arguments);

// What `sqlite3` answers to `sql`, columns separated by `|`, without the last
// newline.
std::string Sql(const std::string& db, const std::string& sql);

// Asks the database again and again until `sql` answers `answer`, two minutes
// at most.
bool WaitForSql(const std::string& db, const std::string& sql,
                const std::string& answer);

// A study file that computes `sphere` in two dimensions.
std::string SphereStudy(absl::string_view name, int max_trials);

// A study file that trains small networks on Fashion-MNIST, each long enough to
// be interrupted.
std::string NetworkStudy(absl::string_view name, int max_trials);

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_SERVICE_H_
