#ifndef ATTUNE_BENCH_BENCH_STUDY_H_
#define ATTUNE_BENCH_BENCH_STUDY_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "core/study.h"
#include "core/trial.h"

// What benchmarks of the coordinator have in common.
namespace attune {

// 8 parameters of the usual kinds, searched at random without an end.
StudySpec BenchStudy(const std::string& name);

// A point of its space, for the trial with that number.
Parameters BenchPoint(int64_t number);

// Creates it with the coordinator at `address`.
absl::Status CreateStudy(const std::string& address, const StudySpec& spec);

// A new folder, removed at the end, in `parent`; or beside this program, if
// that is empty.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The running program's own file.
std::filesystem::path Self();

}  // namespace attune

#endif  // ATTUNE_BENCH_BENCH_STUDY_H_
