#ifndef ATTUNE_TESTS_SIM_TRACE_H_
#define ATTUNE_TESTS_SIM_TRACE_H_

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/clock.h"

namespace attune {

// What happens in a simulation, one event a line. Two runs of a seed have the
// same trace, byte for byte.
class Trace {
 public:
  // `clock` must outlive it. Prints each line at once if `verbose`.
  Trace(const Clock* clock, bool verbose) : clock_(clock), verbose_(verbose) {
    start_ = clock->Now();
  }

  template <typename... Parts>
  void Add(const Parts&... parts) {
    const std::string line =
        absl::StrCat(absl::FormatDuration(clock_->Now() - start_), " ",
                     absl::StrCat(parts...), "\n");
    if (verbose_) std::fputs(line.c_str(), stdout);
    text_ += line;
  }

  const std::string& text() const { return text_; }

 private:
  const Clock* const clock_;
  const bool verbose_;
  absl::Time start_;
  std::string text_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_TRACE_H_
