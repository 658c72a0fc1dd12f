#ifndef ATTUNE_BENCH_CPU_H_
#define ATTUNE_BENCH_CPU_H_

#include <vector>

#include "bench/work.h"

namespace attune {

// CPU time of this thread: what other processes do on the machine costs none.
double ThreadCpuSeconds();

// Of one round.
double CpuSecondsOf(Work& work);

// The cores that this process may use, at least one.
std::vector<int> AllowedCpus();

// This thread, and those that it starts, run on that core alone from now on.
void PinThread(int cpu);

// REQUIRES: `values` is not empty.
double Median(std::vector<double> values);

}  // namespace attune

#endif  // ATTUNE_BENCH_CPU_H_
