#include "worker/cpus.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace attune {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The quota of "150000 100000", 1.5 cores; nullopt for "max 100000".
std::optional<double> Quota(absl::string_view text) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  double quota = 0.0;
  double period = 0.0;
  if (words.size() != 2 || !absl::SimpleAtod(words[0], &quota) ||
      !absl::SimpleAtod(words[1], &period) || quota <= 0.0 || period <= 0.0) {
    return std::nullopt;
  }
  return quota / period;
}

// Of one group: cpu.max of version 2, or the two files of version 1.
std::optional<double> GroupQuota(const std::string& directory) {
  const std::string v2 = ReadText(absl::StrCat(directory, "/cpu.max"));
  if (!v2.empty()) return Quota(v2);
  return Quota(absl::StrCat(ReadText(directory + "/cpu.cfs_quota_us"), " ",
                            ReadText(directory + "/cpu.cfs_period_us")));
}

void Lower(std::optional<double> quota, std::optional<double>& least) {
  if (!quota.has_value()) return;
  least = least.has_value() ? std::min(*least, *quota) : *quota;
}

}  // namespace

std::optional<double> CgroupCores(const std::string& root,
                                  absl::string_view proc_self_cgroup) {
  std::optional<double> least;
  for (const absl::string_view line :
       absl::StrSplit(proc_self_cgroup, '\n', absl::SkipEmpty())) {
    // `0::/a/b` of version 2; `4:cpu,cpuacct:/a/b` of version 1.
    const std::vector<std::string> fields =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::vector<std::string> controllers =
        absl::StrSplit(fields[1], ',', absl::SkipEmpty());
    const bool cpu = std::find(controllers.begin(), controllers.end(), "cpu") !=
                     controllers.end();
    if (!controllers.empty() && !cpu) continue;
    const std::string base = cpu ? absl::StrCat(root, "/", fields[1]) : root;
    std::string path = fields[2];
    while (true) {
      Lower(GroupQuota(absl::StrCat(base, path == "/" ? "" : path)), least);
      const size_t slash = path.rfind('/');
      if (slash == std::string::npos || path.empty() || path == "/") break;
      path.resize(slash);
    }
  }
  return least;
}

int UsableCores() {
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) cores = CPU_COUNT(&set);
  const std::optional<double> quota =
      CgroupCores("/sys/fs/cgroup", ReadText("/proc/self/cgroup"));
  if (quota.has_value()) {
    cores = std::min(cores, static_cast<int>(std::ceil(*quota)));
  }
  return std::max(cores, 1);
}

}  // namespace attune
