#include "bench/bench_study.h"

#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <system_error>

#include "core/check.h"
#include "core/random.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"

namespace attune {
namespace {

ParameterValue Text(const char* value) { return std::string(value); }

}  // namespace

StudySpec BenchStudy(const std::string& name) {
  StudySpec spec;
  spec.name = name;
  spec.objectives = {{"loss", Goal::kMinimize}};
  spec.seed = 1;
  const DoubleRange rate = {.min = 1e-5, .max = 1.0, .scale = Scale::kLog};
  const Choice optimizers = {{Text("sgd"), Text("momentum"), Text("adam")}};
  const Discrete sizes = {{int64_t{32}, int64_t{64}, int64_t{128}}};
  spec.space.parameters = {
      {"learning_rate", rate, std::nullopt},
      {"weight_decay", rate, std::nullopt},
      {"dropout", DoubleRange{.min = 0.0, .max = 0.6}, std::nullopt},
      {"optimizer", optimizers, std::nullopt},
      {"momentum", DoubleRange{.min = 0.5, .max = 0.99},
       Condition{"optimizer", {Text("momentum")}}},
      {"batch_size", sizes, std::nullopt},
      {"layers", IntRange{.min = 1, .max = 6}, std::nullopt},
      {"units", IntRange{.min = 16, .max = 1024, .scale = Scale::kLog},
       std::nullopt}};
  return spec;
}

Parameters BenchPoint(int64_t number) {
  Rng rng = Rng(1).Split(static_cast<uint64_t>(number));
  return {{"learning_rate", 1e-5 + rng.Uniform()},
          {"weight_decay", 1e-5 + rng.Uniform()},
          {"dropout", 0.6 * rng.Uniform()},
          {"optimizer", Text("momentum")},
          {"momentum", 0.5 + 0.4 * rng.Uniform()},
          {"batch_size", int64_t{64}},
          {"layers", 1 + number % 6},
          {"units", 16 + number % 1000}};
}

absl::Status CreateStudy(const std::string& address, const StudySpec& spec) {
  const auto stub = v1::StudyService::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::CreateStudyRequest request;
  request.set_study_id(spec.name);
  *request.mutable_spec() = ToProto(spec);
  v1::Study response;
  return FromGrpc(stub->CreateStudy(&context, request, &response));
}

Folder::Folder(const std::filesystem::path& parent) {
  // mkdtemp wants six of them at the end.
  std::string pattern = (parent.empty() ? Self().parent_path() : parent) /
                        ("bench-" + std::string(6, 'X'));
  ATTUNE_CHECK(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Self() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

}  // namespace attune
