#include "worker/data/byte_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/status_macros.h"

namespace attune::nn {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kChunk = 1 << 20;
constexpr int64_t kInput = 1 << 17;
constexpr uint8_t kMagic[] = {0x1f, 0x8b};  // what gzip begins with (RFC 1952)

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
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    const std::string message =
        absl::StrCat("opening ", path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message)
                           : absl::FailedPreconditionError(message);
  }
  return ByteFile(path, file);
}

ByteFile::ByteFile(std::string path, std::FILE* file)
    : path_(std::move(path)), file_(file) {}

absl::Status ByteFile::Wrong(absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("reading ", path_, ": ", what));
}

absl::StatusOr<int64_t> ByteFile::Read(int64_t count, uint8_t* to) {
  if (!begun_) ATTUNE_RETURN_IF_ERROR(Begin());
  return stream_ == nullptr ? ReadFile(count, to) : ReadStreams(count, to);
}

absl::Status ByteFile::Begin() {
  uint8_t first[2] = {};
  ATTUNE_RETURN_IF_ERROR(ReadFile(2, first).status());
  std::rewind(file_.get());
  begun_ = true;
  if (first[0] != kMagic[0] || first[1] != kMagic[1]) return absl::OkStatus();
  stream_.reset(new z_stream());
  input_.resize(kInput);
  // With gzip's header and sums.
  ATTUNE_CHECK(inflateInit2(stream_.get(), MAX_WBITS + 16) == Z_OK);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ByteFile::ReadFile(int64_t count, uint8_t* to) {
  errno = 0;
  const size_t got = std::fread(to, 1, static_cast<size_t>(count), file_.get());
  if (std::ferror(file_.get()) != 0) return Wrong(std::strerror(errno));
  return static_cast<int64_t>(got);
}

absl::StatusOr<int64_t> ByteFile::ReadStreams(int64_t count, uint8_t* to) {
  z_stream& stream = *stream_;
  int64_t done = 0;
  while (done < count) {
    if (stream.avail_in == 0) {
      ATTUNE_ASSIGN_OR_RETURN(const int64_t got,
                              ReadFile(kInput, input_.data()));
      if (got == 0 && between_streams_) return done;
      if (got == 0) return Wrong("the compressed file is truncated");
      stream.next_in = input_.data();
      stream.avail_in = static_cast<unsigned>(got);
    }
    if (between_streams_ && *stream.next_in != kMagic[0]) {
      return Wrong("found something behind the end of what is compressed");
    }
    between_streams_ = false;
    const auto part = static_cast<unsigned>(std::min(count - done, kChunk));
    stream.next_out = to + done;
    stream.avail_out = part;
    const int code = inflate(&stream, Z_NO_FLUSH);
    done += part - stream.avail_out;
    if (code == Z_STREAM_END) {
      between_streams_ = true;
      inflateReset(&stream);
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return Wrong(stream.msg == nullptr ? "it is damaged" : stream.msg);
    }
  }
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

}  // namespace attune::nn
