#include "server/waiting_room.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

WaitingLease Waits(std::vector<WorkerId> workers, int64_t study = 0,
                   absl::Time deadline = kStart) {
  WaitingLease waiting;
  waiting.request.workers = std::move(workers);
  waiting.queue = {study};
  waiting.deadline = deadline;
  return waiting;
}

// The first workers, in order.
std::vector<std::string> Names(const std::vector<WaitingLease>& waiting) {
  std::vector<std::string> names;
  for (const WaitingLease& one : waiting) {
    names.push_back(one.request.workers[0].value);
  }
  return names;
}

TEST(WaitingRoomTest, ServesEachQueueInTheOrderOfArrival) {
  WaitingRoom room;
  room.Add(Waits({{"a"}}, 2));
  room.Add(Waits({{"b"}}));
  room.Add(Waits({{"c"}}, 2));
  EXPECT_THAT(room.Queues(), ElementsAre(StudyId{0}, StudyId{2}));
  EXPECT_LT(room.First({2}), room.First({0}));
  EXPECT_EQ(room.Take(room.First({2})).request.workers[0].value, "a");
  EXPECT_EQ(room.Take(room.First({2})).request.workers[0].value, "c");
  EXPECT_THAT(room.Queues(), ElementsAre(StudyId{0}));
}

TEST(WaitingRoomTest, FindsTheRequestsOfWorkers) {
  WaitingRoom room;
  room.Add(Waits({{"a"}, {"b"}}));
  room.Add(Waits({{"c"}}));
  const std::vector<WorkerId> workers = {{"b"}, {"d"}};
  EXPECT_THAT(Names(room.TakeAllOf(workers)), ElementsAre("a"));
  EXPECT_THAT(Names(room.TakeAllOf(workers)), IsEmpty());
  EXPECT_THAT(Names(room.TakeAll()), ElementsAre("c"));
}

TEST(WaitingRoomTest, LetsThoseGoWhoseTimeIsOver) {
  WaitingRoom room;
  EXPECT_EQ(room.FirstDeadline(), absl::InfiniteFuture());
  room.Add(Waits({{"a"}}, 0, kStart + absl::Seconds(2)));
  room.Add(Waits({{"b"}}, 0, kStart + absl::Seconds(1)));
  EXPECT_EQ(room.FirstDeadline(), kStart + absl::Seconds(1));
  EXPECT_THAT(Names(room.TakeOverdue(kStart)), IsEmpty());
  EXPECT_THAT(Names(room.TakeOverdue(kStart + absl::Seconds(1))),
              ElementsAre("b"));
  EXPECT_EQ(room.FirstDeadline(), kStart + absl::Seconds(2));
}

TEST(WaitingRoomTest, EmptiesAWholeQueue) {
  WaitingRoom room;
  room.Add(Waits({{"a"}}, 2));
  room.Add(Waits({{"b"}}, 3));
  EXPECT_THAT(Names(room.TakeQueue({2})), ElementsAre("a"));
  EXPECT_THAT(Names(room.TakeQueue({2})), IsEmpty());
}

}  // namespace
}  // namespace attune
