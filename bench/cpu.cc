#include "bench/cpu.h"

#include <sched.h>
#include <time.h>

#include <algorithm>

#include "core/check.h"

namespace attune {

double ThreadCpuSeconds() {
  timespec time{};
  ATTUNE_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}

double CpuSecondsOf(Work& work) {
  const double start = ThreadCpuSeconds();
  work.Run();
  return ThreadCpuSeconds() - start;
}

std::vector<int> AllowedCpus() {
  cpu_set_t set;
  ATTUNE_CHECK(sched_getaffinity(0, sizeof(set), &set) == 0);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void PinThread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ATTUNE_CHECK(sched_setaffinity(0, sizeof(set), &set) == 0);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace attune
