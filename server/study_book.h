#ifndef ATTUNE_SERVER_STUDY_BOOK_H_
#define ATTUNE_SERVER_STUDY_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"
#include "server/booked_study.h"
#include "server/pending_writes.h"
#include "server/study_reader.h"
#include "storage/storage.h"

namespace attune {

// Every study, and every trial of those that can still advance, exactly as
// stored once Commit() returns OK; but of finished trials without attempts.
// Decisions change the book first, so that later ones see them; a commit that
// fails makes it read again what it changed. For use by one thread.
class StudyBook {
 public:
  // Told of the studies in which something changed, once it is stored.
  using Committed = std::function<void(const std::set<StudyId>&)>;

  // `storage` must outlive it.
  StudyBook(Storage* storage, absl::Duration lease_duration,
            Committed committed = nullptr)
      : storage_(storage),
        lease_duration_(lease_duration),
        committed_(std::move(committed)) {}

  // Reads the book from storage; every running lease gets a full term from
  // `now`. Fails only if the studies cannot be listed: one whose trials cannot
  // be read is kUnreadable.
  absl::Status Open(absl::Time now);

  absl::Duration lease_duration() const { return lease_duration_; }
  const std::map<StudyId, BookedStudy>& studies() const { return studies_; }
  // nullptr if there is none.
  const BookedStudy* Find(StudyId id) const;
  // NOT_FOUND; UNAVAILABLE if the study is kUnreadable.
  absl::StatusOr<const BookedStudy*> Find(absl::string_view name) const;
  // The first running trial that `worker` holds a lease of, of all or of one
  // study.
  std::optional<TrialId> HeldBy(const WorkerId& worker,
                                std::optional<StudyId> study) const;
  // Of the studies that can hand out a trial the one with the fewest running
  // ones, and of these the oldest.
  // Both look at all studies, or at those with a task only; NextOpen() at none
  // for which `skip`, where there is one, says so.
  std::optional<StudyId> NextOpen(
      bool with_task, const std::function<bool(StudyId)>& skip = nullptr) const;
  // Studies that may hand out a trial again, now or later.
  size_t live_count() const { return live_.size(); }
  // Whether any study may ever hand out a trial again.
  bool HasLiveStudies(bool with_task) const;
  // The lease and the study whose time is over by `now`, the earliest first.
  std::optional<TrialId> ExpiredLease(absl::Time now) const;
  std::optional<StudyId> OverdueStudy(absl::Time now) const;
  // When one of these has something to say, or an unreadable study is to be
  // tried again.
  absl::Time NextDue() const;
  // Of a study that is not kWhole.
  absl::StatusOr<std::optional<StoredTrial>> ReadTrial(TrialId id) const {
    return ReadStoredTrial(*storage_, id);
  }
  absl::StatusOr<StudyId> NextStudyId() { return storage_->NextStudyId(); }

  // Each Put gives the record the revision that it will be stored with.
  void PutStudy(Study study);  // a new one, or one that is there
  void PutTrial(Trial trial);  // of a study that is kWhole, likewise
  void DeleteStudy(StudyId id);
  // Steps that are there keep their first values. Returns how many are new.
  int AddMeasurements(TrialId id, absl::Span<const Measurement> measurements);

  // What follows is not stored.
  void MoveDeadline(TrialId id, absl::Time deadline);
  void EndSearch(StudyId id, std::string reason);
  void SetTimeOver(StudyId id);
  void SetNextSuggestion(StudyId id, Suggestion suggestion);
  // Makes a study that is kLight kWhole.
  absl::Status MakeWhole(StudyId id);

  bool HasChanges() const { return !pending_.touched().empty(); }
  // Stores what was changed since the last call. If that fails, the studies
  // that were changed are read again.
  absl::Status Commit(absl::Time now);

  // After storage failed, it is left alone until a while has passed.
  bool MayTryStorage(absl::Time now) const { return now >= retry_at_; }
  void RetryUnreadable(absl::Time now);

 private:
  WriteBatch BuildBatch() const;
  void ReleaseMemory();
  void Reload(StudyId id, absl::Time now);
  void Insert(BookedStudy&& study);
  void Erase(StudyId id);
  // The indexes' entries for the study, as it is at the moment.
  void Index(const BookedStudy& study);
  void Unindex(const BookedStudy& study);
  void IndexLease(const Trial& trial);
  void UnindexLease(const Trial& trial);
  BookedStudy& Get(StudyId id);
  bool HasTask(StudyId id) const;
  void MakeLight(StudyId id);

  Storage* const storage_;
  const absl::Duration lease_duration_;
  const Committed committed_;
  std::map<StudyId, BookedStudy> studies_;
  absl::flat_hash_map<std::string, StudyId> by_name_;
  absl::btree_set<std::pair<WorkerId, TrialId>> held_;
  absl::btree_set<std::pair<absl::Time, TrialId>> deadlines_;
  absl::btree_set<std::pair<size_t, StudyId>> open_;     // by running trials
  absl::btree_set<std::pair<absl::Time, StudyId>> end_;  // by max_duration
  absl::btree_set<StudyId> live_;
  absl::btree_set<StudyId> unreadable_;
  PendingWrites pending_;
  std::set<StudyId> made_whole_;      // since the last commit
  std::map<StudyId, Study> deleted_;  // since the last commit
  absl::Time retry_at_ = absl::InfinitePast();
};

// The name of a study and of a trial in messages and errors.
std::string StudyResource(absl::string_view name);
std::string TrialResource(absl::string_view study, int64_t number);

// NOT_FOUND.
absl::Status NoSuchTrialError(absl::string_view study, int64_t number);

// FAILED_PRECONDITION, reason STUDY_STATE: the study is not in a state for
// `wish`, e.g. `pause`.
absl::Status WrongStateError(const Study& study, absl::string_view wish);

// `status`, an error of Next(), with the name of its trial.
absl::Status WithTrialName(const absl::Status& status, absl::string_view study,
                           int64_t number);

// ABORTED, reason REVISION_MISMATCH, if another revision is expected than there
// is.
absl::Status CheckRevision(absl::string_view resource, int64_t revision,
                           std::optional<int64_t> expected);

// UNAVAILABLE: what is in storage of the study cannot be read at the moment.
absl::Status UnreadableError(const BookedStudy& study);

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_BOOK_H_
