#include "server/study_queries.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/error.h"
#include "core/ranking.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "server/page_token.h"
#include "server/study_listing.h"
#include "server/trial_listing.h"

namespace attune {
namespace {

constexpr int64_t kDefaultPage = 100;
constexpr int64_t kMaxPage = 1000;
constexpr int64_t kDefaultBest = 10;
constexpr int64_t kDefaultMeasurements = 1000;
constexpr int64_t kMaxMeasurements = 10'000;
constexpr int64_t kMaxChanges = 500;

// Fills a page with messages until it has `count` of them or is too large. It
// always takes the first, however large.
template <typename Message>
class Page {
 public:
  Page(int64_t count, google::protobuf::RepeatedPtrField<Message>* out)
      : count_(count), out_(out) {}

  // False if there is no room.
  bool Add(Message message) {
    bytes_ += message.ByteSizeLong();
    if (out_->size() >= count_ || (!out_->empty() && bytes_ > kMaxPageBytes)) {
      return false;
    }
    *out_->Add() = std::move(message);
    return true;
  }

 private:
  const int64_t count_;
  google::protobuf::RepeatedPtrField<Message>* const out_;
  size_t bytes_ = 0;
};

// The states' names in storage, in the order of their numbers.
absl::StatusOr<std::vector<std::string>> StateNames(
    const v1::ListTrialsRequest& request) {
  std::map<int, std::string> names;
  std::vector<Violation> violations;
  for (int i = 0; i < request.states_size(); ++i) {
    const v1::Trial::State state = request.states(i);
    if (state == v1::Trial::STATE_UNSPECIFIED ||
        !v1::Trial::State_IsValid(state)) {
      violations.push_back(
          {.field = absl::StrCat("states[", i, "]"),
           .description =
               absl::StrCat("found ", int{state}, ", expected a Trial.State")});
      continue;
    }
    names[state] = absl::AsciiStrToLower(v1::Trial::State_Name(state));
  }
  if (!violations.empty()) return InvalidFields(violations);
  std::vector<std::string> result;
  for (auto& [number, name] : names) result.push_back(std::move(name));
  return result;
}

// What binds a page's token to its query: texts of any content, told apart.
std::string QueryText(absl::string_view method,
                      std::initializer_list<absl::string_view> parts) {
  std::string text(method);
  for (const absl::string_view part : parts) {
    absl::StrAppend(&text, "/", part.size(), ":", part);
  }
  return text;
}

}  // namespace

absl::StatusOr<Study> StudyQueries::FindStudy(absl::string_view name) const {
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Study> studies,
                          storage_->ListStudies({.name = std::string(name)}));
  if (studies.empty()) {
    return Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
                 absl::StrCat("there is no study `", name, "`"),
                 StudyName(name));
  }
  return std::move(studies.front());
}

absl::StatusOr<Trial> StudyQueries::FindTrial(const Study& study,
                                              int64_t number) const {
  ATTUNE_ASSIGN_OR_RETURN(
      std::vector<Trial> trials,
      storage_->ListTrials({.study = study.id, .number = number}));
  if (trials.empty()) {
    return Error(
        absl::StatusCode::kNotFound, reason::kTrialNotFound,
        absl::StrCat("study `", study.spec.name, "` has no trial ", number),
        TrialName(study.spec.name, number));
  }
  return std::move(trials.front());
}

absl::StatusOr<v1::Study> StudyQueries::WithCounts(const Study& study) const {
  v1::Study out = ToProto(study);
  ATTUNE_ASSIGN_OR_RETURN(const StateCounts counts,
                          storage_->CountTrials(study.id));
  out.mutable_trial_counts()->insert(counts.begin(), counts.end());
  return out;
}

absl::StatusOr<std::vector<v1::Trial>> StudyQueries::WithMetrics(
    const Study& study, const std::vector<Trial>& trials) const {
  ATTUNE_ASSIGN_OR_RETURN(const auto latest,
                          ReadLatestMetrics(*storage_, study.id, trials));
  std::vector<v1::Trial> result;
  for (const Trial& trial : trials) {
    const auto found = latest.find(trial.id.number);
    result.push_back(ToProto(trial, study.spec.name,
                             found == latest.end() ? nullptr : &found->second));
  }
  return result;
}

