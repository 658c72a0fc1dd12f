#ifndef ATTUNE_WORKER_DATA_BYTE_FILE_H_
#define ATTUNE_WORKER_DATA_BYTE_FILE_H_

#include <zlib.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune::nn {

// A file to be read from its beginning, plain or compressed by gzip, in one or
// several streams one after the other.
class ByteFile {
 public:
  // More than any set that fits in memory several times; less would be a typing
  // error, more a file that is something else.
  static constexpr int64_t kMostBytes = int64_t{1} << 33;

  // NOT_FOUND if there is no such file; FAILED_PRECONDITION if it may not be
  // read, or is a device or a pipe.
  static absl::StatusOr<ByteFile> Open(const std::string& path);

  // DATA_LOSS with this path and `what` was expected and found.
  absl::Status Wrong(absl::string_view what) const;

  // Fewer bytes than asked for only at the file's end. DATA_LOSS if it is
  // compressed and truncated or damaged, or something else follows.
  absl::StatusOr<int64_t> Read(int64_t count, uint8_t* to);

  // All that is left, up to kMostBytes.
  absl::StatusOr<std::string> ReadRest();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Ender {
    void operator()(z_stream* stream) const {
      inflateEnd(stream);
      delete stream;
    }
  };

  ByteFile(std::string path, std::FILE* file);

  absl::StatusOr<int64_t> ReadFile(int64_t count, uint8_t* to);
  absl::StatusOr<int64_t> ReadStreams(int64_t count, uint8_t* to);
  // Looks at the first bytes.
  absl::Status Begin();

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
  bool begun_ = false;
  // What is compressed:
  std::unique_ptr<z_stream, Ender> stream_;  // null: it is not
  std::vector<uint8_t> input_;               // of the file, for the stream
  bool between_streams_ = true;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_BYTE_FILE_H_
