#ifndef ATTUNE_CLIENT_TRIAL_SUMMARY_H_
#define ATTUNE_CLIENT_TRIAL_SUMMARY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/report.h"
#include "client/study_summary.h"

// One trial in full, for `show --trial`.
namespace attune {

// A file that a trial has left: `model`, and its path.
struct TrialFile {
  std::string what;
  std::string path;
};

// State, objectives, parameters, metrics, times, attempts, attributes and
// files, with all the digits there are.
std::vector<SummaryLine> TrialLines(const pb::Trial& trial,
                                    const StudySpec& spec,
                                    const std::vector<TrialFile>& files,
                                    absl::Time now);

// The same as a listing of one row: as ListTrials() with metrics, and in JSON
// with `created`, `ended`, `last_step`, `failure_cause`, an object for each of
// `attempt_list`, and the files.
Listing ListTrial(const pb::Trial& trial, const StudySpec& spec,
                  const std::vector<TrialFile>& files, absl::Time now);

}  // namespace attune

#endif  // ATTUNE_CLIENT_TRIAL_SUMMARY_H_
