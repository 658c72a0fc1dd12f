#include "worker/data/cifar.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/status_macros.h"
#include "worker/data/byte_file.h"

namespace attune::nn {
namespace {

constexpr ImageShape kShape = {.channels = 3, .height = 32, .width = 32};
constexpr int64_t kRecord = 1 + 3 * 32 * 32;  // bytes
constexpr absl::string_view kClasses[] = {
    "airplane", "automobile", "bird",  "cat",  "deer",
    "dog",      "frog",       "horse", "ship", "truck"};

// The records of one file, checked; `expected` of them, or any number if it is
// 0.
absl::StatusOr<std::string> ReadRecords(const std::string& path,
                                        int64_t expected) {
  ATTUNE_ASSIGN_OR_RETURN(ByteFile file, ByteFile::Open(path));
  ATTUNE_ASSIGN_OR_RETURN(std::string bytes, file.ReadRest());
  const auto size = static_cast<int64_t>(bytes.size());
  if (size == 0 || size % kRecord != 0) {
    return file.Wrong(absl::StrCat("expected records of ", kRecord,
                                   " bytes as in CIFAR-10's binary "
                                   "version, found ",
                                   size, " bytes, which are ", size / kRecord,
                                   " records and ", size % kRecord, " bytes"));
  }
  if (expected != 0 && size != expected * kRecord) {
    return file.Wrong(absl::StrCat("expected ", expected,
                                   " records as in the first file, found ",
                                   size / kRecord));
  }
  for (int64_t at = 0; at < size; at += kRecord) {
    const auto label = static_cast<uint8_t>(bytes[static_cast<size_t>(at)]);
    if (label >= std::size(kClasses)) {
      return file.Wrong(absl::StrCat("expected a class from 0 to 9 at byte ",
                                     at, ", found ", label));
    }
  }
  return bytes;
}

}  // namespace

absl::StatusOr<Dataset> ReadCifar10(const std::vector<std::string>& paths) {
  ATTUNE_CHECK(!paths.empty());
  Dataset dataset;
  Pixels pixels;
  int64_t records = 0;  // of each file
  int64_t done = 0;
  for (const std::string& path : paths) {
    ATTUNE_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadRecords(path, records));
    records = static_cast<int64_t>(bytes.size()) / kRecord;
    if (done == 0) {
      pixels.resize(kShape.size(),
                    records * static_cast<int64_t>(paths.size()));
    }
    const auto* record = reinterpret_cast<const uint8_t*>(bytes.data());
    for (int64_t i = 0; i < records; ++i, ++done, record += kRecord) {
      dataset.labels.push_back(record[0]);
      std::copy_n(record + 1, kShape.size(), pixels.col(done).data());
    }
  }
  dataset.inputs = std::move(pixels);
  dataset.image = kShape;
  for (const absl::string_view name : kClasses) {
    dataset.classes.emplace_back(name);
  }
  return dataset;
}

}  // namespace attune::nn
