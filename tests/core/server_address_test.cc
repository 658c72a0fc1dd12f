#include "core/server_address.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;

TEST(ServerAddressTest, TakesHostsWithAPortAndSockets) {
  for (const char* address : {"here:7070", "127.0.0.1:1", "[::1]:65535",
                              "unix:/run/a.sock", "unix:a.sock"}) {
    EXPECT_EQ(CheckServerAddress(address), "") << address;
  }
}

TEST(ServerAddressTest, SaysWhatIsWrong) {
  for (const char* address : {"here", "7070", ":7070", "", "::1:7070",
                              "http://here:7070", "/run/a.sock"}) {
    EXPECT_THAT(CheckServerAddress(address), HasSubstr("expected host:port"))
        << address;
  }
  for (const char* address : {"here:", "here:0", "here:65536", "here:http"}) {
    EXPECT_THAT(CheckServerAddress(address), HasSubstr("expected 1 to 65535"))
        << address;
  }
  EXPECT_THAT(CheckServerAddress("unix:"), HasSubstr("a path after it"));
}

TEST(ServerAddressTest, ASocketsPathHasALimit) {
  EXPECT_EQ(CheckServerAddress("unix:/" + std::string(106, 'x')), "");
  const std::string path = "/" + std::string(107, 'x');
  EXPECT_THAT(CheckServerAddress("unix:" + path),
              HasSubstr("found the path `" + path +
                        "` of 108 bytes, expected at most 107"));
}

}  // namespace
}  // namespace attune
