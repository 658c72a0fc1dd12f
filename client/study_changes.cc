#include "client/study_changes.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/assignments.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

constexpr char kNone[] = "none";

// `option` is `--max-trials` where `path` is `spec.budget.max_trials`.
absl::Status ReadCount(const std::string& option, const std::string& path,
                       const std::string& text, StudyUpdate& update,
                       std::optional<int64_t>& limit) {
  if (text.empty()) return absl::OkStatus();
  update.paths.push_back(path);
  if (text == kNone) return absl::OkStatus();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  int64_t count = 0;
  if (!absl::SimpleAtoi(text, &count) || count < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, ": found `", text,
                     "`, expected an integer from 1 to ", kMost, ", or none"));
  }
  limit = count;
  return absl::OkStatus();
}

absl::Status ReadDuration(const std::string& text, StudyUpdate& update) {
  if (text.empty()) return absl::OkStatus();
  update.paths.emplace_back("spec.budget.max_duration");
  if (text == kNone) return absl::OkStatus();
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration) ||
      duration <= absl::ZeroDuration() ||
      duration == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--max-duration: found `", text,
        "`, expected a duration such as 90s, 10m or 1h30m, or none"));
  }
  update.budget.max_duration = duration;
  StudySpec spec;
  spec.budget = update.budget;
  for (const Violation& violation : Validate(spec)) {
    if (violation.field != "budget.max_duration") continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--max-duration: ", violation.description));
  }
  return absl::OkStatus();
}

absl::Status ReadAttributeChanges(const StudyChanges& changes,
                                  StudyUpdate& update) {
  absl::StatusOr<Attributes> attributes = ReadAttributes(changes.attributes);
  if (!attributes.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--attribute: ", attributes.status().message()));
  }
  update.attributes = *std::move(attributes);
  for (const std::string& name : changes.removed_attributes) {
    if (update.attributes.count(name) > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--remove-attribute: found `", name,
                       "`, which --attribute sets; expected one of the two"));
    }
    update.removed_attributes.insert(name);
  }
  if (update.ChangesAttributes()) update.paths.emplace_back("attributes");
  return absl::OkStatus();
}

void AddChange(const std::string& what, const Json& before, const Json& now,
               Listing& listing) {
  if (before == now) return;
  const auto text = [](const Json& value) {
    if (value.is_null()) return std::string(kNone);
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  listing.table.rows.push_back(
      {{.text = what}, {.text = text(before)}, {.text = text(now)}});
  listing.json.push_back({{"changed", what}, {"before", before}, {"now", now}});
}

Json JsonLimit(const std::optional<int64_t>& count) {
  return count.has_value() ? Json(*count) : Json(nullptr);
}

Json JsonLimit(const std::optional<absl::Duration>& duration) {
  return duration.has_value() ? Json(absl::FormatDuration(*duration))
                              : Json(nullptr);
}

Json JsonAttribute(const Attributes& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? Json(nullptr) : Json(found->second);
}

}  // namespace

absl::StatusOr<StudyUpdate> ReadChanges(const StudyChanges& changes) {
  StudyUpdate update;
  Budget& budget = update.budget;
  ATTUNE_RETURN_IF_ERROR(ReadCount("--max-trials", "spec.budget.max_trials",
                                   changes.max_trials, update,
                                   budget.max_trials));
  ATTUNE_RETURN_IF_ERROR(ReadCount("--max-parallel", "spec.budget.max_parallel",
                                   changes.max_parallel, update,
                                   budget.max_parallel));
  ATTUNE_RETURN_IF_ERROR(ReadDuration(changes.max_duration, update));
  ATTUNE_RETURN_IF_ERROR(ReadCount("--max-failed", "spec.budget.max_failed",
                                   changes.max_failed, update,
                                   budget.max_failed));
  ATTUNE_RETURN_IF_ERROR(ReadAttributeChanges(changes, update));
  if (update.paths.empty()) {
    return absl::InvalidArgumentError(
        "found nothing to change, expected one of --max-trials, "
        "--max-parallel, --max-duration, --max-failed, --attribute, "
        "--remove-attribute");
  }
  return update;
}

absl::StatusOr<pb::Study> Updated(const pb::Study& study,
                                  const StudyUpdate& update) {
  pb::Study wanted;
  wanted.set_name(study.name());
  StudySpec spec;
  spec.budget = update.budget;
  *wanted.mutable_spec()->mutable_budget() = ToProto(spec).budget();
  if (!update.ChangesAttributes()) return wanted;
  wanted.set_etag(study.etag());
  Attributes attributes = FromProto(study.attributes());
  for (const std::string& name : update.removed_attributes) {
    if (attributes.erase(name) > 0) continue;
    std::vector<std::string> names;
    for (const auto& [known, text] : attributes) names.push_back(known);
    const std::string nearest = NearestName(name, names);
    return absl::NotFoundError(absl::StrCat(
        "the study `", absl::StripPrefix(study.name(), "studies/"),
        "` has no attribute `", name, "`, and nothing was changed",
        nearest.empty() ? ""
                        : absl::StrCat("; did you mean `", nearest, "`?")));
  }
  for (const auto& [name, text] : update.attributes) attributes[name] = text;
  wanted.mutable_attributes()->insert(attributes.begin(), attributes.end());
  return wanted;
}

absl::StatusOr<pb::Study> UpdateStudy(StudyClient& client,
                                      const StudyUpdate& update,
                                      pb::Study& seen) {
  constexpr int kTimes = 5;
  ATTUNE_ASSIGN_OR_RETURN(const std::string name, ParseStudyName(seen.name()));
  for (int i = 1;; ++i) {
    ATTUNE_ASSIGN_OR_RETURN(const pb::Study wanted, Updated(seen, update));
    absl::StatusOr<pb::Study> now = client.UpdateStudy(wanted, update.paths);
    if (Reason(now.status()) != reason::kRevisionMismatch || i == kTimes) {
      return now;
    }
    ATTUNE_ASSIGN_OR_RETURN(seen, client.GetStudy(name));
  }
}

absl::StatusOr<Listing> ListChanges(const pb::Study& before,
                                    const pb::Study& now) {
  ATTUNE_ASSIGN_OR_RETURN(const Budget old, FromProto(before.spec().budget()));
  ATTUNE_ASSIGN_OR_RETURN(const Budget budget, FromProto(now.spec().budget()));
  Listing listing;
  for (const char* title : {"changed", "before", "now"}) {
    listing.table.columns.push_back({.title = title});
    listing.csv.push_back({.title = title, .path = {title}});
  }
  AddChange("state", StateWord(before.state()), StateWord(now.state()),
            listing);
  AddChange("max_trials", JsonLimit(old.max_trials),
            JsonLimit(budget.max_trials), listing);
  AddChange("max_parallel", JsonLimit(old.max_parallel),
            JsonLimit(budget.max_parallel), listing);
  AddChange("max_duration", JsonLimit(old.max_duration),
            JsonLimit(budget.max_duration), listing);
  AddChange("max_failed", JsonLimit(old.max_failed),
            JsonLimit(budget.max_failed), listing);
  const Attributes noted = FromProto(before.attributes());
  const Attributes attributes = FromProto(now.attributes());
  Attributes all = noted;
  all.insert(attributes.begin(), attributes.end());
  for (const auto& [name, text] : all) {
    AddChange(absl::StrCat("attributes.", name), JsonAttribute(noted, name),
              JsonAttribute(attributes, name), listing);
  }
  return listing;
}

}  // namespace attune
