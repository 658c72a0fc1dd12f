#ifndef ATTUNE_BENCH_ECHO_SERVER_H_
#define ATTUNE_BENCH_ECHO_SERVER_H_

namespace attune {

// Serves ReportMeasurements of attune.v1.WorkerService as barely as gRPC can,
// on a free port of loopback, until the process is killed: a completion queue,
// one thread that polls it, and a handler that says "continue". Logs its
// address to stderr when it listens. Returns an exit code.
int ServeEcho();

}  // namespace attune

#endif  // ATTUNE_BENCH_ECHO_SERVER_H_
