#ifndef ATTUNE_CLIENT_COMMANDS_FOLLOW_H_
#define ATTUNE_CLIENT_COMMANDS_FOLLOW_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/commands/commands.h"
#include "client/live_view.h"
#include "client/progress.h"
#include "client/study_client.h"

namespace attune {

enum class Next { kGoOn, kLeave };

// Follows a study on stderr until it is over.
class Follower {
 public:
  // All must outlive it. `signals` interrupt the waiting between two looks.
  Follower(StudyClient* client, const std::string& study, const StudySpec& spec,
           const SignalWaiter* signals, const Globals& globals);

  // `each` is called after every look and with every signal, and told which;
  // what it returns ends the following or does not. A coordinator that cannot
  // be reached is waited for, but `each` is called meanwhile; UNAVAILABLE if it
  // was found by the lock of its database and holds that no more.
  absl::Status Follow(const std::function<absl::StatusOr<Next>(bool)>& each);

  LiveView& view() { return view_; }
  // Stands below the view until it is set anew.
  void SetNote(const std::string& note) { note_ = note; }
  // Of the last look that succeeded.
  bool is_over() const { return is_over_; }
  // Of a study that the coordinator paused, as its trials fail; else empty.
  const std::string& why_paused() const { return why_paused_; }
  // Of each running trial the worker that runs it.
  const std::vector<std::string>& busy_workers() const { return busy_workers_; }

 private:
  absl::Status Look();
  // Says so when somebody pauses the study or lets it go on.
  void NotePause(const pb::Study& study);
  absl::Status WaitForCoordinator(const absl::Status& status);

  const ConnectionOptions connection_;
  const SignalWaiter* const signals_;
  ProgressReader reader_;
  LiveView view_;
  TimeLeft speed_;
  const StudySpec spec_;
  std::string note_;
  std::optional<absl::Time> away_since_;
  bool is_over_ = false;
  bool is_paused_ = false;
  std::string why_paused_;
  std::vector<std::string> busy_workers_;
};

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMANDS_FOLLOW_H_
