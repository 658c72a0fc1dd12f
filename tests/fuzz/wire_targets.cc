#include <google/protobuf/util/field_comparator.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "core/check.h"
#include "core/coordinator_api.h"
#include "core/error.h"
#include "core/list_query.h"
#include "core/network_settings.h"
#include "core/study.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "server/page_token.h"
#include "server/resume_token.h"
#include "server/study_listing.h"
#include "server/trial_listing.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/refusal.h"

namespace attune {
namespace {

template <typename Message>
bool Parse(absl::string_view bytes, Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// What can be read means the same when it is written and read again.
template <typename Message>
void ReadAndWrite(absl::string_view bytes) {
  Message message;
  if (!Parse(bytes, message)) return;
  const auto read = FromProto(message);
  if (!read.ok()) return CheckRefusal(read.status());
  const auto again = FromProto(ToProto(*read));
  ATTUNE_CHECK(again.ok());
  google::protobuf::util::DefaultFieldComparator fields;
  fields.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&fields);
  ATTUNE_CHECK(differencer.Compare(ToProto(*again), ToProto(*read)));
}

// As a worker takes them.
void ReadLeases(absl::string_view bytes) {
  v1::LeaseTrialsResponse response;
  if (!Parse(bytes, response)) return;
  const auto reply = FromProto(response);
  if (!reply.ok()) return CheckRefusal(reply.status());
  for (const Assignment& assignment : reply->assignments) {
    const std::string folder =
        ArtifactFolder(assignment.study, assignment.study_create_time);
    ATTUNE_CHECK(!absl::StrContains(folder, '/'));
    const auto* network = std::get_if<NetworkTask>(&assignment.task);
    if (network == nullptr) continue;
    const auto config =
        ResolveNetworkConfig(network->settings, assignment.parameters);
    if (!config.ok()) CheckRefusal(config.status());
  }
}

void ReadStatus(absl::string_view details) {
  const absl::Status status = FromGrpc(grpc::Status(
      grpc::StatusCode::INVALID_ARGUMENT, "wrong", std::string(details)));
  ATTUNE_CHECK(absl::IsInvalidArgument(status));
  // What was said is passed on within what a trailer holds.
  const grpc::Status again = ToGrpc(status);
  ATTUNE_CHECK(again.error_details().size() < size_t{6} << 10);
  ATTUNE_CHECK(absl::IsInvalidArgument(FromGrpc(again)));
}

using Reader = void (*)(absl::string_view bytes);

// Numbers in the corpus stand for these: new ones come at the end.
constexpr Reader kReaders[] = {
    &ReadAndWrite<v1::Study>,
    &ReadLeases,
    &ReadAndWrite<v1::RenewLeasesResponse>,
    &ReadAndWrite<v1::Measurement>,
    &ReadStatus,
};

}  // namespace

void FuzzResponses(absl::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes.front());
  kReaders[choice % std::size(kReaders)](bytes.substr(1));
}

void FuzzPageToken(absl::string_view bytes) {
  constexpr absl::string_view kQuery = "ListTrials/1";
  const auto after = ReadPageToken(kQuery, bytes, 0);
  if (after.ok() && !bytes.empty()) {
    ATTUNE_CHECK(MakePageToken(kQuery, *after) == bytes);
  } else if (!after.ok()) {
    CheckRefusal(after.status());
  }
  const auto position = ReadResumeToken({1}, bytes);
  if (position.ok() && !bytes.empty()) {
    ATTUNE_CHECK(MakeResumeToken({1}, *position) == bytes);
  } else if (!position.ok()) {
    CheckRefusal(position.status());
  }
}

void FuzzFilter(absl::string_view bytes) {
  const size_t middle = std::min(bytes.find('\0'), bytes.size());
  const absl::string_view filter = bytes.substr(0, middle);
  const absl::string_view order =
      bytes.substr(std::min(middle + 1, bytes.size()));
  const auto trials = ParseTrialQuery({}, filter, order);
  const auto studies = ParseStudyQuery(filter, order);
  for (const absl::Status& status : {trials.status(), studies.status()}) {
    ATTUNE_CHECK(status.ok() || Violations(status).size() == 1);
  }
  if (!trials.ok()) return;
  // Any values at all, so that every comparison is made.
  const auto read = [&bytes](const FieldPath& path) -> FieldValue {
    switch ((path.entry.size() + bytes.size()) % 4) {
      case 0:
        return 1.0;
      case 1:
        return std::string(path.name);
      case 2:
        return absl::FromUnixSeconds(1);
      default:
        return {};
    }
  };
  Matches(trials->filter, read);
  const std::vector<FieldValue> key = OrderKey(trials->order, read);
  ATTUNE_CHECK(!ComesBefore(trials->order, key, key));
}

}  // namespace attune
