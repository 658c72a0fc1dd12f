#include "client/status_report.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

pb::ServerStatus MakeStatus() {
  pb::ServerStatus status;
  status.set_version("1.2.3");
  status.mutable_start_time()->set_seconds(1000);
  status.set_database("attune.db");
  status.add_addresses("127.0.0.1:7070");
  status.add_addresses("unix:/run/attune");
  (*status.mutable_study_counts())["paused"] = 1;
  (*status.mutable_study_counts())["active"] = 2;
  status.set_running_trials(1);
  status.set_worker_count(2);
  status.set_waiting_calls(1);
  status.set_queued_calls(3);
  status.set_watchers(4);
  pb::WorkerStatus& busy = *status.add_workers();
  busy.set_worker("host:1.2/0");
  busy.set_trial("studies/mlp/trials/7");
  busy.mutable_last_contact_time()->set_seconds(1090);
  pb::WorkerStatus& idle = *status.add_workers();
  idle.set_worker("host:1.2/\x1b");
  idle.mutable_last_contact_time()->set_seconds(2000);
  status.mutable_commits()->set_count(10);
  status.mutable_commits()->mutable_median()->set_nanos(1'250'000);
  status.mutable_commits()->mutable_p99()->set_nanos(20'000'000);
  status.mutable_commits()->mutable_longest()->set_seconds(1);
  return status;
}

constexpr absl::Time kNow = absl::FromUnixSeconds(1100);

std::string Line(const pb::ServerStatus& status, const std::string& label) {
  for (const SummaryLine& line : StatusLines(status, kNow)) {
    if (line.label == label) return line.text;
  }
  return "(no such line)";
}

TEST(StatusReportTest, SaysHowTheCoordinatorIsDoing) {
  const pb::ServerStatus status = MakeStatus();
  EXPECT_EQ(Line(status, "coordinator"), "127.0.0.1:7070, unix:/run/attune");
  EXPECT_EQ(Line(status, "up"), "1m40s");
  EXPECT_EQ(Line(status, "studies"), "2 active, 1 paused");
  EXPECT_EQ(Line(status, "trials"), "1 running");
  EXPECT_EQ(Line(status, "waiting"),
            "1 calls for a trial, 3 for the coordinator");
  EXPECT_EQ(Line(status, "commits"),
            "10, median 1.25 ms, p99 20.0 ms, longest 1000 ms");
  EXPECT_EQ(Line(status, "failed"), "(no such line)");
  EXPECT_EQ(Line(status, "workers"), "2 slots");
}

TEST(StatusReportTest, SaysThatCommitsFailed) {
  pb::ServerStatus status = MakeStatus();
  status.mutable_commits()->set_failures(2);
  status.mutable_commits()->set_last_error("disk full\n");
  status.mutable_commits()->mutable_last_error_time()->set_seconds(1095);
  EXPECT_THAT(Line(status, "failed"),
              HasSubstr("2 commits, the last 5.0s ago: disk full"));
}

TEST(StatusReportTest, AReaderHasNoWorkers) {
  pb::ServerStatus status = MakeStatus();
  status.set_read_only(true);
  EXPECT_THAT(Line(status, "coordinator"), HasSubstr("only reads"));
  for (const char* label : {"studies", "workers", "waiting", "commits"}) {
    EXPECT_EQ(Line(status, label), "(no such line)");
  }
}

TEST(StatusReportTest, ListsTheWorkers) {
  const Listing listing = ListStatus(MakeStatus(), kNow);
  ASSERT_THAT(listing.table.rows, SizeIs(2));
  EXPECT_EQ(listing.table.rows[0][1].text, "mlp 7");
  EXPECT_EQ(listing.table.rows[0][2].text, "10s ago");
  EXPECT_EQ(listing.table.rows[1][1].text, "waits for one");
  EXPECT_EQ(listing.table.rows[1][2].text, "0.0s ago") << "its clock is ahead";
  for (const char c : listing.table.rows[1][0].text) EXPECT_NE(c, '\x1b');
}

pb::CommitStatus Commits(int64_t count, int64_t failures,
                         const std::string& error) {
  pb::CommitStatus commits;
  commits.set_count(count);
  commits.set_failures(failures);
  commits.set_last_error(error);
  return commits;
}

TEST(CommitWatchTest, SaysOnceWhyACoordinatorCannotWrite) {
  CommitWatch watch;
  EXPECT_EQ(watch.Look(Commits(5, 0, "")), "");
  EXPECT_EQ(watch.Look(Commits(9, 0, "")), "");
  EXPECT_EQ(watch.Look(Commits(9, 1, "disk full\x1b")),
            "the coordinator cannot write: disk full\\033");
  EXPECT_EQ(watch.Look(Commits(9, 1, "disk full\x1b")), "");
  EXPECT_EQ(watch.Look(Commits(9, 4, "disk full\x1b")), "");
  EXPECT_EQ(watch.Look(Commits(9, 5, "file removed")),
            "the coordinator cannot write: file removed");
  EXPECT_EQ(watch.Look(Commits(10, 5, "file removed")),
            "the coordinator writes again");
  EXPECT_EQ(watch.Look(Commits(11, 5, "file removed")), "");
  EXPECT_EQ(watch.Look(Commits(11, 6, "file removed")),
            "the coordinator cannot write: file removed");
}

TEST(CommitWatchTest, WhatFailedBeforeIsPast) {
  CommitWatch watch;
  EXPECT_EQ(watch.Look(Commits(5, 3, "disk full")), "");
  EXPECT_EQ(watch.Look(Commits(6, 3, "disk full")), "");
}

TEST(StatusReportTest, JsonIsOneObject) {
  const Listing listing = ListStatus(MakeStatus(), kNow);
  ASSERT_THAT(listing.json, SizeIs(1));
  const Json& json = listing.json[0];
  EXPECT_EQ(json["uptime_s"], 100.0);
  EXPECT_EQ(json["studies"]["active"], 2);
  EXPECT_EQ(json["commits"]["median_ms"], 1.25);
  EXPECT_EQ(json["workers"][0]["trial"], "studies/mlp/trials/7");
  EXPECT_TRUE(json["workers"][1]["trial"].is_null());
}

}  // namespace
}  // namespace attune
