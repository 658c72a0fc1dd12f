"""Tunes a function of one's own: asks Attune for trials, tells it the results."""

import sys

import grpc
from proto.study_service_pb2 import CreateStudyRequest, ListBestTrialsRequest
from proto.study_service_pb2_grpc import StudyServiceStub
from proto.types_pb2 import GOAL_MINIMIZE, StudySpec
from proto.worker_service_pb2 import CompleteTrialRequest, LeaseTrialsRequest
from proto.worker_service_pb2_grpc import WorkerServiceStub

channel = grpc.insecure_channel(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7070")
studies, workers = StudyServiceStub(channel), WorkerServiceStub(channel)

spec = StudySpec()  # without a task: this program runs the trials
spec.objectives.add(metric="y", goal=GOAL_MINIMIZE)
spec.search_space.parameters.add(name="x").double_range.max = 10
spec.budget.max_trials = 20
study = studies.CreateStudy(CreateStudyRequest(study_id="parabola", spec=spec)).name

while leases := workers.LeaseTrials(LeaseTrialsRequest(workers=["tune.py"], study=study)).leases:
    x = leases[0].parameters.values["x"].double_value
    result = CompleteTrialRequest(token=leases[0].token, finished={})
    result.measurements.add(step=1, metrics={"y": (x - 3) ** 2})
    workers.CompleteTrial(result)

best = studies.ListBestTrials(ListBestTrialsRequest(parent=study, page_size=1)).trials[0]
print(f"{best.name}: x = {best.parameters.values['x'].double_value:.3f}, y = {best.objectives[0]:.4f}")
