#include "server/reader_pool.h"

#include <utility>

#include "core/error.h"

namespace attune {

ReaderPool::ReaderPool(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

ReaderPool::~ReaderPool() { Close(); }

void ReaderPool::Run(Task task) {
  {
    MutexLock lock(&mutex_);
    if (!closing_) {
      tasks_.push_back(std::move(task));
      changed_.NotifyOne();
      return;
    }
  }
  task(Error(absl::StatusCode::kUnavailable, reason::kShuttingDown,
             "the coordinator is shutting down"));
}

void ReaderPool::Close() {
  {
    MutexLock lock(&mutex_);
    closing_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ReaderPool::Work() {
  while (true) {
    Task task;
    {
      MutexLock lock(&mutex_);
      while (tasks_.empty() && !closing_) changed_.Wait(&mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task(absl::OkStatus());
  }
}

}  // namespace attune
