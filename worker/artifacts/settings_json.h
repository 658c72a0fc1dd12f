#ifndef ATTUNE_WORKER_ARTIFACTS_SETTINGS_JSON_H_
#define ATTUNE_WORKER_ARTIFACTS_SETTINGS_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/search_space.h"

namespace attune {

// `{"batch_size": 64, "learning_rate": 0.01}`: the same values give the same
// text, and reading it gives the same values, their types included.
std::string SettingsToJson(const Parameters& settings);

// DATA_LOSS for what is no such text.
absl::StatusOr<Parameters> SettingsFromJson(absl::string_view json);

// `["no", "yes"]`.
std::string NamesToJson(const std::vector<std::string>& names);

}  // namespace attune

#endif  // ATTUNE_WORKER_ARTIFACTS_SETTINGS_JSON_H_
