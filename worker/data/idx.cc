#include "worker/data/idx.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/status_macros.h"
#include "worker/data/byte_file.h"

namespace attune::nn {
namespace {

constexpr uint8_t kUnsignedByte = 8;
constexpr int64_t kMostBytes = ByteFile::kMostBytes;
constexpr int64_t kFirstBytes = int64_t{64} << 20;

// The sizes of the dimensions.
absl::StatusOr<std::vector<int64_t>> ReadHeader(int dimensions,
                                                absl::string_view content,
                                                ByteFile& file) {
  const std::array<uint8_t, 4> magic = {0, 0, kUnsignedByte,
                                        static_cast<uint8_t>(dimensions)};
  std::array<uint8_t, 4> word = {};
  ATTUNE_ASSIGN_OR_RETURN(int64_t got, file.Read(4, word.data()));
  const auto hex = [](uint8_t byte) { return absl::StrFormat("%02x", byte); };
  const auto as_hex = [&hex](const auto& begin, const auto& end) {
    return absl::StrJoin(begin, end, " ", [&hex](std::string* out, uint8_t b) {
      out->append(hex(b));
    });
  };
  if (got < 4 || word != magic) {
    return file.Wrong(absl::StrCat(
        "expected ", content, " in IDX format, which begins with the bytes ",
        as_hex(magic.begin(), magic.end()), ", found ",
        got == 0 ? "an empty file" : as_hex(word.begin(), word.begin() + got)));
  }
  std::vector<int64_t> sizes;
  int64_t bytes = 1;
  for (int i = 0; i < dimensions; ++i) {
    ATTUNE_ASSIGN_OR_RETURN(got, file.Read(4, word.data()));
    if (got < 4) return file.Wrong("the file ends within its header");
    sizes.push_back((int64_t{word[0]} << 24) | (word[1] << 16) |
                    (word[2] << 8) | word[3]);
    if (sizes.back() == 0 || sizes.back() > kMostBytes / bytes) {
      return file.Wrong(
          absl::StrCat("the header says ", absl::StrJoin(sizes, " x "),
                       i + 1 < dimensions ? " x ..." : "",
                       " bytes, expected from 1 to ", kMostBytes));
    }
    bytes *= sizes.back();
  }
  return sizes;
}

// Reads `count` bytes and makes sure that the file ends there. Memory grows
// with what is there, not with what the header promises.
template <typename Resize>
absl::Status ReadValues(int64_t count, absl::string_view header, Resize resize,
                        ByteFile& file) {
  int64_t done = 0;
  int64_t room = 0;
  while (done < count) {
    if (done == room) room = std::min(count, std::max(kFirstBytes, 2 * room));
    uint8_t* const memory = resize(room);
    ATTUNE_ASSIGN_OR_RETURN(const int64_t got,
                            file.Read(room - done, memory + done));
    done += got;
    if (done < room) {
      return file.Wrong(absl::StrCat("the file is truncated: expected ", count,
                                     " bytes (", header, "), found ", done));
    }
  }
  uint8_t extra = 0;
  ATTUNE_ASSIGN_OR_RETURN(const int64_t more, file.Read(1, &extra));
  if (more > 0) {
    return file.Wrong(absl::StrCat("expected the file to end after ", count,
                                   " bytes (", header, "), found more"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<IdxImages> ReadIdxImages(const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(ByteFile file, ByteFile::Open(path));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes,
                          ReadHeader(3, "images", file));
  const int64_t features = sizes[1] * sizes[2];
  std::vector<uint8_t> bytes;
  ATTUNE_RETURN_IF_ERROR(ReadValues(
      sizes[0] * features,
      absl::StrCat(sizes[0], " images of ", sizes[1], " x ", sizes[2]),
      [&bytes](int64_t room) {
        bytes.resize(static_cast<size_t>(room));
        return bytes.data();
      },
      file));
  return IdxImages{
      .pixels = Eigen::Map<Pixels>(bytes.data(), features, sizes[0]),
      .shape = {.channels = 1, .height = sizes[1], .width = sizes[2]}};
}

absl::StatusOr<std::vector<uint8_t>> ReadIdxLabels(const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(ByteFile file, ByteFile::Open(path));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes,
                          ReadHeader(1, "labels", file));
  std::vector<uint8_t> labels;
  ATTUNE_RETURN_IF_ERROR(ReadValues(
      sizes[0], absl::StrCat(sizes[0], " labels"),
      [&labels](int64_t room) {
        labels.resize(static_cast<size_t>(room));
        return labels.data();
      },
      file));
  return labels;
}

absl::StatusOr<Dataset> ReadIdx(const std::string& images_path,
                                const std::string& labels_path) {
  ATTUNE_ASSIGN_OR_RETURN(IdxImages images, ReadIdxImages(images_path));
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<uint8_t> labels,
                          ReadIdxLabels(labels_path));
  if (images.pixels.cols() != static_cast<int64_t>(labels.size())) {
    return absl::DataLossError(
        absl::StrCat("reading ", labels_path, ": expected ",
                     images.pixels.cols(), " labels, one for each image of ",
                     images_path, ", found ", labels.size()));
  }
  Dataset dataset;
  dataset.labels.assign(labels.begin(), labels.end());
  const int classes = 1 + *std::max_element(labels.begin(), labels.end());
  for (int i = 0; i < classes; ++i) {
    dataset.classes.push_back(absl::StrCat(i));
  }
  dataset.inputs = std::move(images.pixels);
  dataset.image = images.shape;
  return dataset;
}

}  // namespace attune::nn
