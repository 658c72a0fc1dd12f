#ifndef ATTUNE_CLIENT_SCRATCH_DIRECTORY_H_
#define ATTUNE_CLIENT_SCRATCH_DIRECTORY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace attune {

// A directory with a short name that is removed with all that is in it: at the
// end, or if the process was killed, when the next one is created.
class ScratchDirectory {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchDirectory>> Create();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }
  // Leaves it to the person, e.g. for the logs in it.
  void Keep();

 private:
  explicit ScratchDirectory(std::string path);

  const std::string path_;
  int owner_ = -1;  // a file in it that is locked as long as this lives
  bool keep_ = false;
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_SCRATCH_DIRECTORY_H_
