#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/study_file.h"
#include "core/check.h"
#include "core/error.h"
#include "core/list_query.h"
#include "core/study.h"
#include "proto/convert.h"
#include "server/page_token.h"
#include "server/resume_token.h"
#include "server/study_listing.h"
#include "server/trial_listing.h"
#include "tests/fuzz/fuzz_targets.h"
#include "worker/data/csv.h"
#include "worker/data/idx.h"

namespace attune {
namespace {

// A file without a name, for what reads paths only.
class MemoryFile {
 public:
  explicit MemoryFile(absl::string_view bytes)
      : fd_(memfd_create("fuzz", MFD_CLOEXEC)) {
    ATTUNE_CHECK(fd_ >= 0);
    const auto size = static_cast<ssize_t>(bytes.size());
    ATTUNE_CHECK(write(fd_, bytes.data(), bytes.size()) == size);
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  const int fd_;
};

// An error that a caller can do something about.
void CheckRefusal(const absl::Status& status) {
  ATTUNE_CHECK(!status.ok() && !status.message().empty());
  ATTUNE_CHECK(!absl::IsInternal(status) && !absl::IsUnknown(status));
}

}  // namespace

void FuzzStudyFile(absl::string_view bytes) {
  const StudyFile file = ParseStudyFile(bytes);
  if (!file.problems.empty()) return;
  // What is said to be legal is legal, and means the same on the wire.
  ATTUNE_CHECK(Validate(file.spec).empty());
  const absl::StatusOr<StudySpec> back =
      FromProto(file.spec.name, ToProto(file.spec));
  ATTUNE_CHECK(back.ok() && *back == file.spec);
}

void FuzzIdx(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const auto images = nn::ReadIdxImages(file.path());
  if (!images.ok()) CheckRefusal(images.status());
  const auto labels = nn::ReadIdxLabels(file.path());
  if (!labels.ok()) CheckRefusal(labels.status());
}

void FuzzCsv(absl::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes.front());
  nn::CsvOptions options;
  options.task = static_cast<nn::CsvOptions::Task>(choice % 3);
  options.missing = static_cast<nn::CsvOptions::Missing>(choice / 3 % 3);
  if (choice % 2 == 0) options.categorical = {"c"};
  const auto table = nn::ParseCsv(bytes.substr(1), options, "fuzz.csv");
  if (!table.ok()) CheckRefusal(table.status());
}

void FuzzFilter(absl::string_view bytes) {
  const size_t middle = std::min(bytes.find('\0'), bytes.size());
  const absl::string_view filter = bytes.substr(0, middle);
  const absl::string_view order =
      bytes.substr(std::min(middle + 1, bytes.size()));
  const auto trials = ParseTrialQuery({}, filter, order);
  const auto studies = ParseStudyQuery(filter, order);
  for (const absl::Status& status : {trials.status(), studies.status()}) {
    ATTUNE_CHECK(status.ok() || Violations(status).size() == 1);
  }
  if (!trials.ok()) return;
  // Any values at all, so that every comparison is made.
  const auto read = [&bytes](const FieldPath& path) -> FieldValue {
    switch ((path.entry.size() + bytes.size()) % 4) {
      case 0:
        return 1.0;
      case 1:
        return std::string(path.name);
      case 2:
        return absl::FromUnixSeconds(1);
      default:
        return {};
    }
  };
  Matches(trials->filter, read);
  const std::vector<FieldValue> key = OrderKey(trials->order, read);
  ATTUNE_CHECK(!ComesBefore(trials->order, key, key));
}

void FuzzPageToken(absl::string_view bytes) {
  constexpr absl::string_view kQuery = "ListTrials/1";
  const auto after = ReadPageToken(kQuery, bytes, 0);
  if (after.ok() && !bytes.empty()) {
    ATTUNE_CHECK(MakePageToken(kQuery, *after) == bytes);
  } else if (!after.ok()) {
    CheckRefusal(after.status());
  }
  const auto position = ReadResumeToken({1}, bytes);
  if (position.ok() && !bytes.empty()) {
    ATTUNE_CHECK(MakeResumeToken({1}, *position) == bytes);
  } else if (!position.ok()) {
    CheckRefusal(position.status());
  }
}

const std::vector<NamedTarget>& FuzzTargets() {
  static const auto& targets =
      *new std::vector<NamedTarget>({{"requests", &FuzzRequests},
                                     {"study_file", &FuzzStudyFile},
                                     {"idx", &FuzzIdx},
                                     {"csv", &FuzzCsv},
                                     {"filter", &FuzzFilter},
                                     {"page_token", &FuzzPageToken}});
  return targets;
}

}  // namespace attune
