#ifndef ATTUNE_SERVER_COMMAND_H_
#define ATTUNE_SERVER_COMMAND_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "core/attributes.h"
#include "core/coordinator_api.h"
#include "core/ids.h"
#include "core/search_space.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/coordinator_status.h"

namespace attune {

// One call, as data. There is one struct for each rpc that changes something;
// each says what it is answered with.

struct CreateStudy {  // Study
  StudySpec spec;
  Attributes attributes = {};  // of a new one
};
enum class StudyField {
  kAttributes,
  kMaxTrials,
  kMaxParallel,
  kMaxDuration,
  kMaxFailed
};
struct UpdateStudy {  // Study
  std::string study;
  std::optional<int64_t> revision;  // that it must have; absent: any
  std::set<StudyField> fields;      // those to change, at least one
  Budget budget;
  Attributes attributes;
};
struct DeleteStudy {  // nothing
  std::string study;
  std::optional<int64_t> revision = std::nullopt;  // as in UpdateStudy
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
struct PlannedTrial {
  Parameters parameters;
  Attributes attributes;
};
struct CreateTrials {  // TrialsReply
  std::string study;
  std::vector<PlannedTrial> trials;
  std::string request_id;  // empty: none
};
struct SuggestTrials {  // LeaseReply
  std::string study;
  WorkerId worker;
  int64_t count = 1;
  std::string request_id;  // empty: none
};
struct UpdateTrial {  // TrialsReply with one trial; so are the next three
  std::string study;
  int64_t number = 0;
  std::optional<int64_t> revision;  // as in UpdateStudy
  Attributes attributes;
};
struct CancelTrial {
  std::string study;
  int64_t number = 0;
  std::string reason;
};
struct StopTrial {
  std::string study;
  int64_t number = 0;
  std::string reason;
};
struct RetryTrial {  // the new trial
  std::string study;
  int64_t number = 0;
};
struct DescribeCoordinator {};  // CoordinatorStatus
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

using Command =
    std::variant<CreateStudy, UpdateStudy, DeleteStudy, PauseStudy, ResumeStudy,
                 StopStudy, CreateTrials, SuggestTrials, UpdateTrial,
                 CancelTrial, StopTrial, RetryTrial, DescribeCoordinator,
                 LeaseTrials, RenewLeases, ReportMeasurements, FinishTrial,
                 ReleaseTrial>;

struct TrialsReply {
  std::string study;  // its name
  std::vector<Trial> trials;
};

using Reply = std::variant<std::monostate, Study, TrialsReply, LeaseReply,
                           Verdict, std::vector<Verdict>, CoordinatorStatus>;

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
