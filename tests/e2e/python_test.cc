// Programs in another language, with what a distribution has for it.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kPython[] = "/usr/bin/python3";
constexpr char kRoot[] = ATTUNE_SOURCE_DIR;

class PythonTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(service_.address, "") << service_.process->Log();
    const std::string stubs = dir_.path("");
    const Finish made =
        RunProgram({kPython, "-m", "grpc_tools.protoc", "-I", kRoot,
                    "--python_out", stubs, "--grpc_python_out", stubs,
                    "proto/types.proto", "proto/google_rpc.proto",
                    "proto/study_service.proto", "proto/worker_service.proto"});
    ASSERT_EQ(made.exit_code, 0) << made.log;
  }

  // A script of the repository, talking to the service.
  Finish Run(const std::string& script) {
    return RunProgram(
        {kPython, std::string(kRoot) + "/" + script, service_.address},
        {.env = {{"PYTHONPATH", dir_.path("")}}});
  }

  const TempDir dir_;
  const Service service_ = StartService(dir_.path("attune.db"));
};

TEST_F(PythonTest, TheExampleTunesItsFunction) {
  const Finish first = Run("examples/python/tune.py");
  EXPECT_EQ(first.exit_code, 0) << first.log;
  EXPECT_THAT(first.output, StartsWith("studies/parabola/trials/"));
  EXPECT_EQ(Sql(dir_.path("attune.db"),
                "select count(*) from trials_flat where state = 'completed'"),
            "20");
  const Finish again = Run("examples/python/tune.py");
  EXPECT_EQ(again.exit_code, 0) << again.log;
  EXPECT_EQ(again.output, first.output);
}

TEST_F(PythonTest, AProgramAsksAndTells) {
  const Finish first = Run("examples/python/ask_tell.py");
  EXPECT_EQ(first.exit_code, 0) << first.log;
  EXPECT_THAT(first.output, StartsWith("studies/descent/trials/"));
  EXPECT_EQ(Sql(dir_.path("attune.db"),
                "select count(*) from trials_flat where state = 'completed'"),
            "20");
  const Finish again = Run("examples/python/ask_tell.py");
  EXPECT_EQ(again.exit_code, 0) << again.log;
  EXPECT_EQ(again.output, first.output);
}

TEST_F(PythonTest, ErrorsCanBeRead) {
  const Finish run = Run("tests/e2e/errors.py");
  EXPECT_EQ(run.exit_code, 0) << run.log;
  EXPECT_THAT(
      run.output,
      AllOf(
          HasSubstr("NOT_FOUND"),
          HasSubstr("ErrorInfo reason: \"STUDY_NOT_FOUND\" domain: \"attune\""),
          HasSubstr("resource_name: \"studies/nowhere\""),
          HasSubstr("INVALID_ARGUMENT"),
          HasSubstr("ErrorInfo reason: \"INVALID_FIELD\""),
          HasSubstr("field: \"name\"")));
}

}  // namespace
}  // namespace attune
