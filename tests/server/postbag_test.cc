#include "server/postbag.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

// The commits of a storage that does nothing else of its own.
class CountingStorage : public MemoryStorage {
 public:
  absl::Status Commit(const WriteBatch& batch) override {
    ++commits;
    return MemoryStorage::Commit(batch);
  }
  int commits = 0;
};

TEST(PostbagTest, WhatItCarriesSharesACommit) {
  CountingStorage storage;
  const FakeClock clock;
  auto coordinator = Coordinator::Open(&storage, {}, clock.Now());
  ATTUNE_ASSERT_OK(coordinator);
  CoordinatorLoop loop(*std::move(coordinator), &clock);
  Postbag postbag(&loop);
  int answered = 0;  // by the loop's thread, which Close() joins
  for (const char* name : {"a", "b", "c"}) {
    postbag.Add({.command = CreateStudy{MakeStudySpec(name)},
                 .done = [&answered](const absl::StatusOr<Reply>& reply) {
                   if (reply.ok()) ++answered;
                 }});
  }
  EXPECT_EQ(loop.queued(), 0);
  postbag.Carry();
  postbag.Carry();
  loop.Close();
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(storage.commits, 1);
}

TEST(PostbagTest, AClosedLoopRefusesAllThatItCarries) {
  MemoryStorage storage;
  const FakeClock clock;
  auto coordinator = Coordinator::Open(&storage, {}, clock.Now());
  ATTUNE_ASSERT_OK(coordinator);
  CoordinatorLoop loop(*std::move(coordinator), &clock);
  loop.Close();
  Postbag postbag(&loop);
  int refused = 0;
  for (int i = 0; i < 2; ++i) {
    postbag.Add({.command = RenewLeases{},
                 .done = [&refused](const absl::StatusOr<Reply>& reply) {
                   if (absl::IsUnavailable(reply.status())) ++refused;
                 }});
  }
  postbag.Carry();
  EXPECT_EQ(refused, 2);
}

}  // namespace
}  // namespace attune
