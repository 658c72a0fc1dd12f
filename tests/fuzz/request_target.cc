#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/check.h"
#include "proto/study_service.pb.h"
#include "proto/worker_service.pb.h"
#include "server/command.h"
#include "server/coordinator.h"
#include "server/study_queries.h"
#include "server/study_requests.h"
#include "server/worker_requests.h"
#include "storage/memory_storage.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

constexpr size_t kMostCalls = 32;

// Never a word of our own failure: what is wrong is the caller's mistake.
void CheckAnswer(const absl::Status& status) {
  if (status.ok()) return;
  ATTUNE_CHECK(!status.message().empty());
  ATTUNE_CHECK(!absl::IsInternal(status) && !absl::IsUnknown(status));
}

// A coordinator with one study, `s`, on a storage in memory.
class Target {
 public:
  Target() : queries_(&storage_) {
    auto opened = Coordinator::Open(&storage_, {}, now_);
    ATTUNE_CHECK(opened.ok());
    coordinator_ = *std::move(opened);
    Do(CreateStudy{.spec = MakeStudySpec("s"), .attributes = {}});
  }
  ~Target() { coordinator_->AnswerWaiting(); }

  void Do(Command command) {
    std::vector<Request> batch;
    batch.push_back({.command = std::move(command),
                     .done = [](const absl::StatusOr<Reply>& reply) {
                       CheckAnswer(reply.status());
                     }});
    now_ += absl::Seconds(1);
    coordinator_->Process(std::move(batch), now_);
    coordinator_->Tick(now_);
  }

  template <typename Message>
  void Change(absl::string_view bytes) {
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return;
    }
    absl::StatusOr<Command> command = ToCommand(message);
    if (!command.ok()) return CheckAnswer(command.status());
    Do(*std::move(command));
  }

  template <typename Message, typename Response>
  void Read(absl::StatusOr<Response> (StudyQueries::*read)(const Message&)
                const,
            absl::string_view bytes) {
    Message message;
    if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      CheckAnswer((queries_.*read)(message).status());
    }
  }

  // One call of either service.
  void Call(uint8_t method, absl::string_view bytes);

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  MemoryStorage storage_;
  const StudyQueries queries_;
  std::unique_ptr<Coordinator> coordinator_;
};

using Method = void (*)(Target& target, absl::string_view bytes);

template <typename Message>
constexpr Method kChange = [](Target& target, absl::string_view bytes) {
  target.Change<Message>(bytes);
};
template <auto kRead>
constexpr Method kQuery =
    [](Target& target, absl::string_view bytes) { target.Read(kRead, bytes); };

// Numbers in the corpus stand for these: new ones come at the end.
constexpr Method kMethods[] = {
    kChange<v1::CreateStudyRequest>,
    kChange<v1::UpdateStudyRequest>,
    kChange<v1::DeleteStudyRequest>,
    kChange<v1::PauseStudyRequest>,
    kChange<v1::ResumeStudyRequest>,
    kChange<v1::StopStudyRequest>,
    kChange<v1::CreateTrialsRequest>,
    kChange<v1::SuggestTrialsRequest>,
    kChange<v1::UpdateTrialRequest>,
    kChange<v1::CancelTrialRequest>,
    kChange<v1::StopTrialRequest>,
    kChange<v1::RetryTrialRequest>,
    kChange<v1::LeaseTrialsRequest>,
    kChange<v1::RenewLeasesRequest>,
    kChange<v1::ReportMeasurementsRequest>,
    kChange<v1::CompleteTrialRequest>,
    kChange<v1::FailTrialRequest>,
    kChange<v1::ReleaseTrialRequest>,
    kQuery<&StudyQueries::GetStudy>,
    kQuery<&StudyQueries::ListStudies>,
    kQuery<&StudyQueries::GetTrial>,
    kQuery<&StudyQueries::ListTrials>,
    kQuery<&StudyQueries::ListBestTrials>,
    kQuery<&StudyQueries::ListMeasurements>,
};

void Target::Call(uint8_t method, absl::string_view bytes) {
  kMethods[method % std::size(kMethods)](*this, bytes);
}

}  // namespace

void FuzzRequests(absl::string_view bytes) {
  Target target;
  const auto byte = [&bytes](size_t i) {
    return static_cast<uint8_t>(bytes[i]);
  };
  for (size_t calls = 0; calls < kMostCalls && bytes.size() >= 3; ++calls) {
    const uint8_t method = byte(0);
    const size_t length = (size_t{byte(1)} << 8) | byte(2);
    bytes.remove_prefix(3);
    target.Call(method, bytes.substr(0, length));
    bytes.remove_prefix(std::min(length, bytes.size()));
  }
}

}  // namespace attune
