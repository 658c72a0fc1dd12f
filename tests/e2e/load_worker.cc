#include "tests/e2e/load_worker.h"

#include <google/protobuf/empty.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/error.h"
#include "core/study.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"
#include "proto/worker_service.grpc.pb.h"
#include "worker/test_functions.h"

namespace attune {
namespace {

using google::protobuf::Empty;
using Studies = pb::StudyService::Stub;
using Workers = pb::WorkerService::Stub;

constexpr int kSteps = 3;  // of a trial without a task

// gRPC does not try a connection again before 100 ms are over. Who makes a new
// channel may.
std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  std::shared_ptr<grpc::Channel> channel = grpc::CreateCustomChannel(
      address, grpc::InsecureChannelCredentials(), arguments);
  channel->WaitForConnected(
      absl::ToChronoTime(absl::Now() + absl::Milliseconds(20)));
  return channel;
}

StudySpec MakeSpec(bool task, int max_trials) {
  const DoubleRange range = {.min = -5.0, .max = 5.0};
  StudySpec spec;
  spec.objectives = {{.metric = "value", .goal = Goal::kMinimize}};
  spec.space.parameters = {{.name = "x", .domain = range},
                           {.name = "y", .domain = range}};
  spec.budget.max_trials = max_trials;
  if (task) spec.task = FunctionTask{.name = "sphere"};
  spec.max_attempts = 1000;  // those that are killed count
  return spec;
}

// What every worker measures at a step, so that it does not matter whose report
// came first.
double ValueAt(const pb::Lease& lease, int64_t step) {
  const auto& values = lease.parameters().values();
  const double x = values.at("x").double_value();
  const double y = values.at("y").double_value();
  if (!lease.has_task()) return x * static_cast<double>(step) + y;
  return FindTestFunction("sphere")->value({x, y});
}

std::string StudyOf(const pb::Lease& lease) {
  const auto name = ParseTrialName(lease.trial());
  return name.ok() ? name->study : lease.trial();
}

}  // namespace

class LoadWorker::Impl {
 public:
  Impl(LoadWorkerOptions options, Ledger* ledger)
      : options_(std::move(options)), ledger_(ledger) {
    Reconnect();
  }

  void Run(const std::atomic<bool>& enough) {
    while (true) {
      pb::LeaseTrialsRequest request;
      request.add_workers(WorkerName());
      request.mutable_wait()->set_nanos(10'000'000);
      pb::LeaseTrialsResponse response;
      if (!Call(workers_, &Workers::LeaseTrials, request, response)) return;
      for (const pb::Lease& lease : response.leases()) {
        ledger_->AddLease(KeyOf(lease), lease.worker());
        RunTrial(lease);
      }
      if (response.exhausted() && enough) return;
      // Those that run have lost their workers, perhaps.
      if ((response.leases().empty() || Chance(0.01)) && !enough) {
        CreateStudy(Chance(0.5), 20 + static_cast<int>(rng().Below(100)));
      }
    }
  }

  void CreateStudy(bool task, int max_trials) {
    pb::CreateStudyRequest request;
    request.set_study_id(absl::StrCat(options_.name, "-", ++created_));
    *request.mutable_spec() = ToProto(MakeSpec(task, max_trials));
    pb::Study study;
    if (Call(studies_, &Studies::CreateStudy, request, study)) {
      ledger_->AddStudy(request.study_id(), max_trials);
    }
  }

 private:
  Rng& rng() { return options_.rng; }
  bool Chance(double probability) { return rng().Uniform() < probability; }

  std::string WorkerName() const {
    return absl::StrCat(options_.name, "/", lives_);
  }

  static AttemptKey KeyOf(const pb::Lease& lease) {
    return {StudyOf(lease), lease.token().trial_number(),
            lease.token().attempt()};
  }

