#ifndef ATTUNE_CLIENT_SETTINGS_LISTING_H_
#define ATTUNE_CLIENT_SETTINGS_LISTING_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/report.h"
#include "core/setting.h"

namespace attune {

// `> 0`, `0 ... 1`, `sgd, adam`: the values that a setting can have.
std::string DescribeValues(const Setting& setting);

// What a network study can set and tune.
Listing ListSettings();

// One of them in full; its nearest in the error if there is none of that name.
absl::StatusOr<Listing> ListSetting(const std::string& name);

}  // namespace attune

#endif  // ATTUNE_CLIENT_SETTINGS_LISTING_H_
