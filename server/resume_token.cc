#include "server/resume_token.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/error.h"
#include "server/page_token.h"

namespace attune {
namespace {

// Two page tokens, with a character between them that neither has.
constexpr char kSeparator = '.';

std::string QueryOf(absl::string_view part, StudyId study) {
  return absl::StrCat("WatchStudy/", part, "/", study.value);
}

}  // namespace

std::string MakeResumeToken(StudyId study, const WatchPosition& position) {
  return absl::StrCat(MakePageToken(QueryOf("study", study), position.study),
                      std::string(1, kSeparator),
                      MakePageToken(QueryOf("trials", study), position.trials));
}

absl::StatusOr<WatchPosition> ReadResumeToken(StudyId study,
                                              absl::string_view token) {
  WatchPosition position;
  if (token.empty()) return position;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits(kSeparator, 1));
  const absl::StatusOr<int64_t> of_study =
      ReadPageToken(QueryOf("study", study), parts.first, -1);
  const absl::StatusOr<int64_t> of_trials =
      ReadPageToken(QueryOf("trials", study), parts.second, -1);
  if (of_study.ok() && of_trials.ok()) {
    position = {.study = *of_study, .trials = *of_trials};
    if (MakeResumeToken(study, position) == token) return position;
  }
  return InvalidFields(
      {{.field = "resume_token",
        .description = "found a text that is not the resume_token of an answer "
                       "about the same study"}});
}

}  // namespace attune
