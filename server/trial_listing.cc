#include "server/trial_listing.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "core/overloaded.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr int64_t kChunk = 1000;
// So many trials one call looks at, where few of them fit.
constexpr int64_t kMaxScanned = 20'000;

const QueryFields& TrialFields() {
  using Kind = QueryField::Kind;
  static const auto& fields = *new QueryFields(
      {{.name = "number", .kind = Kind::kNumber},
       {.name = "state", .kind = Kind::kWord, .words = TrialStateNames()},
       {.name = "create_time", .kind = Kind::kTime},
       {.name = "parameters", .kind = Kind::kAny, .has_entries = true},
       {.name = "metrics", .kind = Kind::kNumber, .has_entries = true},
       {.name = "attributes", .kind = Kind::kText, .has_entries = true}});
  return fields;
}

FieldValue ToFieldValue(const ParameterValue& value) {
  return std::visit(
      Overloaded{
          [](double number) { return FieldValue(number); },
          [](int64_t number) {
            return FieldValue(static_cast<double>(number));
          },
          [](const std::string& text) { return FieldValue(text); },
          [](bool truth) { return FieldValue(truth ? "true" : "false"); }},
      value);
}

template <typename Map>
FieldValue Entry(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  if (found == map.end()) return std::monostate();
  return found->second;
}

FieldValue Entry(const Parameters& parameters, const std::string& name) {
  const std::optional<ParameterValue> found = parameters.Find(name);
  if (!found.has_value()) return std::monostate();
  return ToFieldValue(*found);
}

FieldValue Read(const Trial& trial, const Measurement* latest,
                const FieldPath& path) {
  if (path.name == "number") return static_cast<double>(trial.id.number);
  if (path.name == "state") return std::string(StateName(trial.state));
  if (path.name == "create_time") return trial.create_time;
  if (path.name == "parameters") return Entry(trial.parameters, path.entry);
  if (path.name == "attributes") return Entry(trial.attributes, path.entry);
  if (latest == nullptr) return std::monostate();
  return Entry(latest->metrics, path.entry);
}

bool NeedsMetrics(const TrialQuery& query) {
  constexpr absl::string_view kMetrics = "metrics";
  return std::any_of(query.filter.begin(), query.filter.end(),
                     [&](const Comparison& one) {
                       return one.field.name == kMetrics;
                     }) ||
         std::any_of(
             query.order.begin(), query.order.end(),
             [&](const OrderTerm& one) { return one.field.name == kMetrics; });
}

// Goes through the trials of a study by number, from chunk to chunk.
class Scan {
 public:
  Scan(const Storage& storage, StudyId study, const TrialQuery& query,
       int64_t after)
      : storage_(storage), study_(study), query_(query), after_(after) {}

  // The next trials, at most `limit`, those that do not fit included; empty at
  // the end.
  absl::StatusOr<std::vector<Trial>> ReadChunk(int64_t limit) {
    ATTUNE_ASSIGN_OR_RETURN(std::vector<Trial> trials,
                            storage_.ListTrials({.study = study_,
                                                 .states = query_.states,
                                                 .after_number = after_,
                                                 .limit = limit}));
    if (!trials.empty()) after_ = trials.back().id.number;
    latest_.clear();
    if (NeedsMetrics(query_)) {
      ATTUNE_ASSIGN_OR_RETURN(latest_,
                              ReadLatestMetrics(storage_, study_, trials));
    }
    return trials;
  }

  // Of a trial of the last chunk.
  FieldReader ReaderOf(const Trial& trial) const {
    const auto found = latest_.find(trial.id.number);
    const Measurement* latest =
        found == latest_.end() ? nullptr : &found->second;
    return [&trial, latest](const FieldPath& path) {
      return Read(trial, latest, path);
    };
  }

 private:
  const Storage& storage_;
  const StudyId study_;
  const TrialQuery& query_;
  int64_t after_ = 0;
  std::map<int64_t, Measurement> latest_;
};

absl::StatusOr<TrialListing> ListByNumber(const Storage& storage, StudyId study,
                                          const TrialQuery& query,
                                          int64_t after, int64_t count) {
  Scan scan(storage, study, query, after);
  TrialListing listing;
  // One more than asked for tells whether there are more.
  const int64_t chunk =
      query.filter.empty() ? count + 1 : std::max(count + 1, kChunk);
  for (int64_t scanned = 0; scanned < kMaxScanned; scanned += chunk) {
    ATTUNE_ASSIGN_OR_RETURN(std::vector<Trial> trials, scan.ReadChunk(chunk));
    for (Trial& trial : trials) {
      const int64_t number = trial.id.number;
      if (!Matches(query.filter, scan.ReaderOf(trial))) continue;
      if (static_cast<int64_t>(listing.trials.size()) == count) {
        listing.next = listing.trials.back().place;
        return listing;
      }
      listing.trials.push_back({std::move(trial), number});
    }
    if (static_cast<int64_t>(trials.size()) < chunk) {
      listing.next.reset();
      return listing;
    }
    listing.next = trials.back().id.number;
  }
  return listing;
}

