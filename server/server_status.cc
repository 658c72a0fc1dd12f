#include "server/server_status.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <utility>
#include <variant>

#include "core/check.h"
#include "core/version.h"
#include "proto/convert.h"
#include "proto/convert_parts.h"
#include "proto/text.h"

namespace attune {
namespace {

constexpr size_t kMaxError = 1024;  // bytes

void WriteCommits(const CommitTimes& times, v1::CommitStatus& out) {
  out.set_count(times.count);
  out.set_failures(times.failures);
  convert::WriteDuration(times.median, *out.mutable_median());
  convert::WriteDuration(times.p99, *out.mutable_p99());
  convert::WriteDuration(times.longest, *out.mutable_longest());
  if (times.last_error.empty()) return;
  out.set_last_error(FitText(times.last_error, kMaxError));
  convert::WriteTime(times.last_error_time, *out.mutable_last_error_time());
}

void WriteCoordinator(const CoordinatorStatus& status, v1::ServerStatus& out) {
  for (const auto& [state, count] : status.studies) {
    (*out.mutable_study_counts())[std::string(ToString(state))] = count;
  }
  out.set_running_trials(status.running_trials);
  out.set_waiting_calls(status.waiting_calls);
  out.set_worker_count(status.worker_count);
  for (const WorkerContact& contact : status.workers) {
    v1::WorkerStatus& worker = *out.add_workers();
    worker.set_worker(contact.worker.value);
    if (!contact.study.empty()) {
      worker.set_trial(TrialName(contact.study, contact.trial));
    }
    convert::WriteTime(contact.last_contact,
                       *worker.mutable_last_contact_time());
  }
}

}  // namespace

v1::ServerStatus ServerStatusSource::MakeMessage() const {
  v1::ServerStatus out;
  out.set_version(std::string(Version()));
  out.set_database(facts_.database);
  out.set_read_only(facts_.read_only);
  convert::WriteTime(facts_.start_time, *out.mutable_start_time());
  for (const std::string& address : addresses_) out.add_addresses(address);
  out.set_watchers(watches_->watchers());
  WriteCommits(storage_->times(), *out.mutable_commits());
  return out;
}

void ServerStatusSource::Answer(RpcAnswer answer) const {
  v1::ServerStatus message = MakeMessage();
  if (loop_ == nullptr) return answer.Send(message);
  message.set_queued_calls(loop_->queued());
  loop_->Post({.command = DescribeCoordinator(),
               .done =
                   [message = std::move(message), answer = std::move(answer)](
                       absl::StatusOr<Reply> reply) mutable {
                     if (!reply.ok()) return answer.Fail(reply.status());
                     const auto* status =
                         std::get_if<CoordinatorStatus>(&*reply);
                     ATTUNE_CHECK(status != nullptr);
                     WriteCoordinator(*status, message);
                     answer.Send(message);
                   },
               .abandoned = nullptr});
}

}  // namespace attune
