#include "client/study_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_coordinator.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

pb::Trial MakeTrial(int64_t number, pb::Trial::State state) {
  pb::Trial trial;
  trial.set_name(absl::StrCat("studies/s/trials/", number));
  trial.set_number(number);
  trial.set_state(state);
  return trial;
}

TEST(StudyClientTest, GathersAllPages) {
  FakeCoordinator coordinator;
  for (int i = 1; i <= 5; ++i) {
    coordinator.SetTrial(MakeTrial(i, pb::Trial::RUNNING));
  }
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto studies, client.ListStudies());
  EXPECT_THAT(studies, SizeIs(2));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto trials,
                              client.ListTrials("s", {}, /*limit=*/0));
  EXPECT_THAT(trials, SizeIs(5));
}

TEST(StudyClientTest, StopsAtTheLimit) {
  FakeCoordinator coordinator;
  for (int i = 1; i <= 5; ++i) {
    coordinator.SetTrial(MakeTrial(i, pb::Trial::RUNNING));
  }
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto trials,
                              client.ListTrials("s", {}, /*limit=*/3));
  ASSERT_THAT(trials, SizeIs(3));
  EXPECT_EQ(trials[2].number(), 3);
}

TEST(StudyClientTest, KeepsOnlyTheStatesThatWereAskedFor) {
  FakeCoordinator coordinator;
  coordinator.SetTrial(MakeTrial(1, pb::Trial::COMPLETED));
  coordinator.SetTrial(MakeTrial(2, pb::Trial::FAILED));
  coordinator.SetTrial(MakeTrial(3, pb::Trial::RUNNING));
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto trials,
      client.ListTrials("s", {pb::Trial::FAILED, pb::Trial::RUNNING}, 0));
  ASSERT_THAT(trials, SizeIs(2));
  EXPECT_EQ(trials[0].number(), 2);
}

TEST(StudyClientTest, PassesTheCoordinatorsErrorsOn) {
  FakeCoordinator coordinator;
  StudyClient client(coordinator.address());
  const auto study = client.GetStudy("other");
  EXPECT_THAT(study, StatusIs(absl::StatusCode::kNotFound,
                              "there is no studies/other"));
  EXPECT_THAT(study, HasReason(reason::kStudyNotFound));
}

TEST(StudyClientTest, CreatesWithAttributes) {
  FakeCoordinator coordinator;
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const pb::Study study,
      client.CreateStudy({.name = "s"}, {{"owner", "anna"}}));
  EXPECT_THAT(study.attributes(),
              testing::UnorderedElementsAre(testing::Pair("owner", "anna")));
}

TEST(StudyClientTest, UpdatesWhatThePathsName) {
  FakeCoordinator coordinator;
  StudyClient client(coordinator.address());
  pb::Study wanted;
  wanted.set_name("studies/s");
  wanted.set_etag("7");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const pb::Study study,
      client.UpdateStudy(wanted, {"attributes", "spec.budget"}));
  EXPECT_EQ(study.etag(), "7");
  EXPECT_EQ(study.state_reason(), "attributes,spec.budget");
}

TEST(StudyClientTest, CreatesTrialsInTheirOrder) {
  FakeCoordinator coordinator;
  StudyClient client(coordinator.address());
  std::vector<pb::Trial> wanted(2);
  (*wanted[1].mutable_attributes())["source"] = "paper";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto created,
                              client.CreateTrials("s", wanted, "wish-1"));
  ASSERT_THAT(created, SizeIs(2));
  EXPECT_EQ(created[0].tag(), "wish-1");
  EXPECT_EQ(created[1].attributes().at("source"), "paper");
}

TEST(StudyClientTest, ChangesOneTrial) {
  FakeCoordinator coordinator;
  StudyClient client(coordinator.address());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial cancelled,
                              client.CancelTrial("s", 7, "too slow"));
  EXPECT_EQ(cancelled.name(), "studies/s/trials/7");
  EXPECT_EQ(cancelled.state_reason(), "too slow");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial stopped,
                              client.StopTrial("s", 8, "enough"));
  EXPECT_EQ(stopped.name(), "studies/s/trials/8");
  EXPECT_TRUE(stopped.stop_requested());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial again, client.RetryTrial("s", 9));
  EXPECT_EQ(again.name(), "studies/s/trials/9");
  EXPECT_EQ(again.state(), pb::Trial::WAITING);
}

TEST(StudyClientTest, SaysWhereNobodyListens) {
  std::string address;
  {
    const FakeCoordinator gone;
    address = gone.address();
  }
  StudyClient client(address);
  EXPECT_THAT(client.ListStudies(),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("cannot reach a coordinator at unix:"),
                             HasSubstr(address))));
  // With all the time of the world: it does not wait for one.
  EXPECT_THAT(client.Check(absl::Hours(1), /*wait=*/false),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr(address + ": there is no such socket")));
}

// A port that is no coordinator's: what connects to it gets `greeting`, or
// nothing at all.
class ForeignPort {
 public:
  explicit ForeignPort(std::string greeting)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&name), size), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size), 0);
    address_ = absl::StrCat("127.0.0.1:", ntohs(name.sin_port));
    if (greeting.empty()) return;
    thread_ = std::thread([this, greeting] {
      for (int fd = 0; (fd = accept(fd_, nullptr, nullptr)) >= 0; close(fd)) {
        send(fd, greeting.data(), greeting.size(), MSG_NOSIGNAL);
        char byte = 0;
        recv(fd, &byte, 1, 0);
      }
    });
  }
  ~ForeignPort() {
    shutdown(fd_, SHUT_RDWR);  // ends accept()
    if (thread_.joinable()) thread_.join();
    close(fd_);
  }
  const std::string& address() const { return address_; }

 private:
  const int fd_;
  std::string address_;
  std::thread thread_;
};

TEST(StudyClientTest, SaysThatSomethingElseListens) {
  for (const char* greeting :
       {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    const ForeignPort port(greeting);
    EXPECT_THAT(
        StudyClient(port.address()).ListStudies(),
        StatusIs(absl::StatusCode::kUnavailable,
                 "cannot reach a coordinator at " + port.address() +
                     ": something listens there that is no Attune coordinator"))
        << greeting;
  }
  const ForeignPort silent("");
  EXPECT_THAT(
      StudyClient(silent.address()).ListStudies(),
      StatusIs(absl::StatusCode::kUnavailable,
               HasSubstr(": it accepts connections but does not answer")));
}

TEST(StudyClientTest, SaysThatThereIsNoSuchHost) {
  // Too long for a name, so nobody has to be asked.
  const std::string address = std::string(70, 'x') + ":7070";
  EXPECT_THAT(StudyClient(address).ListStudies(),
              StatusIs(absl::StatusCode::kUnavailable,
                       "cannot reach a coordinator at " + address +
                           ": there is no such host"));
}

TEST(StudyClientTest, ChecksHealth) {
  FakeCoordinator coordinator;
  StudyClient client(coordinator.address());
  ATTUNE_EXPECT_OK(client.Check(absl::Seconds(30)));
}

}  // namespace
}  // namespace attune
