#ifndef ATTUNE_WORKER_CPUS_H_
#define ATTUNE_WORKER_CPUS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace attune {

// How many cores this process may use at the same time, at least 1: those it
// may run on (taskset, cpusets), and not more than its control group's share of
// their time, rounded up (docker --cpus, Kubernetes limits).
int UsableCores();

// The least quota, in cores, from the group that `proc_self_cgroup` (the text
// of /proc/self/cgroup) names up to the root of the tree mounted at `root`;
// nullopt if nothing limits it. Knows both versions of control groups.
std::optional<double> CgroupCores(const std::string& root,
                                  absl::string_view proc_self_cgroup);

}  // namespace attune

#endif  // ATTUNE_WORKER_CPUS_H_
