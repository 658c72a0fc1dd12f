#include "worker/data/byte_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/status_macros.h"

namespace attune::nn {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kChunk = 1 << 20;

}  // namespace

absl::StatusOr<ByteFile> ByteFile::Open(const std::string& path) {
  std::error_code ignored;
  const fs::file_status about = fs::status(path, ignored);
  // A folder is told of by its first read; opening a pipe would wait for
  // somebody to write into it, and a device may never end.
  if (fs::is_other(about)) {
    return absl::FailedPreconditionError(
        absl::StrCat("opening ", path, ": found no regular file"));
  }
  errno = 0;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    const std::string message =
        absl::StrCat("opening ", path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message)
                           : absl::FailedPreconditionError(message);
  }
  gzbuffer(file, 1 << 17);
  return ByteFile(path, file);
}

ByteFile::ByteFile(std::string path, gzFile file)
    : path_(std::move(path)), file_(file) {}

absl::Status ByteFile::Wrong(absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("reading ", path_, ": ", what));
}

absl::StatusOr<int64_t> ByteFile::Read(int64_t count, uint8_t* to) {
  int64_t done = 0;
  while (done < count) {
    const auto part = static_cast<unsigned>(std::min(count - done, kChunk));
    const int got = gzread(file_.get(), to + done, part);
    if (got < 0) return ReadError();
    if (got == 0) break;
    done += got;
  }
  // zlib hands out what a truncated stream holds and only then says so.
  int code = Z_OK;
  gzerror(file_.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) return ReadError();
  return done;
}

absl::StatusOr<std::string> ByteFile::ReadRest() {
  std::string bytes;
  int64_t got = kChunk;
  while (got == kChunk) {
    if (static_cast<int64_t>(bytes.size()) > kMostBytes - kChunk) {
      return Wrong(
          absl::StrCat("expected at most ", kMostBytes, " bytes, found more"));
    }
    const size_t done = bytes.size();
    bytes.resize(done + kChunk);
    ATTUNE_ASSIGN_OR_RETURN(
        got, Read(kChunk, reinterpret_cast<uint8_t*>(bytes.data() + done)));
    bytes.resize(done + static_cast<size_t>(got));
  }
  return bytes;
}

absl::Status ByteFile::ReadError() const {
  int code = Z_OK;
  const char* const message = gzerror(file_.get(), &code);
  if (code == Z_BUF_ERROR) {
    return Wrong("the compressed file is truncated");
  }
  return Wrong(code == Z_ERRNO ? std::strerror(errno) : message);
}

}  // namespace attune::nn
