#ifndef ATTUNE_SERVER_OUTBOX_H_
#define ATTUNE_SERVER_OUTBOX_H_

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/command.h"

namespace attune {

using Done = absl::AnyInvocable<void(absl::StatusOr<Reply>)>;

// The answers of a batch, held back until what they rest on is stored.
class Outbox {
 public:
  // `rests_on_commit`: the answer may be wrong if nothing of the batch is
  // stored.
  void Put(Done done, absl::StatusOr<Reply> reply, bool rests_on_commit);

  // Gives every answer, in the order of Put(). If `commit` is an error, those
  // that rest on it become UNAVAILABLE with reason STORAGE_UNAVAILABLE.
  void Send(const absl::Status& commit);

 private:
  struct Letter {
    Done done;
    absl::StatusOr<Reply> reply;
    bool rests_on_commit = false;
  };
  std::vector<Letter> letters_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_OUTBOX_H_
