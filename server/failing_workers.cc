#include "server/failing_workers.h"

#include <algorithm>
#include <cstddef>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/log.h"
#include "core/trial.h"
#include "server/booked_study.h"

namespace attune {
namespace {

constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
// A process that was not heard of for so long is forgotten.
constexpr absl::Duration kMemory = absl::Hours(1);

absl::Duration WaitAfter(int failures) {
  constexpr int kMaxDoublings = 10;  // beyond the longest wait
  return std::min(kFirstPause * (1 << std::min(failures - 1, kMaxDoublings)),
                  kLongestPause);
}

std::pair<std::string, StudyId> KeyOf(const WorkerId& worker, StudyId study) {
  return {std::string(ProcessOf(worker)), study};
}

}  // namespace

absl::string_view ProcessOf(const WorkerId& worker) {
  const absl::string_view name = worker.value;
  return name.substr(0, std::min(name.rfind('/'), name.size()));
}

void FailingWorkers::AttemptFailed(const WorkerId& worker, StudyId study,
                                   absl::Time now) {
  std::erase_if(failures_, [now](const auto& known) {
    return known.second.wait_until + kMemory < now;
  });
  Failures& failures = failures_[KeyOf(worker, study)];
  ++failures.in_a_row;
  failures.wait_until = now + WaitAfter(failures.in_a_row);
  if (!LeavesToOthers(worker, study)) return;
  Log(LogLevel::kWarning, "worker_fails",
      {{"worker", worker.value},
       {"study", book_->Find(study)->study().spec.name},
       {"attempts_failed", absl::StrCat(failures.in_a_row)},
       {"next_trial_in", absl::FormatDuration(failures.wait_until - now)}});
}

void FailingWorkers::AttemptEnded(const WorkerId& worker, StudyId study) {
  failures_.erase(KeyOf(worker, study));
}

bool FailingWorkers::LeavesToOthers(const WorkerId& worker,
                                    StudyId study) const {
  const BookedStudy* booked = book_->Find(study);
  if (booked == nullptr || !failures_.contains(KeyOf(worker, study))) {
    return false;
  }
  return std::any_of(
      booked->running().begin(), booked->running().end(), [&](int64_t number) {
        const Trial& trial = *booked->FindTrial(number);
        const WorkerId& other = std::get<Running>(trial.state).lease.worker;
        return !failures_.contains(KeyOf(other, study));
      });
}

bool FailingWorkers::MustWait(const WorkerId& worker, StudyId study,
                              absl::Time now) const {
  const auto found = failures_.find(KeyOf(worker, study));
  return found != failures_.end() && now < found->second.wait_until &&
         LeavesToOthers(worker, study);
}

}  // namespace attune
