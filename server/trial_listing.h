#ifndef ATTUNE_SERVER_TRIAL_LISTING_H_
#define ATTUNE_SERVER_TRIAL_LISTING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/ids.h"
#include "core/list_query.h"
#include "core/trial.h"
#include "storage/storage.h"

namespace attune {

// Which trials of a study, and in which order. An empty order is by number.
struct TrialQuery {
  std::vector<std::string> states;  // empty: all
  ListFilter filter;
  ListOrder order;
};

// INVALID_ARGUMENT with the violation of `filter` or `order_by`.
absl::StatusOr<TrialQuery> ParseTrialQuery(std::vector<std::string> states,
                                           absl::string_view filter,
                                           absl::string_view order_by);

// A trial and where it stands: what follows begins after its place.
struct ListedTrial {
  Trial trial;
  int64_t place = 0;
};
struct TrialListing {
  std::vector<ListedTrial> trials;
  std::optional<int64_t> next;  // where to go on; absent: there are no more
};

// At most `count` trials after the place, which is 0 at the beginning. By
// number it looks at so many trials at most that a rare one may need several
// calls, of which some find none. Any other order reads the whole study each
// time; RESOURCE_EXHAUSTED if that has more than kMaxSortedTrials.
absl::StatusOr<TrialListing> ListTrials(const Storage& storage, StudyId study,
                                        const TrialQuery& query, int64_t after,
                                        int64_t count);

inline constexpr int64_t kMaxSortedTrials = 200'000;

// The last value of each metric of these trials, by the trial's number; those
// that reported nothing are left out.
absl::StatusOr<std::map<int64_t, Measurement>> ReadLatestMetrics(
    const Storage& storage, StudyId study, const std::vector<Trial>& trials);

}  // namespace attune

#endif  // ATTUNE_SERVER_TRIAL_LISTING_H_