  void RunTrial(const pb::Lease& lease) {
    const int64_t steps = lease.has_task() ? 1 : kSteps;
    for (int64_t step = 1; step <= steps; ++step) {
      if (options_.unreliable && Chance(0.004)) {
        ++lives_;  // as if it had been killed
        return;
      }
      if (options_.unreliable && Chance(0.01)) return HandBack(lease);
      if (options_.unreliable && Chance(0.01)) return Fail(lease);
      // The last one goes with the end.
      if (step == steps) return Complete(lease, step);
      if (!Report(lease, step)) return;
    }
  }

  static void AddStep(const pb::Lease& lease, int64_t step,
                      pb::Measurement& measurement) {
    measurement.set_step(step);
    (*measurement.mutable_metrics())["value"] = ValueAt(lease, step);
  }

  void NoteStep(const pb::Lease& lease, int64_t step) {
    ledger_->AddValue({StudyOf(lease), lease.token().trial_number(), step},
                      ValueAt(lease, step));
  }

  bool Report(const pb::Lease& lease, int64_t step) {
    pb::ReportMeasurementsRequest request;
    *request.mutable_token() = lease.token();
    AddStep(lease, step, *request.add_measurements());
    pb::ReportMeasurementsResponse response;
    if (!Call(workers_, &Workers::ReportMeasurements, request, response)) {
      return false;
    }
    NoteStep(lease, step);
    return true;
  }

  void Complete(const pb::Lease& lease, int64_t step) {
    pb::CompleteTrialRequest request;
    *request.mutable_token() = lease.token();
    AddStep(lease, step, *request.add_measurements());
    request.mutable_finished();
    Empty response;
    if (Call(workers_, &Workers::CompleteTrial, request, response)) {
      NoteStep(lease, step);
      ledger_->AddEnd(KeyOf(lease), "COMPLETED");
    }
  }

  void HandBack(const pb::Lease& lease) {
    pb::ReleaseTrialRequest request;
    *request.mutable_token() = lease.token();
    Empty response;
    if (Call(workers_, &Workers::ReleaseTrial, request, response)) {
      ledger_->AddEnd(KeyOf(lease), "RELEASED");
    }
  }

  void Fail(const pb::Lease& lease) {
    pb::FailTrialRequest request;
    *request.mutable_token() = lease.token();
    request.set_message("it fails now and then");
    Empty response;
    if (Call(workers_, &Workers::FailTrial, request, response)) {
      ledger_->AddEnd(KeyOf(lease), "WORKER_ERROR");
    }
  }

  void Reconnect() {
    const std::shared_ptr<grpc::Channel> channel = Connect(options_.address);
    studies_ = pb::StudyService::NewStub(channel);
    workers_ = pb::WorkerService::NewStub(channel);
  }

  // Repeats the call until it is answered. False if the lease was lost; every
  // other refusal is a problem.
  template <typename Stub, typename Base, typename Request, typename Response>
  bool Call(std::unique_ptr<Stub>& stub,
            grpc::Status (Base::*method)(grpc::ClientContext*, const Request&,
                                         Response*),
            const Request& request, Response& response) {
    while (true) {
      grpc::ClientContext context;
      context.set_deadline(
          absl::ToChronoTime(absl::Now() + options_.call_timeout));
      const absl::Status status =
          FromGrpc(((*stub).*method)(&context, request, &response));
      if (status.ok()) return true;
      if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
        Reconnect();
        continue;
      }
      if (Reason(status) != reason::kLeaseLost) {
        ledger_->AddProblem(
            absl::StrCat(request.ShortDebugString(), ": ", status.ToString()));
      }
      return false;
    }
  }

  LoadWorkerOptions options_;
  Ledger* const ledger_;
  std::unique_ptr<Studies> studies_;
  std::unique_ptr<Workers> workers_;
  int created_ = 0;
  int lives_ = 1;
};

LoadWorker::LoadWorker(LoadWorkerOptions options, Ledger* ledger)
    : impl_(std::make_unique<Impl>(std::move(options), ledger)) {}

LoadWorker::~LoadWorker() = default;

void LoadWorker::Run(const std::atomic<bool>& enough) { impl_->Run(enough); }

void LoadWorker::CreateStudy(bool task, int max_trials) {
  impl_->CreateStudy(task, max_trials);
}

}  // namespace attune
