#include "server/trial_source.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/log.h"
#include "core/random.h"
#include "core/trial_machine.h"
#include "server/failing_workers.h"

namespace attune {
namespace {

// The chance in a suggestion depends on the trial's number, and not on who asks
// when.
Rng SuggestionRng(const BookedStudy& study) {
  return Rng(study.study().spec.seed)
      .Split("suggest")
      .Split(static_cast<uint64_t>(study.created() + 1));
}

Trial NewTrial(const BookedStudy& study, Suggestion suggestion,
               absl::Time now) {
  return {.id = {.study = study.study().id, .number = study.created() + 1},
          .parameters = std::move(suggestion.parameters),
          .tag = std::move(suggestion.tag),
          .seen_revision = study.study().revision,
          .state = Waiting(),
          .create_time = now};
}

bool RanLast(const Trial& trial, const WorkerId& worker) {
  return !trial.attempts.empty() &&
         ProcessOf(trial.attempts.back().worker) == ProcessOf(worker);
}

}  // namespace

absl::Status TrialSource::Supports(const StudySpec& spec) const {
  return make_algorithm_(spec.algorithm)->Supports(spec);
}

std::optional<TrialId> TrialSource::GiveTo(StudyId id,
                                           const LeaseGranted& grant,
                                           absl::Time now, bool leave_own) {
  const BookedStudy* study = book_->Find(id);
  ATTUNE_CHECK(study != nullptr && study->CanHandOut());
  std::optional<Trial> trial = Choose(*study, grant.worker, leave_own, now);
  if (!trial.has_value()) return std::nullopt;
  absl::StatusOr<Trial> leased = Advance(*trial, grant, now);
  ATTUNE_CHECK(leased.ok());
  book_->PutTrial(*std::move(leased));
  return trial->id;
}

std::optional<Trial> TrialSource::Choose(const BookedStudy& study,
                                         const WorkerId& worker, bool leave_own,
                                         absl::Time now) {
  for (const int64_t number : study.waiting()) {
    const Trial& trial = *study.FindTrial(number);
    if (!leave_own || !RanLast(trial, worker)) return trial;
  }
  if (HasSearch(study.study().spec) && study.MayCreate()) {
    std::optional<Suggestion> suggestion = Suggest(study);
    if (suggestion.has_value()) {
      return NewTrial(study, *std::move(suggestion), now);
    }
  }
  if (study.waiting().empty()) return std::nullopt;
  return *study.FindTrial(*study.waiting().begin());
}

bool TrialSource::MayCreate(StudyId id) {
  const BookedStudy* study = book_->Find(id);
  if (!study->MayCreate()) return false;
  if (!HasSearch(study->study().spec)) return true;
  std::optional<Suggestion> suggestion = Suggest(*study);
  if (!suggestion.has_value()) return false;
  book_->SetNextSuggestion(id, *std::move(suggestion));
  return true;
}

std::optional<Suggestion> TrialSource::Suggest(const BookedStudy& study) {
  if (study.next_suggestion().has_value()) return study.next_suggestion();
  Rng rng = SuggestionRng(study);
  absl::StatusOr<std::vector<Suggestion>> points =
      make_algorithm_(study.study().spec.algorithm)
          ->Suggest(study.search_view(), 1, rng);
  if (!points.ok()) return SuggestAtRandom(study, points.status());
  if (points->empty()) {
    book_->EndSearch(study.study().id,
                     "every point of the search space was tried");
    return std::nullopt;
  }
  return std::move(points->front());
}

std::optional<Suggestion> TrialSource::SuggestAtRandom(
    const BookedStudy& study, const absl::Status& why) {
  const Study& record = study.study();
  const std::string failure =
      absl::StrCat(record.spec.algorithm.name, " failed: ", why.message());
  Log(LogLevel::kWarning, "search_failed",
      {{"study", record.spec.name},
       {"trial", absl::StrCat(study.created() + 1)},
       {"error", failure}});
  Rng rng = SuggestionRng(study);
  absl::StatusOr<std::vector<Suggestion>> points =
      make_algorithm_(Algorithm())->Suggest(study.search_view(), 1, rng);
  if (!points.ok() || points->empty()) {
    book_->EndSearch(
        record.id, absl::StrCat(failure, "; and random search found no point",
                                points.ok() ? "" : ": ",
                                points.ok() ? "" : points.status().message()));
    return std::nullopt;
  }
  Suggestion suggestion = std::move(points->front());
  suggestion.tag = absl::StrCat("random, as ", failure);
  return suggestion;
}

}  // namespace attune
