#ifndef ATTUNE_CLIENT_REPORT_H_
#define ATTUNE_CLIENT_REPORT_H_

#include <google/protobuf/timestamp.pb.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/format.h"
#include "core/study.h"
#include "proto/types.pb.h"

// Studies and trials as they are shown.
namespace attune {

namespace pb = ::attune::v1;

// The same rows three times.
struct Listing {
  Table table;
  std::vector<CsvColumn> csv;
  Json json = Json::array();
};

// `running`, `completed`, ...: as in the API, in lower case.
std::string StateWord(pb::Trial::State state);
std::string StateWord(pb::Study::State state);
Style StateStyle(pb::Trial::State state);

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);

// How long it has run, or ran; zero before it is started.
absl::Duration RunTime(const pb::Trial& trial, absl::Time now);

// How many trials are in their final state, or in `state`.
int64_t CountFinished(const pb::Study& study);
int64_t Count(const pb::Study& study, const std::string& state);

// The trial's objective at `index`: its result, or while there is none the last
// value of its metric; nullopt if there is neither.
std::optional<double> ObjectiveValue(const pb::Trial& trial,
                                     const StudySpec& spec, size_t index);

// `accuracy 0.91, size 120`: those that have a value, in the study's order.
std::string ObjectivesText(const pb::Trial& trial, const StudySpec& spec);

// `optimizer=adam learning_rate=0.0012`, in the order of the study; of one
// without a search space, in that of the names.
std::string ParametersLine(const pb::Trial& trial, const StudySpec& spec);

// Whether the best trials are a Pareto front, and not a list with a first.
bool HasFront(const pb::StudySpec& spec);
bool HasFront(const StudySpec& spec);

// How many best trials to list in order to have the whole front, if there is
// one; else `count`.
int CountOfBest(bool has_front, int count);

// Of the best trials of a study, as ListBestTrials gives them, the one with the
// best first objective; nullptr if there are none.
const pb::Trial* BestByFirst(const std::vector<pb::Trial>& best,
                             const pb::StudySpec& spec);

// The parameters that trials of the study can have, in its order; of a study
// without a search space, those that these trials have, by name.
std::vector<std::string> ParameterNames(const std::vector<pb::Trial>& trials,
                                        const StudySpec& spec);

// All metrics that these trials have reported, by name.
std::vector<std::string> MetricNames(const std::vector<pb::Trial>& trials);

// Trials of one study. `ranked`: they are the best ones, best first; a front
// has no ranks. `with_metrics`: also the last values of what is no objective.
Listing ListTrials(const std::vector<pb::Trial>& trials, const StudySpec& spec,
                   bool ranked, absl::Time now, bool with_metrics = false);

// One of the last trials that did not end well, and how many before it had the
// same reason.
struct TrialError {
  pb::Trial trial;
  int64_t others = 0;
};

// Of `trials`, the last few that differ in their reasons, the last one first.
std::vector<TrialError> LastErrors(std::vector<pb::Trial> trials);

// A study with the best of its trials, by its first objective; no trial if
// there is none yet.
struct StudySummary {
  pb::Study study;
  std::vector<pb::Trial> best;
};
Listing ListStudies(const std::vector<StudySummary>& studies);

}  // namespace attune

#endif  // ATTUNE_CLIENT_REPORT_H_
