#ifndef ATTUNE_WORKER_DATA_BYTE_FILE_H_
#define ATTUNE_WORKER_DATA_BYTE_FILE_H_

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune::nn {

// A file to be read from its beginning, plain or compressed by gzip: zlib
// passes on what is not compressed.
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
  // compressed and truncated or damaged.
  absl::StatusOr<int64_t> Read(int64_t count, uint8_t* to);

  // All that is left, up to kMostBytes.
  absl::StatusOr<std::string> ReadRest();

 private:
  struct Closer {
    void operator()(gzFile file) const { gzclose(file); }
  };

  ByteFile(std::string path, gzFile file);

  absl::Status ReadError() const;

  std::string path_;
  std::unique_ptr<gzFile_s, Closer> file_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_BYTE_FILE_H_
