#include "core/server_address.h"

#include <sys/un.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace attune {

std::string CheckServerAddress(const std::string& address) {
  constexpr absl::string_view kExpected =
      "expected host:port or unix:PATH, as here:7070";
  absl::string_view rest = address;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    return CheckSocketPath(rest);
  }
  const size_t colon = rest.rfind(':');
  const absl::string_view host = rest.substr(0, colon);
  // An address of IPv6 has colons of its own, so it stands in brackets.
  const bool in_brackets =
      absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (colon == absl::string_view::npos || host.empty() ||
      absl::StrContains(host, '/') ||
      (absl::StrContains(host, ':') && !in_brackets)) {
    return absl::StrCat("found `", address, "`, ", kExpected);
  }
  int port = 0;
  const absl::string_view number = rest.substr(colon + 1);
  if (!absl::SimpleAtoi(number, &port) || port < 1 || port > 65535) {
    return absl::StrCat("found the port `", number, "` in `", address,
                        "`, expected 1 to 65535");
  }
  return "";
}

std::string CheckSocketPath(absl::string_view path) {
  // One byte is for the end.
  constexpr size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty()) return "found `unix:`, expected a path after it";
  if (path.size() <= kMost) return "";
  return absl::StrCat("found the path `", path, "` of ", path.size(),
                      " bytes, expected at most ", kMost,
                      ", which is all that a socket's may have");
}

}  // namespace attune
