#include "client/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace attune {
namespace {

constexpr int kDefaultWidth = 80;

}  // namespace

bool UseColor(ColorMode mode, int fd) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(fd) == 1 && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::strcmp(term, "dumb") != 0);
}

std::optional<int> TerminalWidth(int fd) {
  if (isatty(fd) != 1) return std::nullopt;
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  int width = 0;
  if (columns != nullptr && absl::SimpleAtoi(columns, &width) && width > 0) {
    return width;
  }
  return kDefaultWidth;
}

absl::Status WriteTo(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EPIPE) {
      return absl::OkStatus();
    } else if (errno == EAGAIN) {
      pollfd ready = {.fd = fd, .events = POLLOUT, .revents = 0};
      poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return absl::DataLossError(
          absl::StrCat("cannot write the output: ", std::strerror(errno)));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteOut(absl::string_view text) {
  return WriteTo(STDOUT_FILENO, text);
}

void WriteMessage(absl::string_view text) {
  // Nobody is left to be told if this fails.
  WriteTo(STDERR_FILENO, text).IgnoreError();
}

SignalWaiter::SignalWaiter() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    sigaddset(&signals_, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

SignalWaiter::~SignalWaiter() {
  // Those that came meanwhile have had their effect.
  while (WaitFor(absl::ZeroDuration())) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool SignalWaiter::WaitFor(absl::Duration timeout) const {
  const timespec time = absl::ToTimespec(timeout);
  return sigtimedwait(&signals_, nullptr, &time) > 0;
}

}  // namespace attune
