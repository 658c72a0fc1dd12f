#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/refusal.h"
#include "worker/data/cifar.h"
#include "worker/data/csv.h"
#include "worker/data/csv_inputs.h"
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

// What everybody who is handed a dataset relies on.
void CheckDataset(const nn::Dataset& dataset) {
  const int64_t examples = dataset.num_examples();
  ATTUNE_CHECK(examples > 0 && dataset.num_features() > 0);
  if (dataset.is_regression()) {
    ATTUNE_CHECK(dataset.targets.cols() == examples);
    ATTUNE_CHECK(dataset.targets.allFinite());
    ATTUNE_CHECK(dataset.labels.empty() && dataset.classes.empty());
    return;
  }
  ATTUNE_CHECK(std::ssize(dataset.labels) == examples);
  for (const int32_t label : dataset.labels) {
    ATTUNE_CHECK(label >= 0 && label < dataset.num_classes());
  }
}

}  // namespace

void FuzzIdx(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const auto images = nn::ReadIdxImages(file.path());
  if (!images.ok()) CheckRefusal(images.status());
  const auto labels = nn::ReadIdxLabels(file.path());
  if (!labels.ok()) CheckRefusal(labels.status());
}

void FuzzCifar(absl::string_view bytes) {
  const MemoryFile file(bytes);
  const auto once = nn::ReadCifar10({file.path()});
  if (!once.ok()) return CheckRefusal(once.status());
  CheckDataset(*once);
  const auto twice = nn::ReadCifar10({file.path(), file.path()});
  ATTUNE_CHECK(twice.ok());
  ATTUNE_CHECK(twice->num_examples() == 2 * once->num_examples());
}

void FuzzCsv(absl::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  nn::CsvOptions options;
  options.task = static_cast<nn::CsvOptions::Task>(choice % 3);
  options.missing = static_cast<nn::CsvOptions::Missing>(choice / 3 % 3);
  if (choice % 2 == 0) options.categorical = {"c"};
  const auto table = nn::ParseCsv(bytes, options, "fuzz.csv");
  if (!table.ok()) return CheckRefusal(table.status());
  CheckDataset(*table);
  // What was learnt from can be predicted.
  const auto inputs = nn::ParseCsvInputs(bytes, *table, "fuzz.csv");
  if (options.missing == nn::CsvOptions::Missing::kDrop) {
    if (!inputs.ok()) CheckRefusal(inputs.status());
    return;
  }
  ATTUNE_CHECK(inputs.ok());
  const auto& learnt = std::get<nn::Table>(table->inputs);
  ATTUNE_CHECK(inputs->rows() == learnt.rows());
  ATTUNE_CHECK(inputs->cols() == learnt.cols());
  for (Eigen::Index i = 0; i < learnt.size(); ++i) {
    const double found = inputs->data()[i];
    const double expected = learnt.data()[i];
    ATTUNE_CHECK(found == expected || (found != found && expected != expected));
  }
}

}  // namespace attune
