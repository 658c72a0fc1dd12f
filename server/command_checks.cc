#include "server/command_checks.h"

#include <algorithm>
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

// What is wrong with a command, and what is only too much of a good thing.
struct Findings {
  std::vector<Violation> violations;
  bool has_wrong = false;

  void Wrong(Violation violation) {
    violations.push_back(std::move(violation));
    has_wrong = true;
  }
  void TooLarge(Violation violation) {
    violations.push_back(std::move(violation));
  }
};

// Enough to see what is wrong, in an answer that stays small.
constexpr size_t kMaxViolations = 20;

void CheckCount(absl::string_view field, size_t found, size_t least,
                size_t most, Findings& findings) {
  if (found >= least && found <= most) return;
  Violation violation = {
      std::string(field),
      absl::StrCat("has ", found, " entries, expected ", least, " to ", most)};
  if (found < least) return findings.Wrong(std::move(violation));
  findings.TooLarge(std::move(violation));
}

bool IsNameOf(const std::string& name, size_t most) {
  return !name.empty() && name.size() <= most;
}

void CheckName(const std::string& field, const std::string& name, size_t most,
               Findings& findings) {
  if (IsNameOf(name, most)) return;
  Violation violation = {field, absl::StrCat("is a name of ", name.size(),
                                             " bytes, expected 1 to ", most)};
  if (name.empty()) return findings.Wrong(std::move(violation));
  findings.TooLarge(std::move(violation));
}

void CheckWorkers(const std::vector<WorkerId>& workers, Findings& findings) {
  CheckCount("workers", workers.size(), 1, kMaxWorkers, findings);
  std::set<WorkerId> seen;
  for (size_t i = 0; i < workers.size(); ++i) {
    const std::string field = absl::StrCat("workers[", i, "]");
    CheckName(field, workers[i].value, kMaxWorkerLength, findings);
    if (!seen.insert(workers[i]).second) {
      findings.Wrong(
          {field, absl::StrCat("'", workers[i].value,
                               "' is there twice, expected each worker once")});
    }
  }
}

// As CheckMeasurement() finds it, without words: nearly all are right.
bool IsRight(const Measurement& measurement) {
  return measurement.step >= 0 && !measurement.metrics.empty() &&
         measurement.metrics.size() <= kMaxMetrics &&
         std::all_of(measurement.metrics.begin(), measurement.metrics.end(),
                     [](const auto& metric) {
                       return IsNameOf(metric.first, kMaxMetricLength);
                     });
}

void CheckMeasurement(const std::string& field, const Measurement& measurement,
                      Findings& findings) {
  if (measurement.step < 0) {
    findings.Wrong(
        {absl::StrCat(field, ".step"),
         absl::StrCat("is ", measurement.step, ", expected 0 or more")});
  }
  CheckCount(absl::StrCat(field, ".metrics"), measurement.metrics.size(), 1,
             kMaxMetrics, findings);
  for (const auto& [name, value] : measurement.metrics) {
    CheckName(absl::StrCat(field, ".metrics"), name, kMaxMetricLength,
              findings);
  }
}

void CheckMeasurements(const std::vector<Measurement>& measurements,
                       Findings& findings) {
  CheckCount("measurements", measurements.size(), 0, kMaxMeasurements,
             findings);
  for (size_t i = 0; i < measurements.size(); ++i) {
    if (findings.violations.size() >= kMaxViolations) return;
    if (IsRight(measurements[i])) continue;
    CheckMeasurement(absl::StrCat("measurements[", i, "]"), measurements[i],
                     findings);
  }
}

void CheckRequestId(const std::string& request_id, Findings& findings) {
  if (request_id.size() <= kMaxRequestIdLength) return;
  findings.TooLarge({"request_id", absl::StrCat("has ", request_id.size(),
                                                " bytes, expected at most ",
                                                kMaxRequestIdLength)});
}

void CheckAttributes(const std::string& field, const Attributes& attributes,
                     Findings& findings) {
  for (Violation& violation : Validate(attributes, field)) {
    findings.Wrong(std::move(violation));
  }
}

// What holds for the parameters of every study.
void CheckParameters(const std::string& field, const Parameters& parameters,
                     Findings& findings) {
  CheckCount(field, parameters.size(), 0, size_t{kMaxParameters}, findings);
  for (const auto& [name, value] : parameters) {
    if (!IsName(name)) {
      findings.Wrong(
          {field, absl::StrCat("has the name '", name,
                               "', expected a letter or _ and then up to 62 "
                               "letters, digits, _, . or -")});
    }
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->size() > size_t{kMaxTextLength}) {
      findings.TooLarge(
          {absl::StrCat(field, ".", name),
           absl::StrCat("is a text of ", text->size(),
                        " bytes, expected at most ", kMaxTextLength)});
    }
  }
}

void CheckNewTrials(const CreateTrials& create, Findings& findings) {
  CheckRequestId(create.request_id, findings);
  CheckCount("trials", create.trials.size(), 1, kMaxNewTrials, findings);
  for (size_t i = 0; i < create.trials.size(); ++i) {
    if (findings.violations.size() >= kMaxViolations) return;
    const std::string field = absl::StrCat("trials[", i, "].");
    const auto& [parameters, attributes] = create.trials[i];
    CheckParameters(absl::StrCat(field, "parameters"), parameters, findings);
    CheckAttributes(absl::StrCat(field, "attributes"), attributes, findings);
  }
}

void CheckSuggest(const SuggestTrials& suggest, Findings& findings) {
  CheckRequestId(suggest.request_id, findings);
  CheckName("worker", suggest.worker.value, kMaxWorkerLength, findings);
  Violation count = {"count", absl::StrCat("is ", suggest.count,
                                           ", expected 1 to ", kMaxNewTrials)};
  if (suggest.count < 1) return findings.Wrong(std::move(count));
  if (suggest.count > int64_t{kMaxNewTrials}) {
    findings.TooLarge(std::move(count));
  }
}

// As InvalidFields(), for a command that would be right if it were smaller.
absl::Status TooMuch(const std::vector<Violation>& violations) {
  absl::Status status =
      Error(absl::StatusCode::kResourceExhausted, reason::kTooLarge,
            InvalidFields(violations).message());
  SetViolations(violations, status);
  return status;
}

}  // namespace

absl::Status Check(const Command& command) {
  Findings findings;
  std::visit(
      Overloaded{
          [&](const CreateStudy& create) {
            CheckAttributes("attributes", create.attributes, findings);
          },
          [&](const UpdateStudy& update) {
            CheckAttributes("study.attributes", update.attributes, findings);
          },
          [&](const CreateTrials& create) { CheckNewTrials(create, findings); },
          [&](const SuggestTrials& suggest) {
            CheckSuggest(suggest, findings);
          },
          [&](const UpdateTrial& update) {
            CheckAttributes("trial.attributes", update.attributes, findings);
          },
          [&](const LeaseTrials& lease) {
            CheckWorkers(lease.request.workers, findings);
          },
          [&](const RenewLeases& renew) {
            CheckCount("tokens", renew.tokens.size(), 0, kMaxTokens, findings);
          },
          [&](const ReportMeasurements& report) {
            CheckMeasurements(report.measurements, findings);
          },
          [&](const FinishTrial& finish) {
            CheckMeasurements(finish.measurements, findings);
          },
          [](const auto&) {}},
      command);
  std::vector<Violation>& violations = findings.violations;
  if (violations.empty()) return absl::OkStatus();
  if (violations.size() > kMaxViolations) violations.resize(kMaxViolations);
  return findings.has_wrong ? InvalidFields(violations) : TooMuch(violations);
}

}  // namespace attune
