#include "worker/artifacts/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/status_macros.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

absl::Status Failed(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

class FileDescriptor {
 public:
  static absl::StatusOr<FileDescriptor> Open(const std::string& path,
                                             int flags) {
    const int number = open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (number < 0) return Failed("opening", path);
    return FileDescriptor(number);
  }
  FileDescriptor(FileDescriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (number_ >= 0) close(number_);
  }

  int number() const { return number_; }

 private:
  explicit FileDescriptor(int number) : number_(number) {}

  int number_;
};

absl::Status WriteAndSync(const std::string& path, absl::string_view bytes) {
  ATTUNE_ASSIGN_OR_RETURN(
      const FileDescriptor file,
      FileDescriptor::Open(path, O_WRONLY | O_CREAT | O_TRUNC));
  while (!bytes.empty()) {
    const ssize_t written = write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("writing", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file.number()) != 0) return Failed("syncing", path);
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFileDurably(const std::string& path,
                              const std::string& temporary_path,
                              absl::string_view bytes) {
  const std::string folder = fs::path(path).parent_path().string();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("creating the folder ", folder));
  }
  absl::Status status = WriteAndSync(temporary_path, bytes);
  if (status.ok() && rename(temporary_path.c_str(), path.c_str()) != 0) {
    status = Failed("renaming to", path);
  }
  if (!status.ok()) {
    unlink(temporary_path.c_str());
    return status;
  }
  // The name is durable when its folder is.
  ATTUNE_ASSIGN_OR_RETURN(const FileDescriptor directory,
                          FileDescriptor::Open(folder, O_RDONLY | O_DIRECTORY));
  if (fsync(directory.number()) != 0) return Failed("syncing", folder);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  // Opening a pipe would wait for somebody to write into it.
  ATTUNE_ASSIGN_OR_RETURN(const FileDescriptor file,
                          FileDescriptor::Open(path, O_RDONLY | O_NONBLOCK));
  struct stat about = {};
  if (fstat(file.number(), &about) != 0) return Failed("reading", path);
  if (!S_ISREG(about.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("reading ", path, ": found no regular file"));
  }
  std::string bytes(static_cast<size_t>(about.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        read(file.number(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("reading", path);
    if (got == 0) break;  // it was cut meanwhile
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace attune
