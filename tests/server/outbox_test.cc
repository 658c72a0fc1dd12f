#include "server/outbox.h"

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;

TEST(OutboxTest, AnswersInOrderAndOnce) {
  Outbox outbox;
  std::vector<int> order;
  outbox.Put([&](const absl::StatusOr<Reply>&) { order.push_back(1); }, Reply(),
             true);
  outbox.Put([&](const absl::StatusOr<Reply>&) { order.push_back(2); }, Reply(),
             false);
  outbox.Send(absl::OkStatus());
  outbox.Send(absl::OkStatus());
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(OutboxTest, TakesBackWhatRestsOnACommitThatFailed) {
  Outbox outbox;
  std::optional<absl::StatusOr<Reply>> rests;
  std::optional<absl::StatusOr<Reply>> stands;
  outbox.Put([&](absl::StatusOr<Reply> reply) { rests = std::move(reply); },
             Reply(), true);
  outbox.Put([&](absl::StatusOr<Reply> reply) { stands = std::move(reply); },
             Reply(), false);
  outbox.Send(absl::UnavailableError("disk full"));
  EXPECT_THAT(*rests, StatusIs(absl::StatusCode::kUnavailable,
                               testing::HasSubstr("disk full")));
  EXPECT_THAT(*rests, HasReason(reason::kStorageUnavailable));
  ATTUNE_EXPECT_OK(*stands);
}

}  // namespace
}  // namespace attune
