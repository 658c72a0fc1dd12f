#include "client/live_view.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/report.h"

namespace attune {
namespace {

constexpr int kObjectiveDigits = 6;
constexpr size_t kMostRunning = 12;  // lines

// What a worker counts as steps.
absl::string_view StepWord(const StudySpec& spec) {
  const auto* network = std::get_if<NetworkTask>(&spec.task);
  const bool by_epochs =
      network != nullptr && !network->settings.contains("report_every_steps");
  return by_epochs ? "epoch" : "step";
}

// `best: `, `best by accuracy, of a front of 5: `.
std::string BestLabel(const View& view) {
  if (!HasFront(view.spec)) return "best: ";
  return absl::StrCat("best by ", view.spec.objectives[0].metric,
                      ", of a front of ", view.progress.front, ": ");
}

std::string DoneOf(const pb::Study& study) {
  const pb::Budget& budget = study.spec().budget();
  const std::string most =
      budget.optional_max_trials_case() == pb::Budget::kMaxTrials
          ? absl::StrCat(" of ", budget.max_trials())
          : "";
  return absl::StrCat(CountFinished(study), most, " trials done");
}

// `####      ` of `width` characters; empty if there is no limit to the trials.
std::string Bar(const pb::Study& study, int width) {
  const pb::Budget& budget = study.spec().budget();
  if (budget.optional_max_trials_case() != pb::Budget::kMaxTrials ||
      budget.max_trials() <= 0) {
    return "";
  }
  const double share = static_cast<double>(CountFinished(study)) /
                       static_cast<double>(budget.max_trials());
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) *
                                    static_cast<double>(width));
  return absl::StrCat("[", std::string(static_cast<size_t>(full), '#'),
                      std::string(static_cast<size_t>(width - full), ' '), "]");
}

Cell Plain(std::string text) { return {.text = std::move(text)}; }

// A table of the running trials, as lines.
std::vector<std::string> RunningLines(const View& view, const Paper& paper) {
  const std::vector<pb::Trial>& running = view.progress.running;
  Table table;
  table.columns = {
      {.title = "running", .is_number = true},
      {.title = std::string(StepWord(view.spec)), .is_number = true},
      {.title =
           view.spec.objectives.empty() ? "" : view.spec.objectives[0].metric,
       .is_number = true},
      {.title = "time", .is_number = true},
      {.title = "parameters"}};
  for (size_t i = 0; i < std::min(running.size(), kMostRunning); ++i) {
    const pb::Trial& trial = running[i];
    const bool has_step =
        trial.optional_last_step_case() == pb::Trial::kLastStep;
    const std::optional<double> objective = ObjectiveValue(trial, view.spec, 0);
    table.rows.push_back(
        {Plain(absl::StrCat(trial.number())),
         Plain(has_step ? absl::StrCat(trial.last_step()) : ""),
         Plain(objective.has_value() ? ShortNumber(*objective, kObjectiveDigits)
                                     : ""),
         Plain(ShortDuration(RunTime(trial, view.now))),
         Plain(ParametersLine(trial, view.spec))});
  }
  std::vector<std::string> lines;
  std::string text = FormatTable(table, paper);
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (running.size() > kMostRunning) {
    lines.push_back(
        absl::StrCat("... and ", running.size() - kMostRunning, " more"));
  }
  return lines;
}

}  // namespace

std::string StatusLine(const View& view) {
  const pb::Study& study = view.progress.study;
  std::string line = absl::StrCat(DoneOf(study), ", ",
                                  view.progress.running.size(), " running");
  for (const char* state : {"failed", "infeasible", "pruned"}) {
    const int64_t count = Count(study, state);
    if (count > 0) absl::StrAppend(&line, ", ", count, " ", state);
  }
  if (view.time_left.has_value() && study.state() == pb::Study::ACTIVE) {
    absl::StrAppend(&line, ", about ", ShortDuration(*view.time_left), " left");
  }
  if (study.state() == pb::Study::PAUSED && !study.state_reason().empty()) {
    absl::StrAppend(&line, "; paused, as ", Printable(study.state_reason()));
  }
  return line;
}

