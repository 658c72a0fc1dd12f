#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "client/format.h"
#include "client/report.h"
#include "client/study_summary.h"
#include "client/trial_summary.h"
#include "core/check.h"
#include "core/database_lock.h"
#include "proto/types.pb.h"
#include "storage/value_json.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/refusal.h"
#include "tests/testing/builders.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

// Nothing but lines: what is stored commands no terminal.
void CheckLines(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    ATTUNE_CHECK((byte >= 0x20 && byte != 0x7F) || byte == '\n');
    // U+0080 to U+009F, of which one is what an escape and `[` are.
    const bool leads = byte == 0xC2 && i + 1 < text.size();
    ATTUNE_CHECK(!leads || static_cast<unsigned char>(text[i + 1]) >= 0xA0);
  }
}

void ShowText(absl::string_view text, const Paper& paper) {
  CheckLines(PrintableLines(text));
  Table table = {.columns = {{.title = "name"},
                             {.title = "number", .is_number = true},
                             {.title = "text", .wraps = true},
                             {.title = "below", .goes_below = true},
                             {.title = "perhaps", .is_optional = true}}};
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    std::vector<Cell> row;
    const std::vector<std::string> cells = absl::StrSplit(line, '\t');
    for (size_t i = 0; i < table.columns.size(); ++i) {
      row.push_back({.text = cells[i % cells.size()], .style = Style::kBold});
    }
    table.rows.push_back(std::move(row));
  }
  CheckLines(FormatTable(table, paper));
}

void ShowTrial(absl::string_view bytes, const Paper& paper) {
  static const auto& spec = *new StudySpec(MakeStudySpec());
  v1::Trial trial;
  if (!trial.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return;
  }
  const absl::Time now = TestTime();
  const Listing listing = ListTrial(trial, spec, {}, now);
  CheckLines(FormatTable(listing.table, paper));
  CheckLines(FormatJson(listing.json));
  ATTUNE_CHECK(!FormatCsv(listing.csv, listing.json).empty());
  CheckLines(FormatLines(TrialLines(trial, spec, {}, now), paper));
}

// Whether what was read is written and read again as the same text.
template <typename Value, typename Write, typename Read>
void CheckStored(const absl::StatusOr<Value>& value, Write write, Read read) {
  if (!value.ok()) {
    ATTUNE_CHECK(absl::IsDataLoss(value.status()));
    return;
  }
  const std::string text = write(*value);
  const absl::StatusOr<Value> again = read(text);
  ATTUNE_CHECK(again.ok() && write(*again) == text);
}

// A lock file that another process seems to hold.
class HeldLock {
 public:
  HeldLock() : fd_(open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    ATTUNE_CHECK(fd_ >= 0);
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    ATTUNE_CHECK(fcntl(fd_, F_OFD_SETLK, &lock) == 0);
  }
  ~HeldLock() { close(fd_); }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;

  std::string database() const { return folder_.File("db"); }
  void Write(absl::string_view bytes) const {
    ATTUNE_CHECK(ftruncate(fd_, 0) == 0);
    const auto size = static_cast<ssize_t>(bytes.size());
    ATTUNE_CHECK(pwrite(fd_, bytes.data(), bytes.size(), 0) == size);
  }

 private:
  std::string path() const { return database() + ".lock"; }

  const TemporaryDirectory folder_;
  const int fd_;
};

}  // namespace

void FuzzDisplay(absl::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  Paper paper;
  if (choice / 2 < 100) paper.width = choice / 2;
  choice % 2 == 0 ? ShowText(bytes, paper) : ShowTrial(bytes, paper);
}

void FuzzStored(absl::string_view bytes) {
  CheckStored(ValueFromJson(bytes), &ValueToJson, &ValueFromJson);
  CheckStored(ParametersFromJson(bytes), &ParametersToJson,
              &ParametersFromJson);
  CheckStored(ValuesFromJson(bytes), &ValuesToJson, &ValuesFromJson);
  CheckStored(AttributesFromJson(bytes), &AttributesToJson,
              &AttributesFromJson);
}

void FuzzLock(absl::string_view bytes) {
  static const HeldLock lock;
  lock.Write(bytes);
  const auto holder = ReadDatabaseLock(lock.database());
  ATTUNE_CHECK(holder.ok() && holder->has_value());
  const auto acquired = DatabaseLock::Acquire(lock.database());
  ATTUNE_CHECK(absl::IsFailedPrecondition(acquired.status()));
}

}  // namespace attune
