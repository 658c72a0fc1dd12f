#include "server/server_status.h"

#include <utility>

#include "core/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/running_server.h"

namespace attune {
namespace {

using testing::ElementsAre;

class ServerStatusTest : public RunningServerTest {
 protected:
  static pb::ServerStatus StatusOf(StudyStub& stub) {
    const auto status =
        Call(stub, &StudyStub::GetServerStatus, pb::GetServerStatusRequest());
    ATTUNE_CHECK(status.ok());
    return *status;
  }
};

TEST_F(ServerStatusTest, SaysHowTheServerIsDoing) {
  CompleteTrials(MakeStudySpec("mlp"), 2);
  ATTUNE_ASSERT_OK(Lease({"w"}));
  const pb::ServerStatus status = StatusOf(studies());
  EXPECT_EQ(status.version(), Version());
  EXPECT_EQ(status.database(), database_);
  EXPECT_FALSE(status.read_only());
  EXPECT_GT(status.start_time().seconds(), 0);
  EXPECT_THAT(status.addresses(), ElementsAre(server_->addresses()[0]));
  EXPECT_EQ(status.study_counts().at("active"), 1);
  EXPECT_EQ(status.running_trials(), 1);
  EXPECT_EQ(status.worker_count(), 1);
  ASSERT_EQ(status.workers_size(), 1);
  EXPECT_EQ(status.workers(0).worker(), "w");
  EXPECT_EQ(status.workers(0).trial(), "studies/mlp/trials/3");
  EXPECT_GE(status.workers(0).last_contact_time().seconds(),
            status.start_time().seconds());
  EXPECT_GE(status.commits().count(), 5);
  EXPECT_EQ(status.commits().failures(), 0);
  EXPECT_GT(status.commits().longest().nanos(), 0);
}

TEST_F(ServerStatusTest, AReadOnlyServerSaysThatItIsOne) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto reading,
                              Server::Start({.database = database_,
                                             .listen = {"127.0.0.1:0"},
                                             .read_only = true}));
  const ApiClient client(reading->addresses().front());
  const pb::ServerStatus status = StatusOf(*client.studies);
  EXPECT_TRUE(status.read_only());
  EXPECT_EQ(status.commits().count(), 0);
}

}  // namespace
}  // namespace attune
