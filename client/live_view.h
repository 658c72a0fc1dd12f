#ifndef ATTUNE_CLIENT_LIVE_VIEW_H_
#define ATTUNE_CLIENT_LIVE_VIEW_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/format.h"
#include "client/progress.h"
#include "client/terminal.h"
#include "core/study.h"

namespace attune {

// All that a view shows.
struct View {
  Progress progress;
  StudySpec spec;
  std::optional<absl::Duration> time_left;
  std::string note;  // e.g. that it is draining; may be empty
  absl::Time now;
};

// The study on a terminal: trials done of how many, the running ones with epoch
// and metric, the best so far, the time left. Lines without ends, none wider
// than `paper.width`.
std::vector<std::string> RenderView(const View& view, const Paper& paper);

// A finished trial in a line of a log, with the best so far.
std::string FinishedLine(const pb::Trial& trial, const View& view);

// `12 of 30 trials done, 2 running, 1 failed, about 40s left`.
std::string StatusLine(const View& view);

// Shows a study as it goes on: on a terminal a view that is drawn again and
// again, elsewhere a line for each trial that finishes.
class LiveView {
 public:
  // Writes to stderr: it is not a result.
  explicit LiveView(ColorMode color);
  ~LiveView();
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;

  void Show(const View& view);

  // A line that stays.
  void Say(absl::string_view line);

 private:
  void Erase();
  void Draw(const std::vector<std::string>& lines);
  void Log(const View& view);

  const bool is_terminal_;
  const bool color_;
  size_t drawn_ = 0;  // lines of the view on the terminal
  std::string last_note_;
  absl::Time last_line_ = absl::InfinitePast();
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_LIVE_VIEW_H_
