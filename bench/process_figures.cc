#include "bench/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/check.h"

namespace attune {
namespace {

// The number in the line that begins with `name` and a colon.
int64_t NumberOf(const std::string& path, absl::string_view name) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, name)) continue;
    if (!absl::ConsumePrefix(&rest, ":")) continue;
    absl::ConsumeSuffix(&rest, "kB");
    int64_t number = 0;
    ATTUNE_CHECK(absl::SimpleAtoi(rest, &number));
    return number;
  }
  ATTUNE_CHECK(false);
  return 0;
}

absl::Duration CpuTime(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  // The second field, the name in parentheses, may have spaces.
  const std::vector<std::string> fields =
      absl::StrSplit(text.substr(text.rfind(')') + 1), ' ');
  ATTUNE_CHECK(fields.size() > 13);
  int64_t user = 0;  // fields 14 and 15 of proc(5)
  int64_t system = 0;
  ATTUNE_CHECK(absl::SimpleAtoi(fields[12], &user) &&
               absl::SimpleAtoi(fields[13], &system));
  return absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
}

}  // namespace

ProcessFigures ReadProcess(pid_t process) {
  const std::string folder = absl::StrCat("/proc/", process);
  const std::filesystem::directory_iterator descriptors(folder + "/fd");
  return {.cpu = CpuTime(folder + "/stat"),
          .resident_bytes = 1024 * NumberOf(folder + "/status", "VmRSS"),
          .descriptors = std::distance(begin(descriptors), end(descriptors)),
          .disk_bytes = NumberOf(folder + "/io", "write_bytes")};
}

void RaiseDescriptorLimit() {
  rlimit limit = {};
  ATTUNE_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  ATTUNE_CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace attune
