#include "server/study_listing.h"

#include <algorithm>
#include <cstddef>
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

void EraseOthers(const ListFilter& filter, std::vector<Study>& studies) {
  std::erase_if(studies, [&](const Study& study) {
    return !Matches(filter, ReaderOf(study));
  });
}

absl::StatusOr<StudyListing> ListById(const Storage& storage,
                                      const StudyQuery& query, int64_t after,
                                      int64_t count) {
  // One more than asked for tells whether there are more. Which ones fit only
  // we know, so with a filter storage gives all.
  const int64_t limit = query.filter.empty() ? count + 1 : 0;
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<Study> studies,
      storage.ListStudies({.after = {after}, .limit = limit}));
  EraseOthers(query.filter, studies);
  StudyListing listing;
  for (Study& study : studies) {
    if (static_cast<int64_t>(listing.studies.size()) == count) {
      listing.next = listing.studies.back().place;
      return listing;
    }
    const int64_t id = study.id.value;
    listing.studies.push_back({std::move(study), id});
  }
  return listing;
}

struct StudyPlace {
  std::vector<FieldValue> key;
  size_t index = 0;  // among those that fit
};

absl::StatusOr<StudyListing> ListInOrder(const Storage& storage,
                                         const StudyQuery& query, int64_t after,
                                         int64_t count) {
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Study> studies, storage.ListStudies({}));
  EraseOthers(query.filter, studies);
  std::vector<StudyPlace> order;
  order.reserve(studies.size());
  for (size_t i = 0; i < studies.size(); ++i) {
    order.push_back({OrderKey(query.order, ReaderOf(studies[i])), i});
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](const StudyPlace& a, const StudyPlace& b) {
                     return ComesBefore(query.order, a.key, b.key);
                   });
  const auto size = static_cast<int64_t>(order.size());
  const int64_t begin = std::min(after, size);
  const int64_t end = begin + std::min(count, size - begin);
  StudyListing listing;
  for (int64_t place = begin; place < end; ++place) {
    const size_t index = order[static_cast<size_t>(place)].index;
    listing.studies.push_back({std::move(studies[index]), place + 1});
  }
  if (end < size) listing.next = end;
  return listing;
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
  return query.order.empty() ? ListById(storage, query, after, count)
                             : ListInOrder(storage, query, after, count);
}

}  // namespace attune
