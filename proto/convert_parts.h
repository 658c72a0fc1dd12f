#ifndef ATTUNE_PROTO_CONVERT_PARTS_H_
#define ATTUNE_PROTO_CONVERT_PARTS_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/error.h"
#include "core/search_space.h"
#include "core/study.h"
#include "proto/types.pb.h"

// What the files of proto/convert share; not for others. Each Read...() appends
// what is wrong with a message at `field` to `violations` and returns the best
// it can, so that all violations are found at once.
namespace attune::convert {

namespace pb = ::attune::v1;

using Problems = std::vector<Violation>;
using ValueMap = google::protobuf::Map<std::string, pb::ParameterValue>;

// `value`, unless there are violations.
template <typename T>
absl::StatusOr<T> Checked(T value, const Problems& violations) {
  if (!violations.empty()) return InvalidFields(violations);
  return value;
}

// `field.part`; `part` alone if `field` is empty.
std::string Join(absl::string_view field, absl::string_view part);

ParameterValue ReadValue(const pb::ParameterValue& value,
                         absl::string_view field, Problems& violations);
Parameters ReadValues(const ValueMap& values, absl::string_view field,
                      Problems& violations);
void WriteValues(const Parameters& parameters, ValueMap& values);

absl::Duration ReadDuration(const google::protobuf::Duration& duration,
                            absl::string_view field, Problems& violations);
void WriteDuration(absl::Duration duration, google::protobuf::Duration& out);

absl::Time ReadTime(const google::protobuf::Timestamp& time,
                    absl::string_view field, Problems& violations);
void WriteTime(absl::Time time, google::protobuf::Timestamp& out);

Objective ReadObjective(const pb::Objective& objective, absl::string_view field,
                        Problems& violations);
pb::Objective WriteObjective(const Objective& objective);

Task ReadTask(const pb::Task& task, Problems& violations);
// Leaves `out` unset for std::monostate.
void WriteTask(const Task& task, pb::Task& out);

}  // namespace attune::convert

#endif  // ATTUNE_PROTO_CONVERT_PARTS_H_
