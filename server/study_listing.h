#ifndef ATTUNE_SERVER_STUDY_LISTING_H_
#define ATTUNE_SERVER_STUDY_LISTING_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/list_query.h"
#include "core/study.h"
#include "storage/storage.h"

namespace attune {

// Which studies, and in which order. An empty order is by id.
struct StudyQuery {
  ListFilter filter;
  ListOrder order;
};

// INVALID_ARGUMENT with the violation of `filter` or `order_by`.
absl::StatusOr<StudyQuery> ParseStudyQuery(absl::string_view filter,
                                           absl::string_view order_by);

// A study and where it stands: what follows begins after its place.
struct ListedStudy {
  Study study;
  int64_t place = 0;
};
struct StudyListing {
  std::vector<ListedStudy> studies;
  std::optional<int64_t> next;  // where to go on; absent: there are no more
};

// At most `count` studies after the place, which is 0 at the beginning.
absl::StatusOr<StudyListing> ListStudies(const Storage& storage,
                                         const StudyQuery& query, int64_t after,
                                         int64_t count);

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_LISTING_H_