std::string FinishedLine(const pb::Trial& trial, const View& view) {
  std::string line =
      absl::StrCat("trial ", trial.number(), " ", StateWord(trial.state()));
  const std::string objectives = ObjectivesText(trial, view.spec);
  if (!objectives.empty()) absl::StrAppend(&line, "  ", objectives);
  absl::StrAppend(&line, "  ", ShortDuration(RunTime(trial, view.now)), "  ",
                  ParametersLine(trial, view.spec));
  if (!trial.state_reason().empty()) {
    absl::StrAppend(&line, "  (", Printable(trial.state_reason()), ")");
  }
  if (view.progress.best.has_value()) {
    const std::optional<double> best =
        ObjectiveValue(*view.progress.best, view.spec, 0);
    absl::StrAppend(
        &line, "  best ",
        best.has_value() ? ShortNumber(*best, kObjectiveDigits) : "?",
        " (trial ", view.progress.best->number(), ")");
    if (HasFront(view.spec)) {
      absl::StrAppend(&line, ", ", view.progress.front, " in the front");
    }
  }
  return line;
}

std::vector<std::string> RenderView(const View& view, const Paper& paper) {
  constexpr int kBarWidth = 40;
  const int width = paper.width.value_or(1000);
  const pb::Study& study = view.progress.study;
  std::vector<std::string> lines;
  const std::string head =
      Cut(absl::StrCat(view.spec.name, "  ", StateWord(study.state()), "  ",
                       StatusLine(view)),
          width);
  lines.push_back(Styled(head, Style::kBold, paper.color));
  const std::string bar = Bar(study, std::min(kBarWidth, width - 2));
  if (!bar.empty() && width > 2) {
    lines.push_back(Styled(bar, Style::kGreen, paper.color));
  }
  if (view.progress.best.has_value()) {
    const pb::Trial& best = *view.progress.best;
    const std::string line =
        Cut(absl::StrCat(BestLabel(view), "trial ", best.number(), "  ",
                         ObjectivesText(best, view.spec), "  ",
                         ParametersLine(best, view.spec)),
            width);
    lines.push_back(Styled(line, Style::kGreen, paper.color));
  }
  if (!view.progress.running.empty()) {
    for (std::string& line : RunningLines(view, paper)) {
      lines.push_back(std::move(line));
    }
  }
  if (!view.note.empty()) {
    lines.push_back(Styled(Cut(view.note, width), Style::kYellow, paper.color));
  }
  return lines;
}

LiveView::LiveView(ColorMode color)
    : is_terminal_(isatty(STDERR_FILENO) == 1),
      color_(UseColor(color, STDERR_FILENO)) {}

LiveView::~LiveView() = default;

void LiveView::Erase() {
  if (drawn_ == 0) return;
  // Up to the first line of the view, then clear to the end of the screen.
  WriteMessage(absl::StrCat("\r\x1b[", drawn_, "A\x1b[J"));
  drawn_ = 0;
}

void LiveView::Draw(const std::vector<std::string>& lines) {
  std::string text;
  if (drawn_ > 0) absl::StrAppend(&text, "\r\x1b[", drawn_, "A");
  for (const std::string& line : lines) {
    absl::StrAppend(&text, line, "\x1b[K\n");
  }
  text += "\x1b[J";
  WriteMessage(text);
  drawn_ = lines.size();
}

void LiveView::Log(const View& view) {
  constexpr absl::Duration kQuietest = absl::Seconds(30);
  std::string text;
  for (const pb::Trial& trial : view.progress.finished) {
    absl::StrAppend(&text, FinishedLine(trial, view), "\n");
  }
  if (view.note != last_note_) {
    if (!view.note.empty()) absl::StrAppend(&text, view.note, "\n");
    last_note_ = view.note;
  }
  if (text.empty() && view.now - last_line_ >= kQuietest) {
    text = absl::StrCat(StatusLine(view), "\n");
  }
  if (text.empty()) return;
  WriteMessage(text);
  last_line_ = view.now;
}

void LiveView::Show(const View& view) {
  if (!is_terminal_) {
    Log(view);
    return;
  }
  // The last column stays free: some terminals wrap when it is written.
  const int width = std::max(1, TerminalWidth(STDERR_FILENO).value_or(80) - 1);
  Draw(RenderView(view, {.width = width, .color = color_}));
}

void LiveView::Say(absl::string_view line) {
  Erase();
  WriteMessage(absl::StrCat(line, "\n"));
}

}  // namespace attune
