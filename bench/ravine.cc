// The paths of our optimizers into a ravine, as the picture in docs/training.md
// or as a table for one's own.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>

#include "bench/ravine_picture.h"

namespace {

bool Write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) std::fprintf(stderr, "ravine: cannot write %s\n", path.c_str());
  return !file.fail();
}

}  // namespace

int main(int argc, char** argv) {
  std::string svg;
  std::string csv;
  CLI::App app("The paths of four optimizers into a ravine.");
  app.add_option("--svg", svg, "Write the picture to this file");
  app.add_option("--csv", csv, "Write the paths to this file");
  app.require_option(1, 2);
  CLI11_PARSE(app, argc, argv);
  const auto paths = attune::RavinePaths();
  bool ok = true;
  if (!svg.empty()) ok = Write(svg, attune::RavineSvg(paths)) && ok;
  if (!csv.empty()) ok = Write(csv, attune::RavineCsv(paths)) && ok;
  return ok ? 0 : 1;
}
