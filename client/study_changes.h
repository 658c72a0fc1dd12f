#ifndef ATTUNE_CLIENT_STUDY_CHANGES_H_
#define ATTUNE_CLIENT_STUDY_CHANGES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/report.h"
#include "client/study_client.h"
#include "core/attributes.h"
#include "core/study.h"

namespace attune {

// What a command line says is to change; an empty text changes nothing.
struct StudyChanges {
  std::string max_trials;  // a number, or `none`: no limit; the same below
  std::string max_parallel;
  std::string max_duration;  // a duration such as `10m`, or `none`
  std::string max_failed;
  std::vector<std::string> attributes;  // `NAME=TEXT`
  std::vector<std::string> removed_attributes;
};

// The same, read.
struct StudyUpdate {
  std::vector<std::string> paths;  // of UpdateStudyRequest.update_mask
  Budget budget;                   // those limits that are in the mask
  Attributes attributes;
  std::set<std::string> removed_attributes;

  bool ChangesAttributes() const {
    return !attributes.empty() || !removed_attributes.empty();
  }
};

// INVALID_ARGUMENT, with the option, if something cannot be read or if nothing
// is to change.
absl::StatusOr<StudyUpdate> ReadChanges(const StudyChanges& changes);

// What UpdateStudy is to be asked for, `study` being as it is now: with its
// etag, if attributes change. NOT_FOUND for the removal of an attribute that is
// not there.
absl::StatusOr<pb::Study> Updated(const pb::Study& study,
                                  const StudyUpdate& update);

// Changes the study `seen`, and asks again, a few times, while somebody else
// changes it in between; `seen` is then as it was just before. ABORTED if that
// does not end.
absl::StatusOr<pb::Study> UpdateStudy(StudyClient& client,
                                      const StudyUpdate& update,
                                      pb::Study& seen);

// Limits, attributes and the state, where they differ: what, before and now.
absl::StatusOr<Listing> ListChanges(const pb::Study& before,
                                    const pb::Study& now);

}  // namespace attune

#endif  // ATTUNE_CLIENT_STUDY_CHANGES_H_
