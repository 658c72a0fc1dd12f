"""Has a loop of its own: asks for trials, reports as it goes, tells how they ended."""

import sys
import uuid

import grpc
from proto.study_service_pb2 import CreateStudyRequest, CreateTrialsRequest
from proto.study_service_pb2 import ListBestTrialsRequest, SuggestTrialsRequest
from proto.study_service_pb2_grpc import StudyServiceStub
from proto.types_pb2 import GOAL_MAXIMIZE, GOAL_MINIMIZE, StudySpec
from proto.worker_service_pb2 import VERDICT_STOP, CompleteTrialRequest, ReportMeasurementsRequest
from proto.worker_service_pb2_grpc import WorkerServiceStub

channel = grpc.insecure_channel(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7070")
studies, workers = StudyServiceStub(channel), WorkerServiceStub(channel)

spec = StudySpec()  # without a task: this program runs the trials
spec.objectives.add(metric="error", goal=GOAL_MINIMIZE)
spec.objectives.add(metric="simplicity", goal=GOAL_MAXIMIZE)
rate = spec.search_space.parameters.add(name="rate").double_range
rate.min, rate.max = 0.05, 0.45
spec.search_space.parameters.add(name="steps").int_range.max = 12
spec.budget.max_trials = 20
study = studies.CreateStudy(
    CreateStudyRequest(study_id="descent", spec=spec, attributes={"owner": "ask_tell.py"})
).name

# A point that is known to be good goes first. With the request_id the call may be repeated.
known = CreateTrialsRequest(parent=study, request_id="known-point")
values = known.trials.add().parameters.values
values["rate"].double_value, values["steps"].int_value = 0.25, 4
studies.CreateTrials(known)


def descend(lease):
    """Goes down x^2 from 1, and gives up where that is asked for."""
    rate = lease.parameters.values["rate"].double_value
    steps, x = lease.parameters.values["steps"].int_value, 1.0
    for step in range(1, steps + 1):
        x -= rate * 2 * x
        report = ReportMeasurementsRequest(token=lease.token)
        report.measurements.add(step=step, metrics={"error": x * x})
        if workers.ReportMeasurements(report).verdict == VERDICT_STOP:
            workers.CompleteTrial(CompleteTrialRequest(token=lease.token, stopped={}))
            return
    result = CompleteTrialRequest(token=lease.token, finished={})
    result.measurements.add(step=steps + 1, metrics={"error": x * x, "simplicity": -steps})
    workers.CompleteTrial(result)


while True:
    # One id for each wish, should the answer be lost and the call be repeated.
    wish = SuggestTrialsRequest(parent=study, count=4, worker="ask_tell.py")
    wish.request_id = str(uuid.uuid4())
    answer = studies.SuggestTrials(wish)
    for lease in answer.leases:
        descend(lease)
    if answer.exhausted or not answer.leases:
        break

for trial in studies.ListBestTrials(ListBestTrialsRequest(parent=study, page_size=1000)).trials:
    steps, error = trial.parameters.values["steps"].int_value, trial.objectives[0]
    print(f"{trial.name}: {steps} steps, error {error:.2e}")
