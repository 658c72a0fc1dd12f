#include "client/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace attune {

absl::StatusOr<std::string> ReadTextFile(const std::string& path,
                                         absl::string_view what, size_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": found a directory, expected a ", what));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot open the ", what,
                                            ": ", std::strerror(errno)));
  }
  std::string text(most, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) {
    return absl::DataLossError(absl::StrCat(path, ": cannot read the ", what,
                                            ": ", std::strerror(errno)));
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace attune