absl::StatusOr<v1::Study> StudyQueries::GetStudy(
    const v1::GetStudyRequest& request) const {
  ATTUNE_ASSIGN_OR_RETURN(const std::string name,
                          ParseStudyName(request.name()));
  ATTUNE_ASSIGN_OR_RETURN(const Study study, FindStudy(name));
  return WithCounts(study);
}

absl::StatusOr<v1::ListStudiesResponse> StudyQueries::ListStudies(
    const v1::ListStudiesRequest& request) const {
  ATTUNE_ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size(),
                                                       kDefaultPage, kMaxPage));
  ATTUNE_ASSIGN_OR_RETURN(
      const StudyQuery query,
      ParseStudyQuery(request.filter(), request.order_by()));
  const std::string text =
      QueryText("ListStudies", {request.filter(), request.order_by()});
  ATTUNE_ASSIGN_OR_RETURN(const int64_t after,
                          ReadPageToken(text, request.page_token(), 0));
  ATTUNE_ASSIGN_OR_RETURN(const StudyListing listing,
                          attune::ListStudies(*storage_, query, after, size));
  v1::ListStudiesResponse response;
  Page<v1::Study> page(size, response.mutable_studies());
  std::optional<int64_t> next = listing.next;
  for (size_t i = 0; i < listing.studies.size(); ++i) {
    ATTUNE_ASSIGN_OR_RETURN(v1::Study message,
                            WithCounts(listing.studies[i].study));
    if (!page.Add(std::move(message))) {
      next = listing.studies[i - 1].place;
      break;
    }
  }
  if (next.has_value()) {
    response.set_next_page_token(MakePageToken(text, *next));
  }
  return response;
}

absl::StatusOr<v1::Trial> StudyQueries::GetTrial(
    const v1::GetTrialRequest& request) const {
  ATTUNE_ASSIGN_OR_RETURN(const ParsedTrialName name,
                          ParseTrialName(request.name()));
  ATTUNE_ASSIGN_OR_RETURN(const Study study, FindStudy(name.study));
  ATTUNE_ASSIGN_OR_RETURN(Trial trial, FindTrial(study, name.number));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<v1::Trial> messages,
                          WithMetrics(study, {std::move(trial)}));
  return std::move(messages.front());
}

absl::StatusOr<v1::ListTrialsResponse> StudyQueries::ListTrials(
    const v1::ListTrialsRequest& request) const {
  ATTUNE_ASSIGN_OR_RETURN(const std::string name,
                          ParseStudyName(request.parent(), "parent"));
  ATTUNE_ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size(),
                                                       kDefaultPage, kMaxPage));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<std::string> states, StateNames(request));
  ATTUNE_ASSIGN_OR_RETURN(
      const TrialQuery query,
      ParseTrialQuery(std::move(states), request.filter(), request.order_by()));
  ATTUNE_ASSIGN_OR_RETURN(const Study study, FindStudy(name));
  const std::string text =
      QueryText("ListTrials",
                {absl::StrCat(study.id.value), absl::StrJoin(query.states, ","),
                 request.filter(), request.order_by()});
  ATTUNE_ASSIGN_OR_RETURN(const int64_t after,
                          ReadPageToken(text, request.page_token(), 0));
  ATTUNE_ASSIGN_OR_RETURN(
      TrialListing listing,
      attune::ListTrials(*storage_, study.id, query, after, size));
  std::vector<Trial> trials;
  for (ListedTrial& listed : listing.trials) {
    trials.push_back(std::move(listed.trial));
  }
  ATTUNE_ASSIGN_OR_RETURN(std::vector<v1::Trial> messages,
                          WithMetrics(study, trials));
  v1::ListTrialsResponse response;
  Page<v1::Trial> page(size, response.mutable_trials());
  std::optional<int64_t> next = listing.next;
  for (size_t i = 0; i < messages.size(); ++i) {
    if (!page.Add(std::move(messages[i]))) {
      next = listing.trials[i - 1].place;
      break;
    }
  }
  if (next.has_value()) {
    response.set_next_page_token(MakePageToken(text, *next));
  }
  return response;
}

