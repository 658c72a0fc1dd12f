#include "worker/engine_choice.h"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr char kLibrary[] = "libattune_engine.so";
// Below the folder of the most basic build; the loader's name for it.
constexpr char kHwcaps[] = "/glibc-hwcaps/";

// Empty if the program is not linked with the engine.
std::string LoadedPath() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) return "";
  link_map* map = nullptr;
  std::string path;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) == 0) path = map->l_name;
  dlclose(library);
  return path;
}

}  // namespace

EngineBuilds EngineBuildsHere() {
#if defined(__x86_64__)
  EngineBuilds builds{.names = {"x86-64", "x86-64-v3", "x86-64-v4"}};
  const bool v3 = __builtin_cpu_supports("avx2") != 0 &&
                  __builtin_cpu_supports("fma") != 0 &&
                  __builtin_cpu_supports("bmi2") != 0;
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") != 0 &&
                  __builtin_cpu_supports("avx512bw") != 0 &&
                  __builtin_cpu_supports("avx512cd") != 0 &&
                  __builtin_cpu_supports("avx512dq") != 0 &&
                  __builtin_cpu_supports("avx512vl") != 0;
  builds.runnable = v4 ? 3 : v3 ? 2 : 1;
  return builds;
#else
  return {.names = {"generic"}};
#endif
}

absl::StatusOr<std::string> EnginePath(const EngineBuilds& builds,
                                       absl::string_view wanted,
                                       absl::string_view loaded) {
  const auto found =
      std::find(builds.names.begin(), builds.names.end(), wanted);
  if (found == builds.names.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("ATTUNE_ENGINE is '", wanted, "', expected one of ",
                     absl::StrJoin(builds.names, ", ")));
  }
  const auto index = static_cast<size_t>(found - builds.names.begin());
  if (index >= builds.runnable) {
    return absl::FailedPreconditionError(
        absl::StrCat("ATTUNE_ENGINE is '", wanted,
                     "', which this processor does not run; the best that it "
                     "runs is ",
                     builds.names[builds.runnable - 1]));
  }
  absl::string_view folder = loaded.substr(0, loaded.rfind('/'));
  for (const std::string& name : builds.names) {
    if (absl::ConsumeSuffix(&folder, absl::StrCat(kHwcaps, name))) break;
  }
  return index == 0 ? absl::StrCat(folder, "/", kLibrary)
                    : absl::StrCat(folder, kHwcaps, wanted, "/", kLibrary);
}

absl::Status UseChosenEngine(absl::string_view loaded, char** argv) {
  const char* const wanted = std::getenv("ATTUNE_ENGINE");
  if (wanted == nullptr || *wanted == '\0' || loaded == wanted) {
    return absl::OkStatus();
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::string path,
                          EnginePath(EngineBuildsHere(), wanted, LoadedPath()));
  if (access(path.c_str(), R_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("ATTUNE_ENGINE is '", wanted,
                                            "', but there is no ", path));
  }
  // What is loaded first stands in for every library of the same name.
  const char* const before = std::getenv("LD_PRELOAD");
  std::string preload = path;
  if (before != nullptr && *before != '\0') {
    if (absl::StartsWith(before, path)) {
      return absl::InternalError(absl::StrCat(
          "the loader took ", loaded, " and not ", path, " as it was told"));
    }
    absl::StrAppend(&preload, ":", before);
  }
  setenv("LD_PRELOAD", preload.c_str(), /*overwrite=*/1);
  execv("/proc/self/exe", argv);
  return absl::InternalError(
      absl::StrCat("starting anew with ", path, ": ", std::strerror(errno)));
}

}  // namespace attune
