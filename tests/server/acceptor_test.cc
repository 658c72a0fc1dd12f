#include "server/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::HasSubstr;

int Connect(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  name.sin_port = htons(static_cast<uint16_t>(port));
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof(name)),
            0);
  return fd;
}

class AcceptorTest : public testing::Test {
 protected:
  AcceptorTest()
      : acceptor_([this](int fd) {
          const absl::MutexLock lock(&mutex_);
          taken_.push_back(fd);
        }) {}
  ~AcceptorTest() override {
    acceptor_.Stop();
    CloseTaken();
  }

  void WaitForTaken(size_t count) {
    const absl::MutexLock lock(&mutex_);
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return taken_.size() >= count;
    };
    mutex_.Await(absl::Condition(&reached));
  }
  // Whether the last of the clients was, once that is decided.
  bool WasTaken(const std::vector<int>& clients) {
    pollfd last = {.fd = clients.back(), .events = POLLIN, .revents = 0};
    while (true) {
      {
        const absl::MutexLock lock(&mutex_);
        if (taken_.size() == clients.size()) return true;
      }
      // Nothing is ever sent, so what can be read is the end.
      if (poll(&last, 1, /*timeout=*/1) > 0) return false;
    }
  }
  void CloseTaken() {
    const absl::MutexLock lock(&mutex_);
    for (const int fd : taken_) close(fd);
    taken_.clear();
  }

  absl::Mutex mutex_;
  std::vector<int> taken_ ABSL_GUARDED_BY(mutex_);
  Acceptor acceptor_;
};

TEST_F(AcceptorTest, HandsOnWhatConnects) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Endpoint bound, acceptor_.Listen({.host = "127.0.0.1", .port = 0}));
  EXPECT_NE(bound.port, 0);
  acceptor_.Start();
  const int client = Connect(bound.port);
  WaitForTaken(1);
  close(client);
}

TEST_F(AcceptorTest, TakesAnAddressThatNobodyHas) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Endpoint bound, acceptor_.Listen({.host = "127.0.0.1", .port = 0}));
  Acceptor second([](int fd) { close(fd); });
  EXPECT_THAT(second.Listen(bound),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasSubstr("Address already in use")));
  acceptor_.Stop();
  EXPECT_THAT(second.Listen(bound), IsOk());
}

TEST_F(AcceptorTest, TakesThePlaceOfASocketThatWasLeftBehind) {
  const TemporaryDirectory directory;
  const Endpoint endpoint = {.unix_path = directory.path() + "/socket"};
  ATTUNE_ASSERT_OK(acceptor_.Listen(endpoint));
  acceptor_.Stop();
  EXPECT_TRUE(std::filesystem::exists(endpoint.unix_path));
  Acceptor second([](int fd) { close(fd); });
  EXPECT_THAT(second.Listen(endpoint), IsOk());
}

// Descriptors are few for as long as it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t most) {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit few = {most, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_ = {};
};

TEST_F(AcceptorTest, KeepsDescriptorsBackAndTakesConnectionsAgain) {
  const FewDescriptors few(128);  // of which it keeps 16
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Endpoint bound, acceptor_.Listen({.host = "127.0.0.1", .port = 0}));
  acceptor_.Start();
  // Every one costs two in this process, and the last of all is refused.
  std::vector<int> clients;
  do {
    ASSERT_LT(clients.size(), 128U);
    clients.push_back(Connect(bound.port));
  } while (WasTaken(clients));
  const int own = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_GE(own, 0) << "none is left for the database";
  close(own);

  for (const int fd : clients) close(fd);
  CloseTaken();
  const int client = Connect(bound.port);
  WaitForTaken(1);
  close(client);
}

}  // namespace
}  // namespace attune
