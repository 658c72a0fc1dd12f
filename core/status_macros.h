#ifndef ATTUNE_CORE_STATUS_MACROS_H_
#define ATTUNE_CORE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function if `expr` is not OK.
#define ATTUNE_RETURN_IF_ERROR(expr)                                \
  do {                                                              \
    if (absl::Status attune_status = (expr); !attune_status.ok()) { \
      return attune_status;                                         \
    }                                                               \
  } while (false)

// Assigns the value of the StatusOr `expr` to `lhs`, or returns its status.
#define ATTUNE_ASSIGN_OR_RETURN(lhs, expr) \
  ATTUNE_ASSIGN_OR_RETURN_IMPL(            \
      ATTUNE_STATUS_CONCAT(attune_statusor_, __LINE__), lhs, expr)

#define ATTUNE_ASSIGN_OR_RETURN_IMPL(statusor, lhs, expr)  \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)

#define ATTUNE_STATUS_CONCAT(a, b) ATTUNE_STATUS_CONCAT_INNER(a, b)
#define ATTUNE_STATUS_CONCAT_INNER(a, b) a##b

#endif  // ATTUNE_CORE_STATUS_MACROS_H_
