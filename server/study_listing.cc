#include "server/study_listing.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/status_macros.h"

namespace attune {
namespace {

const QueryFields& StudyFields() {
  using Kind = QueryField::Kind;
  static const auto& fields = *new QueryFields(
      {{.name = "name", .kind = Kind::kText},
       {.name = "state",
        .kind = Kind::kWord,
        .words = {"active", "paused", "completed", "stopped"}},
       {.name = "create_time", .kind = Kind::kTime},
       {.name = "attributes", .kind = Kind::kText, .has_entries = true}});
  return fields;
}

FieldReader ReaderOf(const Study& study) {
  return [&study](const FieldPath& path) -> FieldValue {
    if (path.name == "name") return study.spec.name;
    if (path.name == "state") return std::string(ToString(study.state));
    if (path.name == "create_time") return study.create_time;
    const auto found = study.attributes.find(path.entry);
    if (found == study.attributes.end()) return std::monostate();
    return found->second;
  };
}

void Sort(const ListOrder& order, std::vector<Study>& studies) {
  std::stable_sort(studies.begin(), studies.end(),
                   [&](const Study& a, const Study& b) {
                     return ComesBefore(order, OrderKey(order, ReaderOf(a)),
                                        OrderKey(order, ReaderOf(b)));
                   });
}

}  // namespace

absl::StatusOr<StudyQuery> ParseStudyQuery(absl::string_view filter,
                                           absl::string_view order_by) {
  StudyQuery query;
  ATTUNE_ASSIGN_OR_RETURN(query.filter, ParseFilter(filter, StudyFields()));
  ATTUNE_ASSIGN_OR_RETURN(query.order, ParseOrder(order_by, StudyFields()));
  return query;
}

absl::StatusOr<StudyListing> ListStudies(const Storage& storage,
                                         const StudyQuery& query, int64_t after,
                                         int64_t count) {
  const bool by_id = query.order.empty();
  // Where everything fits, storage finds the page.
  const bool is_plain = by_id && query.filter.empty();
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<Study> studies,
      storage.ListStudies(
          {.after = {by_id ? after : 0}, .limit = is_plain ? count + 1 : 0}));
  studies.erase(std::remove_if(studies.begin(), studies.end(),
                               [&](const Study& study) {
                                 return !Matches(query.filter, ReaderOf(study));
                               }),
                studies.end());
  if (!by_id) Sort(query.order, studies);
  StudyListing listing;
  const auto size = static_cast<int64_t>(studies.size());
  const int64_t begin = by_id ? 0 : std::min(after, size);
  const int64_t end = begin + std::min(count, size - begin);
  for (int64_t i = begin; i < end; ++i) {
    Study& study = studies[static_cast<size_t>(i)];
    const int64_t place = by_id ? study.id.value : i + 1;
    listing.studies.push_back({std::move(study), place});
  }
  listing.has_more = end < size;
  return listing;
}

}  // namespace attune
