#include "server/outbox.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/error.h"

namespace attune {

void Outbox::Put(Done done, absl::StatusOr<Reply> reply, bool rests_on_commit) {
  letters_.push_back({.done = std::move(done),
                      .reply = std::move(reply),
                      .rests_on_commit = rests_on_commit});
}

void Outbox::Send(const absl::Status& commit) {
  std::vector<Letter> letters;
  letters.swap(letters_);
  for (Letter& letter : letters) {
    if (!commit.ok() && letter.rests_on_commit) {
      letter.reply =
          Error(absl::StatusCode::kUnavailable, reason::kStorageUnavailable,
                absl::StrCat("nothing was changed, as it could not be stored: ",
                             commit.message()));
    }
    letter.done(std::move(letter.reply));
  }
}

}  // namespace attune
