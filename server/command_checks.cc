#include "server/command_checks.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/attributes.h"
#include "core/error.h"
#include "core/overloaded.h"
#include "core/search_space.h"

namespace attune {
namespace {

using ViolationList = std::vector<Violation>;

// Enough to see what is wrong, in an answer that stays small.
constexpr size_t kMaxViolations = 20;

void CheckCount(absl::string_view field, size_t found, size_t least,
                size_t most, ViolationList& violations) {
  if (found >= least && found <= most) return;
  violations.push_back(
      {std::string(field), absl::StrCat("has ", found, " entries, expected ",
                                        least, " to ", most)});
}

void CheckName(const std::string& field, const std::string& name, size_t most,
               ViolationList& violations) {
  if (!name.empty() && name.size() <= most) return;
  violations.push_back({field, absl::StrCat("is a name of ", name.size(),
                                            " bytes, expected 1 to ", most)});
}

void CheckWorkers(const std::vector<WorkerId>& workers,
                  ViolationList& violations) {
  CheckCount("workers", workers.size(), 1, kMaxWorkers, violations);
  std::set<WorkerId> seen;
  for (size_t i = 0; i < workers.size(); ++i) {
    const std::string field = absl::StrCat("workers[", i, "]");
    CheckName(field, workers[i].value, kMaxWorkerLength, violations);
    if (!seen.insert(workers[i]).second) {
      violations.push_back(
          {field, absl::StrCat("'", workers[i].value,
                               "' is there twice, expected each worker once")});
    }
  }
}

void CheckMeasurement(const std::string& field, const Measurement& measurement,
                      ViolationList& violations) {
  if (measurement.step < 0) {
    violations.push_back(
        {absl::StrCat(field, ".step"),
         absl::StrCat("is ", measurement.step, ", expected 0 or more")});
  }
  CheckCount(absl::StrCat(field, ".metrics"), measurement.metrics.size(), 1,
             kMaxMetrics, violations);
  for (const auto& [name, value] : measurement.metrics) {
    CheckName(absl::StrCat(field, ".metrics"), name, kMaxMetricLength,
              violations);
  }
}

void CheckMeasurements(const std::vector<Measurement>& measurements,
                       ViolationList& violations) {
  CheckCount("measurements", measurements.size(), 0, kMaxMeasurements,
             violations);
  for (size_t i = 0; i < measurements.size(); ++i) {
    if (violations.size() >= kMaxViolations) return;
    CheckMeasurement(absl::StrCat("measurements[", i, "]"), measurements[i],
                     violations);
  }
}

void CheckRequestId(const std::string& request_id, ViolationList& violations) {
  if (request_id.size() <= kMaxRequestIdLength) return;
  violations.push_back({"request_id", absl::StrCat("has ", request_id.size(),
                                                   " bytes, expected at most ",
                                                   kMaxRequestIdLength)});
}

void CheckAttributes(const std::string& field, const Attributes& attributes,
                     ViolationList& violations) {
  for (Violation& violation : Validate(attributes, field)) {
    violations.push_back(std::move(violation));
  }
}

// What holds for the parameters of every study.
void CheckParameters(const std::string& field, const Parameters& parameters,
                     ViolationList& violations) {
  CheckCount(field, parameters.size(), 0, size_t{kMaxParameters}, violations);
  for (const auto& [name, value] : parameters) {
    if (!IsName(name)) {
      violations.push_back(
          {field, absl::StrCat("has the name '", name,
                               "', expected a letter or _ and then up to 62 "
                               "letters, digits, _, . or -")});
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->size() > size_t{kMaxTextLength}) {
      violations.push_back(
          {absl::StrCat(field, ".", name),
           absl::StrCat("is a text of ", text->size(),
                        " bytes, expected at most ", kMaxTextLength)});
    }
  }
}

void CheckNewTrials(const CreateTrials& create, ViolationList& violations) {
  CheckRequestId(create.request_id, violations);
  CheckCount("trials", create.trials.size(), 1, kMaxNewTrials, violations);
  for (size_t i = 0; i < create.trials.size(); ++i) {
    if (violations.size() >= kMaxViolations) return;
    const std::string field = absl::StrCat("trials[", i, "].");
    const auto& [parameters, attributes] = create.trials[i];
    CheckParameters(absl::StrCat(field, "parameters"), parameters, violations);
    CheckAttributes(absl::StrCat(field, "attributes"), attributes, violations);
  }
}

void CheckSuggest(const SuggestTrials& suggest, ViolationList& violations) {
  CheckRequestId(suggest.request_id, violations);
  CheckName("worker", suggest.worker.value, kMaxWorkerLength, violations);
  if (suggest.count < 1 || suggest.count > int64_t{kMaxNewTrials}) {
    violations.push_back(
        {"count", absl::StrCat("is ", suggest.count, ", expected 1 to ",
                               kMaxNewTrials)});
  }
}

}  // namespace

absl::Status Check(const Command& command) {
  ViolationList violations;
  std::visit(
      Overloaded{
          [&](const CreateStudy& create) {
            CheckAttributes("attributes", create.attributes, violations);
          },
          [&](const UpdateStudy& update) {
            CheckAttributes("study.attributes", update.attributes, violations);
          },
          [&](const CreateTrials& create) {
            CheckNewTrials(create, violations);
          },
          [&](const SuggestTrials& suggest) {
            CheckSuggest(suggest, violations);
          },
          [&](const UpdateTrial& update) {
            CheckAttributes("trial.attributes", update.attributes, violations);
          },
          [&](const LeaseTrials& lease) {
            CheckWorkers(lease.request.workers, violations);
          },
          [&](const RenewLeases& renew) {
            CheckCount("tokens", renew.tokens.size(), 0, kMaxTokens,
                       violations);
          },
          [&](const ReportMeasurements& report) {
            CheckMeasurements(report.measurements, violations);
          },
          [&](const FinishTrial& finish) {
            CheckMeasurements(finish.measurements, violations);
          },
          [](const auto&) {}},
      command);
  if (violations.empty()) return absl::OkStatus();
  if (violations.size() > kMaxViolations) violations.resize(kMaxViolations);
  return InvalidFields(violations);
}

}  // namespace attune
