"""Prints the reason and the details of a call that fails, as any client reads them."""

import sys

import grpc
from proto.google_rpc_pb2 import BadRequest, ErrorInfo, ResourceInfo, Status
from proto.study_service_pb2 import CreateStudyRequest, GetStudyRequest
from proto.study_service_pb2_grpc import StudyServiceStub

studies = StudyServiceStub(grpc.insecure_channel(sys.argv[1]))


def explain(method, request):
    try:
        method(request)
    except grpc.RpcError as error:
        print(error.code().name)
        trailers = dict(error.trailing_metadata())
        status = Status.FromString(trailers["grpc-status-details-bin"])
        for detail in status.details:
            for message in (ErrorInfo(), ResourceInfo(), BadRequest()):
                if detail.Unpack(message):
                    print(type(message).__name__, str(message).replace("\n", " "))


explain(studies.GetStudy, GetStudyRequest(name="studies/nowhere"))
explain(studies.CreateStudy, CreateStudyRequest(study_id="No Name"))
