#include "server/listen.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(ResolveListenAddressTest, HostsAndPortsAreRead) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto four,
                              ResolveListenAddress("127.0.0.1:7070"));
  ASSERT_THAT(four, SizeIs(1));
  EXPECT_EQ(four[0].Name(), "127.0.0.1:7070");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto six, ResolveListenAddress("[::1]:0"));
  ASSERT_THAT(six, SizeIs(1));
  EXPECT_EQ(six[0].Name(), "[::1]:0");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto local,
                              ResolveListenAddress("unix:/tmp/a.sock"));
  ASSERT_THAT(local, SizeIs(1));
  EXPECT_EQ(local[0].Name(), "unix:/tmp/a.sock");
}

class BadListenAddressTest : public testing::TestWithParam<std::string> {};

TEST_P(BadListenAddressTest, IsRefused) {
  EXPECT_THAT(ResolveListenAddress(GetParam()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("host:port or unix:PATH")));
}

INSTANTIATE_TEST_SUITE_P(ResolveListenAddressTest, BadListenAddressTest,
                         testing::Values("", "7070", ":7070", "localhost",
                                         "localhost:", "localhost:x",
                                         "localhost:70700", "localhost:-1",
                                         "::1:7070", "unix:"));

TEST(ResolveListenAddressTest, UnknownHostsAreNotFound) {
  EXPECT_THAT(ResolveListenAddress("no-such-host.invalid:7070"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no-such-host.invalid:7070")));
}

// A socket that listens, or one that was left behind without.
class UnixListener {
 public:
  explicit UnixListener(const std::string& path)
      : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(
        bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
        0);
    EXPECT_EQ(listen(fd_, 1), 0);
  }
  ~UnixListener() { close(fd_); }

 private:
  const int fd_;
};

class UnixEndpointTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("a.sock");
  const Endpoint endpoint_ = {.unix_path = path_};
};

TEST_F(UnixEndpointTest, AFreePathIsFine) {
  EXPECT_THAT(CheckEndpoint(endpoint_, false), IsOk());
}

TEST_F(UnixEndpointTest, ASocketThatIsServedIsRefused) {
  const UnixListener listener(path_);
  EXPECT_THAT(CheckEndpoint(endpoint_, true),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(path_)));
}

TEST_F(UnixEndpointTest, ASocketLeftBehindIsReplacedOnlyIfAllowed) {
  { const UnixListener listener(path_); }
  EXPECT_THAT(CheckEndpoint(endpoint_, false),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(CheckEndpoint(endpoint_, true), IsOk());
}

TEST_F(UnixEndpointTest, AFileIsNeverReplaced) {
  std::ofstream(path_) << "precious";
  EXPECT_THAT(
      CheckEndpoint(endpoint_, true),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no socket")));
}

TEST_F(UnixEndpointTest, ALongPathIsRefused) {
  EXPECT_THAT(
      CheckEndpoint({.unix_path = "/" + std::string(200, 'x')}, true),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 107")));
  EXPECT_THAT(ResolveListenAddress("unix:/" + std::string(107, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("of 108 bytes, expected at most 107")));
}

TEST(TcpEndpointTest, APortInUseIsRefused) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Endpoint endpoint{.host = "127.0.0.1", .port = ntohs(address.sin_port)};
  EXPECT_THAT(
      CheckEndpoint(endpoint, true),
      StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("already in use")));
  close(fd);
  EXPECT_THAT(CheckEndpoint(endpoint, true), IsOk());
}

}  // namespace
}  // namespace attune
