// Runs one simulation, to look at: simulate --seed=N [-v] [--sqlite]

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/log.h"
#include "storage/memory_storage.h"
#include "storage/sqlite_storage.h"
#include "tests/sim/cluster.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

int Usage() {
  std::fputs(
      "usage: simulate --seed=N [-v] [--sqlite]\n"
      "  --seed=N  all that happens follows from it\n"
      "  -v        print every event\n"
      "  --sqlite  on a database in a temporary directory, not in memory\n",
      stderr);
  return 2;
}

int Main(int argc, char** argv) {
  SimOptions options;
  bool sqlite = false;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "-v") {
      options.verbose = true;
    } else if (argument == "--sqlite") {
      sqlite = true;
    } else if (!absl::ConsumePrefix(&argument, "--seed=") ||
               !absl::SimpleAtoi(argument, &options.seed)) {
      return Usage();
    }
  }
  InitLog("simulate", options.verbose ? LogLevel::kInfo : LogLevel::kError);
  const TemporaryDirectory directory;
  std::unique_ptr<Storage> storage = std::make_unique<MemoryStorage>();
  if (sqlite) {
    auto opened = SqliteStorage::Open(directory.path() + "/attune.db");
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
      return 1;
    }
    storage = *std::move(opened);
  }
  const SimResult result = Cluster(options, storage.get()).Run();
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed),
              result.violation.value_or("all is well").c_str());
  return result.violation.has_value() ? 1 : 0;
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) { return attune::Main(argc, argv); }
