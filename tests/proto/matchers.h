#ifndef ATTUNE_TESTS_PROTO_MATCHERS_H_
#define ATTUNE_TESTS_PROTO_MATCHERS_H_

#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "tests/testing/status_matchers.h"

namespace attune {

MATCHER_P(EqualsProto, expected, "") {
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(expected, arg);
  *result_listener << difference;
  return equal;
}

// The fields of the violations of an INVALID_ARGUMENT.
template <typename T>
std::vector<std::string> FieldsOf(const absl::StatusOr<T>& result) {
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(result, HasReason(reason::kInvalidField));
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(result.status())) {
    fields.push_back(violation.field);
  }
  return fields;
}

}  // namespace attune

#endif  // ATTUNE_TESTS_PROTO_MATCHERS_H_
