#ifndef ATTUNE_CLIENT_STATUS_REPORT_H_
#define ATTUNE_CLIENT_STATUS_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/report.h"
#include "client/study_summary.h"
#include "proto/study_service.pb.h"

// How a coordinator is doing, as it is shown.
namespace attune {

// All but the workers.
std::vector<SummaryLine> StatusLines(const pb::ServerStatus& status,
                                     absl::Time now);

// A table of the workers and its columns in CSV; as JSON one object with
// everything, the workers' rows under `workers`.
Listing ListStatus(const pb::ServerStatus& status, absl::Time now);

// Tells a person once when a coordinator cannot write any more.
class CommitWatch {
 public:
  // What is to be said of `commits` that was not said before; mostly nothing.
  // What failed before the first look is past.
  std::string Look(const pb::CommitStatus& commits);

 private:
  std::optional<int64_t> failures_;
  int64_t count_ = 0;
  std::string said_;  // why it cannot write; empty: it can
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_STATUS_REPORT_H_
