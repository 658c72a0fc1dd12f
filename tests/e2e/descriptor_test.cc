// A coordinator that may open few files and has many clients.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

// Connections that say nothing.
class IdleClients {
 public:
  IdleClients(const std::string& address, int count) {
    const std::vector<std::string> parts = absl::StrSplit(address, ':');
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(parts.back(), &port));
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<uint16_t>(port));
    for (int i = 0; i < count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      // One that finds no place waits in the kernel's queue.
      EXPECT_EQ(
          connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof(name)),
          0);
      fds_.push_back(fd);
    }
  }
  ~IdleClients() {
    for (const int fd : fds_) close(fd);
  }
  IdleClients(const IdleClients&) = delete;
  IdleClients& operator=(const IdleClients&) = delete;

 private:
  std::vector<int> fds_;
};

TEST(DescriptorTest, TooManyConnectionsAreSaidAndOutlived) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db, {}, {.descriptor_limit = 64});
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 300));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
  // It was there before, and is served.
  const std::unique_ptr<Process> worker =
      StartWorker(service, {"--exit-when-done"});
  ASSERT_TRUE(worker->WaitForLog("event=trial_ended").has_value());
  {
    const IdleClients many(service.address, 100);
    ASSERT_TRUE(
        service.process->WaitForLog("event=connections_refused").has_value())
        << service.process->Log();
    EXPECT_EQ(worker->Wait(), 0) << worker->Log();
  }
  // There is room again.
  const Finish list = Attune(service, {"list"});
  EXPECT_EQ(list.exit_code, 0) << list.log << service.process->Log();
  service.process->Signal(SIGTERM);
  EXPECT_EQ(service.process->Wait(), 0) << service.process->Log();
  EXPECT_EQ(Sql(db, "pragma integrity_check"), "ok");
  EXPECT_EQ(Sql(db, "select count(*) from trials where state = 'completed'"),
            "300");
}

}  // namespace
}  // namespace attune
