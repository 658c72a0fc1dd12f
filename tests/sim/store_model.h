#ifndef ATTUNE_TESTS_SIM_STORE_MODEL_H_
#define ATTUNE_TESTS_SIM_STORE_MODEL_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "core/ids.h"
#include "storage/memory_storage.h"
#include "storage/storage.h"

namespace attune {

// What a storage must hold, by what it answered to commits: all of those that
// it took and none of those that it refused. One that was refused, or died with
// the process, may be there all the same, but whole, and as soon as one looks.
class StoreModel {
 public:
  void OnCommit(const WriteBatch& batch, const absl::Status& answer);

  // What is wrong with the studies of `storage`, if anything.
  std::optional<std::string> Compare(const Storage& storage,
                                     const std::set<StudyId>& studies);

 private:
  std::optional<std::string> Differs(const Storage& storage,
                                     const std::set<StudyId>& studies) const;

  MemoryStorage expected_;
  std::optional<WriteBatch> in_doubt_;
};

// The studies that `batch` is about.
std::set<StudyId> StudiesOf(const WriteBatch& batch);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_STORE_MODEL_H_
