#ifndef ATTUNE_CLIENT_TERMINAL_H_
#define ATTUNE_CLIENT_TERMINAL_H_

#include <signal.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace attune {

enum class ColorMode { kAuto, kAlways, kNever };

// `auto`: on a terminal, unless NO_COLOR is set or TERM is `dumb`.
bool UseColor(ColorMode mode, int fd);

// Columns; nullopt if `fd` is no terminal.
std::optional<int> TerminalWidth(int fd);

// Writes all of `text`. A reader that has gone, as `head` does, is not an
// error: then the rest is dropped.
absl::Status WriteTo(int fd, absl::string_view text);
absl::Status WriteOut(absl::string_view text);  // results
void WriteMessage(absl::string_view text);      // all else, to stderr

// Lets a program decide for itself what SIGINT, SIGTERM and SIGHUP mean: while
// it lives they are blocked in this thread and those that it starts later.
class SignalWaiter {
 public:
  SignalWaiter();
  ~SignalWaiter();
  SignalWaiter(const SignalWaiter&) = delete;
  SignalWaiter& operator=(const SignalWaiter&) = delete;

  // Waits; true if one of them came.
  bool WaitFor(absl::Duration timeout) const;

 private:
  sigset_t signals_;
  sigset_t before_;
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_TERMINAL_H_
