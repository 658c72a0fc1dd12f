#ifndef ATTUNE_CLIENT_STUDY_CLIENT_H_
#define ATTUNE_CLIENT_STUDY_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/attributes.h"
#include "core/study.h"
#include "proto/study_service.pb.h"
#include "proto/types.pb.h"
#include "proto/worker_service.pb.h"

namespace attune {

namespace pb = ::attune::v1;

// Which things of a list, and in which order; empty: all, as they come.
struct ListQuery {
  std::string filter;
  std::string order_by;
};

// The calls that people make, one method each; studies are named without
// `studies/`. Errors are the coordinator's own, with the reasons of
// core/error.h; UNAVAILABLE and DEADLINE_EXCEEDED without a reason mean that it
// was not reached. Thread-safe.
class StudyClient {
 public:
  // `host:port` or `unix:PATH`. Connects with the first call.
  explicit StudyClient(const std::string& address);
  ~StudyClient();
  StudyClient(const StudyClient&) = delete;
  StudyClient& operator=(const StudyClient&) = delete;

  const std::string& address() const { return address_; }

  // Whether it takes calls, by the health service. Has up to `timeout` for
  // that. `wait`: one that refuses a connection may still be starting.
  absl::Status Check(absl::Duration timeout, bool wait = true);

  absl::StatusOr<pb::Study> CreateStudy(const StudySpec& spec,
                                        const Attributes& attributes);
  absl::StatusOr<pb::Study> GetStudy(const std::string& study);
  // All pages of those that the query, see ListStudiesRequest, asks for.
  absl::StatusOr<std::vector<pb::Study>> ListStudies(
      const ListQuery& query = {});
  absl::Status DeleteStudy(const std::string& study);
  absl::StatusOr<pb::Study> PauseStudy(const std::string& study);
  absl::StatusOr<pb::Study> ResumeStudy(const std::string& study);
  absl::StatusOr<pb::Study> StopStudy(const std::string& study);
  // The fields of `study` that `paths` name, as in UpdateStudyRequest.
  absl::StatusOr<pb::Study> UpdateStudy(const pb::Study& study,
                                        const std::vector<std::string>& paths);

  absl::StatusOr<pb::Trial> GetTrial(const std::string& study, int64_t number);
  // Of one of `states`, or of any if there are none, and those of them that the
  // query, see ListTrialsRequest, asks for; the first `limit`, or all if that
  // is 0.
  absl::StatusOr<std::vector<pb::Trial>> ListTrials(
      const std::string& study, const std::vector<pb::Trial::State>& states,
      int64_t limit, const ListQuery& query = {});
  absl::StatusOr<std::vector<pb::Trial>> ListBestTrials(
      const std::string& study, int count);

  // All or none. `request_id` may be empty.
  absl::StatusOr<std::vector<pb::Trial>> CreateTrials(
      const std::string& study, const std::vector<pb::Trial>& trials,
      const std::string& request_id);
  // `reason` may be empty.
  absl::StatusOr<pb::Trial> CancelTrial(const std::string& study,
                                        int64_t number,
                                        const std::string& reason);
  absl::StatusOr<pb::Trial> StopTrial(const std::string& study, int64_t number,
                                      const std::string& reason);
  absl::StatusOr<pb::Trial> RetryTrial(const std::string& study,
                                       int64_t number);

  absl::StatusOr<pb::ServerStatus> GetServerStatus();

  // As a worker does; for previews.
  absl::StatusOr<std::vector<pb::Lease>> LeaseTrials(
      const std::string& study, const std::vector<std::string>& workers,
      absl::Duration wait);

  // Hands back the running attempt of `trial`, for a worker that cannot do it
  // any more. FAILED_PRECONDITION, LEASE_LOST, if it runs no more.
  absl::Status ReleaseTrial(const pb::Study& study, const pb::Trial& trial);

 private:
  struct Stubs;
  const std::string address_;
  const std::unique_ptr<Stubs> stubs_;
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_STUDY_CLIENT_H_
