#ifndef ATTUNE_TESTS_TESTING_STATUS_MATCHERS_H_
#define ATTUNE_TESTS_TESTING_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/error.h"
#include "gmock/gmock.h"

// Named and meant like those of today's Abseil, so that they can go one day.
namespace attune {

inline const absl::Status& GetStatus(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& statusor) {
  return statusor.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << "which is " << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}

MATCHER_P(StatusIs, code, "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << "which is " << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code;
}

MATCHER_P2(StatusIs, code, message,
           "has the code " + absl::StatusCodeToString(code)) {
  *result_listener << "which is " << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code &&
         testing::ExplainMatchResult(
             message, std::string(GetStatus(arg).message()), result_listener);
}

MATCHER_P(HasReason, reason, "has the reason " + std::string(reason)) {
  *result_listener << "which has the reason '" << Reason(GetStatus(arg))
                   << "': " << GetStatus(arg).ToString();
  return Reason(GetStatus(arg)) == std::string(reason);
}

MATCHER_P(IsOkAndHolds, value, "is OK and holds a matching value") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status().ToString();
    return false;
  }
  return testing::ExplainMatchResult(value, *arg, result_listener);
}

}  // namespace attune

#define ATTUNE_ASSERT_OK(expr) ASSERT_THAT(expr, ::attune::IsOk())
#define ATTUNE_EXPECT_OK(expr) EXPECT_THAT(expr, ::attune::IsOk())

// Assigns the value of a StatusOr or fails the test.
#define ATTUNE_ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ATTUNE_ASSERT_OK_AND_ASSIGN_IMPL(            \
      ATTUNE_TEST_CONCAT(attune_test_statusor_, __LINE__), lhs, expr)
#define ATTUNE_ASSERT_OK_AND_ASSIGN_IMPL(statusor, lhs, expr) \
  auto statusor = (expr);                                     \
  ASSERT_THAT(statusor, ::attune::IsOk());                    \
  lhs = *std::move(statusor)
#define ATTUNE_TEST_CONCAT(a, b) ATTUNE_TEST_CONCAT_INNER(a, b)
#define ATTUNE_TEST_CONCAT_INNER(a, b) a##b

#endif  // ATTUNE_TESTS_TESTING_STATUS_MATCHERS_H_