absl::StatusOr<std::vector<Trial>> StudyQueries::BestOf(const Study& study,
                                                        int64_t most) const {
  if (study.spec.objectives.size() == 1) {
    return storage_->ListTrials(
        {.study = study.id, .order = TrialOrder::kBestFirst, .limit = most});
  }
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<Trial> completed,
      storage_->ListTrials({.study = study.id, .states = {"completed"}}));
  std::vector<Trial> front = ParetoFront(completed, study.spec.objectives);
  if (static_cast<int64_t>(front.size()) > most) {
    front.erase(front.begin() + most, front.end());
  }
  return front;
}

absl::StatusOr<v1::ListBestTrialsResponse> StudyQueries::ListBestTrials(
    const v1::ListBestTrialsRequest& request) const {
  ATTUNE_ASSIGN_OR_RETURN(const std::string name,
                          ParseStudyName(request.parent(), "parent"));
  ATTUNE_ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size(),
                                                       kDefaultBest, kMaxPage));
  ATTUNE_ASSIGN_OR_RETURN(const Study study, FindStudy(name));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Trial> trials, BestOf(study, size));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<v1::Trial> messages,
                          WithMetrics(study, trials));
  v1::ListBestTrialsResponse response;
  Page<v1::Trial> page(size, response.mutable_trials());
  for (v1::Trial& message : messages) {
    if (!page.Add(std::move(message))) break;
  }
  return response;
}

absl::StatusOr<StudyId> StudyQueries::FindStudyId(
    absl::string_view resource) const {
  ATTUNE_ASSIGN_OR_RETURN(const std::string name, ParseStudyName(resource));
  ATTUNE_ASSIGN_OR_RETURN(const Study study, FindStudy(name));
  return study.id;
}

absl::StatusOr<v1::WatchStudyResponse> StudyQueries::ReadChanges(
    StudyId id, WatchPosition& position) const {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Study> studies,
                          storage_->ListStudies({.id = id}));
  if (studies.empty()) {
    return Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
                 "the study was deleted");
  }
  const Study& study = studies.front();
  v1::WatchStudyResponse response;
  if (study.change > position.study) {
    ATTUNE_ASSIGN_OR_RETURN(*response.mutable_study(), WithCounts(study));
    position.study = study.change;
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Trial> trials,
                          storage_->ListTrials({.study = id,
                                                .order = TrialOrder::kByChange,
                                                .after_change = position.trials,
                                                .limit = kMaxChanges}));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<v1::Trial> messages,
                          WithMetrics(study, trials));
  Page<v1::Trial> page(kMaxChanges, response.mutable_trials());
  for (size_t i = 0; i < messages.size(); ++i) {
    if (!page.Add(std::move(messages[i]))) break;
    position.trials = trials[i].change;
  }
  response.set_resume_token(MakeResumeToken(id, position));
  return response;
}

absl::StatusOr<v1::ListMeasurementsResponse> StudyQueries::ListMeasurements(
    const v1::ListMeasurementsRequest& request) const {
  ATTUNE_ASSIGN_OR_RETURN(const ParsedTrialName name,
                          ParseTrialName(request.parent(), "parent"));
  ATTUNE_ASSIGN_OR_RETURN(
      const int64_t size,
      PageSize(request.page_size(), kDefaultMeasurements, kMaxMeasurements));
  ATTUNE_ASSIGN_OR_RETURN(const Study study, FindStudy(name.study));
  ATTUNE_ASSIGN_OR_RETURN(const Trial trial, FindTrial(study, name.number));
  const std::string query =
      absl::StrCat("ListMeasurements/", study.id.value, "/", trial.id.number);
  ATTUNE_ASSIGN_OR_RETURN(const int64_t after,
                          ReadPageToken(query, request.page_token(), -1));
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<TrialMeasurements> found,
      storage_->ListMeasurements(
          {.study = study.id, .numbers = {{trial.id.number}}}));
  v1::ListMeasurementsResponse response;
  if (found.empty()) return response;
  Page<v1::Measurement> page(size, response.mutable_measurements());
  for (const Measurement& measurement : found.front().measurements) {
    if (measurement.step <= after) continue;
    if (!page.Add(ToProto(measurement))) {
      const auto& last = *response.measurements().rbegin();
      response.set_next_page_token(MakePageToken(query, last.step()));
      break;
    }
  }
  return response;
}

}  // namespace attune
