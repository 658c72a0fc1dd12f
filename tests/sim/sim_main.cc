// Runs simulations, to look at: simulate --seed=N [--count=M] [-v]

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/log.h"
#include "tests/sim/cluster.h"

namespace attune {
namespace {

int Usage() {
  std::fputs(
      "usage: simulate --seed=N [--count=M] [-v] [--memory|--sqlite]\n"
      "  --seed=N   all that happens follows from it\n"
      "  --count=M  M seeds from N on, until one fails\n"
      "  -v         print every event\n"
      "  --memory, --sqlite\n"
      "             where it is stored; else every fourth seed on SQLite\n",
      stderr);
  return 2;
}

// Returns whether all was well.
bool Run(const SimOptions& options, SimResult& worst) {
  const SimResult result = Simulate(options);
  if (absl::FDivDuration(result.rest, result.longest_rest) >
      absl::FDivDuration(worst.rest, worst.longest_rest)) {
    worst = result;
  }
  if (!result.violation.has_value()) return true;
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed),
              result.violation->c_str());
  return false;
}

int RunAll(SimOptions options, uint64_t count) {
  SimResult worst = {.violation = std::nullopt,
                     .rest = absl::ZeroDuration(),
                     .longest_rest = absl::Seconds(1)};
  for (uint64_t i = 0; i < count; ++i) {
    if (!Run(options, worst)) return 1;
    ++options.seed;
  }
  std::printf(
      "%llu seeds before %llu: all is well; the longest rest was %s, "
      "allowed were %s\n",
      static_cast<unsigned long long>(count),
      static_cast<unsigned long long>(options.seed),
      absl::FormatDuration(worst.rest).c_str(),
      absl::FormatDuration(worst.longest_rest).c_str());
  return 0;
}

int Main(int argc, char** argv) {
  SimOptions options;
  uint64_t count = 1;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "-v") {
      options.verbose = true;
    } else if (argument == "--memory") {
      options.store = StoreKind::kMemory;
    } else if (argument == "--sqlite") {
      options.store = StoreKind::kSqlite;
    } else if (absl::ConsumePrefix(&argument, "--count=")) {
      if (!absl::SimpleAtoi(argument, &count)) return Usage();
    } else if (!absl::ConsumePrefix(&argument, "--seed=") ||
               !absl::SimpleAtoi(argument, &options.seed)) {
      return Usage();
    }
  }
  if (options.verbose) {
    InitLog("simulate", LogLevel::kInfo);
  } else {
    MuteLog();
  }
  return RunAll(options, count);
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) { return attune::Main(argc, argv); }
