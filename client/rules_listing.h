#ifndef ATTUNE_CLIENT_RULES_LISTING_H_
#define ATTUNE_CLIENT_RULES_LISTING_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/report.h"

namespace attune {

// The search algorithms and stopping rules, each with its settings; if `name`
// is not empty, only that one. NOT_FOUND, with the nearest, if there is none.
absl::StatusOr<Listing> ListRules(const std::string& name);

}  // namespace attune

#endif  // ATTUNE_CLIENT_RULES_LISTING_H_