struct Sortable {
  std::vector<FieldValue> key;
  int64_t number = 0;
};

// The numbers of all trials that fit, in their order.
absl::StatusOr<std::vector<int64_t>> SortedNumbers(const Storage& storage,
                                                   StudyId study,
                                                   const TrialQuery& query) {
  Scan scan(storage, study, query, 0);
  std::vector<Sortable> found;
  while (true) {
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<Trial> trials,
                            scan.ReadChunk(kChunk));
    for (const Trial& trial : trials) {
      const FieldReader reader = scan.ReaderOf(trial);
      if (!Matches(query.filter, reader)) continue;
      found.push_back({OrderKey(query.order, reader), trial.id.number});
    }
    if (static_cast<int64_t>(trials.size()) < kChunk) break;
  }
  std::stable_sort(found.begin(), found.end(),
                   [&](const Sortable& a, const Sortable& b) {
                     return ComesBefore(query.order, a.key, b.key);
                   });
  std::vector<int64_t> numbers;
  numbers.reserve(found.size());
  for (const Sortable& one : found) numbers.push_back(one.number);
  return numbers;
}

absl::Status CheckSortable(const Storage& storage, StudyId study) {
  ATTUNE_ASSIGN_OR_RETURN(const StateCounts counts, storage.CountTrials(study));
  int64_t total = 0;
  for (const auto& [state, count] : counts) total += count;
  if (total <= kMaxSortedTrials) return absl::OkStatus();
  return Error(
      absl::StatusCode::kResourceExhausted, reason::kTooLarge,
      absl::StrCat("order_by: found a study of ", total,
                   " trials, expected at most ", kMaxSortedTrials,
                   "; without it trials come by number, and ListBestTrials "
                   "gives the best first"));
}

absl::StatusOr<TrialListing> ListSorted(const Storage& storage, StudyId study,
                                        const TrialQuery& query, int64_t after,
                                        int64_t count) {
  ATTUNE_RETURN_IF_ERROR(CheckSortable(storage, study));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<int64_t> numbers,
                          SortedNumbers(storage, study, query));
  const auto size = static_cast<int64_t>(numbers.size());
  const int64_t begin = std::min(after, size);
  const int64_t end = begin + std::min(count, size - begin);
  TrialListing listing;
  for (int64_t place = begin; place < end; ++place) {
    ATTUNE_ASSIGN_OR_RETURN(
        std::vector<Trial> trials,
        storage.ListTrials(
            {.study = study, .number = numbers[static_cast<size_t>(place)]}));
    if (trials.empty()) continue;  // the study was deleted meanwhile
    listing.trials.push_back({std::move(trials.front()), place + 1});
  }
  if (end < size) listing.next = end;
  return listing;
}

}  // namespace

absl::StatusOr<TrialQuery> ParseTrialQuery(std::vector<std::string> states,
                                           absl::string_view filter,
                                           absl::string_view order_by) {
  TrialQuery query = {.states = std::move(states)};
  ATTUNE_ASSIGN_OR_RETURN(query.filter, ParseFilter(filter, TrialFields()));
  ATTUNE_ASSIGN_OR_RETURN(query.order, ParseOrder(order_by, TrialFields()));
  // So they come without an order, page by page however many there are.
  if (query.order.size() == 1 && query.order[0].field.name == "number" &&
      !query.order[0].descending) {
    query.order.clear();
  }
  return query;
}

absl::StatusOr<TrialListing> ListTrials(const Storage& storage, StudyId study,
                                        const TrialQuery& query, int64_t after,
                                        int64_t count) {
  return query.order.empty() ? ListByNumber(storage, study, query, after, count)
                             : ListSorted(storage, study, query, after, count);
}

absl::StatusOr<std::map<int64_t, Measurement>> ReadLatestMetrics(
    const Storage& storage, StudyId study, const std::vector<Trial>& trials) {
  std::map<int64_t, Measurement> by_number;
  if (trials.empty()) return by_number;
  std::vector<int64_t> numbers;
  for (const Trial& trial : trials) numbers.push_back(trial.id.number);
  std::sort(numbers.begin(), numbers.end());
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<TrialMeasurements> latest,
      storage.ListMeasurements({.study = study,
                                .numbers = std::move(numbers),
                                .latest_only = true}));
  for (TrialMeasurements& of_trial : latest) {
    if (of_trial.measurements.empty()) continue;
    by_number[of_trial.trial.number] = std::move(of_trial.measurements.back());
  }
  return by_number;
}

}  // namespace attune
