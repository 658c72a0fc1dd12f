#include "server/watch_hub.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/error.h"

namespace attune {
namespace {

absl::Status ShuttingDown() {
  return Error(absl::StatusCode::kUnavailable, reason::kShuttingDown,
               "the coordinator is shutting down");
}

absl::Status ReaderHasGone() {
  return absl::CancelledError("the reader has gone");
}

}  // namespace

// One reader. What is not constant is guarded by the hub's mutex, but for the
// stream, which belongs to whoever is doing something.
struct WatchHub::Watch {
  enum class Doing { kNothing, kReading, kWriting };

  Watch(WatchId its_id, RpcStream its_stream)
      : id(its_id), stream(std::move(its_stream)) {}

  const WatchId id;
  RpcStream stream;
  StudyId study;
  WatchPosition position;
  Doing doing = Doing::kReading;
  // There may be more to read than was when the last reading began.
  bool has_news = false;
  SteadyTime write_by;
  absl::Status end;  // not OK: to be ended with it
};

WatchHub::WatchHub(const StudyQueries* queries, ReaderPool* readers,
                   WatchOptions options)
    : queries_(queries),
      readers_(readers),
      options_(options),
      thread_([this] { LookAround(); }) {}

WatchHub::~WatchHub() { Close(); }

void WatchHub::Add(const v1::WatchStudyRequest& request, RpcStream stream) {
  Watch* watch = nullptr;
  WatchId id = 0;
  {
    MutexLock lock(&mutex_);
    id = next_id_++;
    auto owner = std::make_unique<Watch>(id, stream);
    watch = owner.get();
    if (closing_) watch->end = ShuttingDown();
    watches_.emplace(id, std::move(owner));
  }
  stream.OnCancelled([this, id] { End(id, ReaderHasGone()); });
  readers_->Run([this, watch, request](const absl::Status& status) {
    if (!status.ok()) return Stop(watch, status);
    Open(watch, request);
  });
}

void WatchHub::Open(Watch* watch, const v1::WatchStudyRequest& request) {
  const absl::StatusOr<StudyId> study = queries_->FindStudyId(request.name());
  if (!study.ok()) return Stop(watch, study.status());
  const absl::StatusOr<WatchPosition> position =
      ReadResumeToken(*study, request.resume_token());
  if (!position.ok()) return Stop(watch, position.status());
  {
    MutexLock lock(&mutex_);
    watch->study = *study;
    watch->position = *position;
    by_study_[*study].insert(watch);
  }
  Read(watch);
}

void WatchHub::Notify(const std::set<StudyId>& studies) {
  MutexLock lock(&mutex_);
  for (const StudyId study : studies) {
    const auto found = by_study_.find(study);
    if (found == by_study_.end()) continue;
    for (Watch* watch : found->second) {
      watch->has_news = true;
      if (watch->doing == Watch::Doing::kNothing) StartReading(watch);
    }
  }
}

void WatchHub::StartReading(Watch* watch) {
  if (closing_) return;  // It is about to be ended.
  watch->doing = Watch::Doing::kReading;
  readers_->Run([this, watch](const absl::Status& status) {
    if (!status.ok()) return Stop(watch, status);
    Read(watch);
  });
}

void WatchHub::Read(Watch* watch) {
  WatchPosition position;
  StudyId study;
  {
    MutexLock lock(&mutex_);
    watch->has_news = false;
    position = watch->position;
    study = watch->study;
  }
  const absl::StatusOr<v1::WatchStudyResponse> changes =
      queries_->ReadChanges(study, position);
  if (!changes.ok()) return Stop(watch, changes.status());
  const bool has_any = changes->has_study() || changes->trials_size() > 0;
  std::unique_ptr<Watch> ending;
  {
    MutexLock lock(&mutex_);
    if (has_any && watch->end.ok()) {
      watch->position = position;
      watch->doing = Watch::Doing::kWriting;
      watch->write_by = SteadyTimeAfter(options_.patience);
    } else {
      watch->doing = Watch::Doing::kNothing;
      ending = TakeIfEnding(watch);
      if (ending == nullptr) {
        if (watch->has_news) StartReading(watch);
        return;
      }
    }
  }
  if (ending != nullptr) return ending->stream.End(ending->end);
  watch->stream.Write(*changes,
                      [this, watch](bool ok) { OnWritten(watch, ok); });
}

void WatchHub::OnWritten(Watch* watch, bool ok) {
  if (!ok) return Stop(watch, ReaderHasGone());
  std::unique_ptr<Watch> ending;
  {
    MutexLock lock(&mutex_);
    watch->doing = Watch::Doing::kNothing;
    ending = TakeIfEnding(watch);
    // What was written may have been a part.
    if (ending == nullptr) StartReading(watch);
  }
  if (ending != nullptr) ending->stream.End(ending->end);
}

void WatchHub::Stop(Watch* watch, const absl::Status& status) {
  WatchId id = 0;
  {
    MutexLock lock(&mutex_);
    watch->doing = Watch::Doing::kNothing;
    id = watch->id;
  }
  End(id, status);
}

void WatchHub::End(WatchId id, const absl::Status& status) {
  std::unique_ptr<Watch> ending;
  {
    MutexLock lock(&mutex_);
    const auto found = watches_.find(id);
    if (found == watches_.end()) return;
    Watch* watch = found->second.get();
    if (watch->end.ok()) watch->end = status;
    ending = TakeIfEnding(watch);
  }
  if (ending != nullptr) ending->stream.End(ending->end);
}

std::unique_ptr<WatchHub::Watch> WatchHub::TakeIfEnding(Watch* watch) {
  if (watch->end.ok() || watch->doing != Watch::Doing::kNothing) return nullptr;
  const auto found = by_study_.find(watch->study);
  if (found != by_study_.end()) {
    found->second.erase(watch);
    if (found->second.empty()) by_study_.erase(found);
  }
  const auto place = watches_.find(watch->id);
  std::unique_ptr<Watch> taken = std::move(place->second);
  watches_.erase(place);
  return taken;
}

int64_t WatchHub::watchers() const {
  MutexLock lock(&mutex_);
  return static_cast<int64_t>(watches_.size());
}

void WatchHub::Close() {
  std::vector<WatchId> ids;
  {
    MutexLock lock(&mutex_);
    closing_ = true;
    closing_news_.NotifyAll();
    for (const auto& [id, watch] : watches_) ids.push_back(id);
  }
  for (const WatchId id : ids) End(id, ShuttingDown());
  if (thread_.joinable()) thread_.join();
}

void WatchHub::LookAround() {
  const absl::Duration pause = std::min(options_.patience / 4, options_.poll);
  MutexLock lock(&mutex_);
  while (!closing_) {
    closing_news_.WaitUntil(&mutex_, SteadyTimeAfter(pause));
    for (const auto& [id, watch] : watches_) {
      if (watch->doing == Watch::Doing::kWriting &&
          watch->write_by <= std::chrono::steady_clock::now()) {
        watch->stream.Cancel();
      }
      if (options_.poll != absl::InfiniteDuration() &&
          watch->doing == Watch::Doing::kNothing) {
        StartReading(watch.get());
      }
    }
  }
}

}  // namespace attune
