#include "bench/soak_team.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "bench/bench_study.h"
#include "core/status_macros.h"

namespace attune {

SoakTeam::SoakTeam(std::string address, std::string prefix, int64_t trials)
    : address_(std::move(address)),
      prefix_(std::move(prefix)),
      trials_(trials) {}

absl::StatusOr<std::string> SoakTeam::NextTurn() {
  const absl::MutexLock lock(&mutex_);
  if (studies_ == 0 || begun_ == trials_) {
    ++studies_;
    begun_ = 0;
    StudySpec spec = BenchStudy(Name());
    spec.budget.max_trials = trials_;
    ATTUNE_RETURN_IF_ERROR(CreateStudy(address_, spec));
  }
  ++begun_;
  return Name();
}

std::string SoakTeam::study() const {
  const absl::MutexLock lock(&mutex_);
  return studies_ == 0 ? "" : Name();
}

int64_t SoakTeam::begun() const {
  const absl::MutexLock lock(&mutex_);
  return begun_;
}

std::string SoakTeam::Name() const {
  return absl::StrCat(prefix_, "-", studies_);
}

}  // namespace attune
