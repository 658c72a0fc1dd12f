#ifndef ATTUNE_SERVER_COMMAND_H_
#define ATTUNE_SERVER_COMMAND_H_

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "core/coordinator_api.h"
#include "core/study.h"
#include "core/trial.h"

namespace attune {

// One call, as data. There is one struct for each rpc that changes something;
// each says what it is answered with.

struct CreateStudy {  // Study
  StudySpec spec;
};
struct DeleteStudy {  // nothing
  std::string study;
};
struct PauseStudy {  // Study
  std::string study;
};
struct ResumeStudy {  // Study
  std::string study;
};
struct StopStudy {  // Study
  std::string study;
};
struct LeaseTrials {  // LeaseReply, perhaps later, see LeaseRequest::wait
  LeaseRequest request;
};
struct RenewLeases {  // one Verdict for each token
  std::vector<LeaseToken> tokens;
};
struct ReportMeasurements {  // Verdict
  LeaseToken token;
  std::vector<Measurement> measurements;
};
struct FinishTrial {  // nothing
  LeaseToken token;
  std::vector<Measurement> measurements;
  Outcome outcome;
};
struct ReleaseTrial {  // nothing
  LeaseToken token;
};

using Command = std::variant<CreateStudy, DeleteStudy, PauseStudy, ResumeStudy,
                             StopStudy, LeaseTrials, RenewLeases,
                             ReportMeasurements, FinishTrial, ReleaseTrial>;

using Reply = std::variant<std::monostate, Study, LeaseReply, Verdict,
                           std::vector<Verdict>>;

// `done` is called exactly once, on the coordinator's thread, and must not
// block.
struct Request {
  Command command;
  absl::AnyInvocable<void(absl::StatusOr<Reply>)> done;
  // Whether the caller has gone meanwhile, so that a request to lease that has
  // waited gets no trial any more. May be empty; not called after `done`.
  std::function<bool()> abandoned;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_COMMAND_H_
