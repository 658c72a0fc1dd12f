#include "tests/e2e/service.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/strings/substitute.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace attune {

Service StartService(const std::string& db,
                     const std::vector<std::string>& flags,
                     const ProcessOptions& options) {
  std::vector<std::string> argv = {"attuned", "--db", db, "--listen",
                                   "127.0.0.1:0"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  Service service;
  service.process = std::make_unique<Process>(std::move(argv), options);
  if (const std::optional<std::string> line =
          service.process->WaitForLog("event=listening")) {
    if (service.process->WaitForLog("event=ready").has_value()) {
      service.address = LogValue(*line, "address");
    }
  }
  return service;
}

std::unique_ptr<Process> StartWorker(const Service& service,
                                     const std::vector<std::string>& flags,
                                     const ProcessOptions& options) {
  std::vector<std::string> argv = {"attune-worker", "--server",
                                   service.address};
  if (std::count(flags.begin(), flags.end(), "--slots") == 0) {
    argv.insert(argv.end(), {"--slots", "1"});
  }
  argv.insert(argv.end(), flags.begin(), flags.end());
  return std::make_unique<Process>(std::move(argv), options);
}

Finish Attune(const Service& service, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "attune");
  arguments.insert(arguments.end(), {"--server", service.address});
  return RunProgram(std::move(arguments));
}

std::string Sql(const std::string& db, const std::string& sql) {
  const std::string output =
      RunProgram({"/usr/bin/sqlite3", "-readonly", db, sql}).output;
  return std::string(absl::StripSuffix(output, "\n"));
}

bool WaitForSql(const std::string& db, const std::string& sql,
                const std::string& answer) {
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (Sql(db, sql) != answer) {
    if (absl::Now() > deadline) return false;
  }
  return true;
}

std::string SphereStudy(absl::string_view name, int max_trials) {
  return absl::Substitute(R"(name: $0
objective: {metric: value, goal: minimize}
algorithm: random
budget: {max_trials: $1}
parameters:
  x: {min: -5.0, max: 5.0}
  y: {min: -5.0, max: 5.0}
function: sphere
)",
                          name, max_trials);
}

std::string NetworkStudy(absl::string_view name, int max_trials) {
  return absl::Substitute(R"(name: $0
objective: {metric: validation_accuracy, goal: maximize}
algorithm: random
budget: {max_trials: $1}
seed: 3
parameters:
  optimizer: [momentum, adam]
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train:
  dataset: fashion-mnist
  train_examples: 2000
  hidden_layers: [64]
  epochs: 20
)",
                          name, max_trials);
}

}  // namespace attune
