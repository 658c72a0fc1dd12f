#ifndef ATTUNE_SERVER_WATCH_HUB_H_
#define ATTUNE_SERVER_WATCH_HUB_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/mutex.h"
#include "server/reader_pool.h"
#include "server/resume_token.h"
#include "server/rpc_stream.h"
#include "server/study_queries.h"

namespace attune {

struct WatchOptions {
  // A message that a reader does not take for so long is its last.
  absl::Duration patience = absl::Minutes(1);
  // How often to look for changes that nobody tells of; infinite: never.
  absl::Duration poll = absl::InfiniteDuration();
};

// The readers of WatchStudy. It keeps no changes for them, only how far each
// has come: when something changes it reads what is new to a reader from
// storage, once the message before has been taken. So a slow reader costs
// nothing but its own delay. Safe for concurrent use.
class WatchHub {
 public:
  // Both must outlive it.
  WatchHub(const StudyQueries* queries, ReaderPool* readers,
           WatchOptions options);
  // REQUIRES: the streams have ended, as they do once it is closed.
  ~WatchHub();

  void Add(const v1::WatchStudyRequest& request, RpcStream stream)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Something has changed in these studies, and is stored.
  void Notify(const std::set<StudyId>& studies) ABSL_LOCKS_EXCLUDED(mutex_);

  // How many streams are open.
  int64_t watchers() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends every stream with SHUTTING_DOWN, now or as soon as its message is
  // gone, and those that come later. May be called more than once.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Watch;
  using WatchId = uint64_t;

  // Each is called by whoever is reading or writing for the watch, which stays
  // as long.
  void Open(Watch* watch, const v1::WatchStudyRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Read(Watch* watch) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWritten(Watch* watch, bool ok) ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop(Watch* watch, const absl::Status& status)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Reads what is new to the watch, on a thread of the pool.
  void StartReading(Watch* watch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Ends the watch, if it is there still: now, or once it is done with what it
  // is doing.
  void End(WatchId id, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // The watch, if it is to end and does nothing any more.
  std::unique_ptr<Watch> TakeIfEnding(Watch* watch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LookAround() ABSL_LOCKS_EXCLUDED(mutex_);

  const StudyQueries* const queries_;
  ReaderPool* const readers_;
  const WatchOptions options_;
  mutable Mutex mutex_;
  CondVar closing_news_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  WatchId next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<WatchId, std::unique_ptr<Watch>> watches_ ABSL_GUARDED_BY(mutex_);
  std::map<StudyId, std::set<Watch*>> by_study_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_WATCH_HUB_H_
