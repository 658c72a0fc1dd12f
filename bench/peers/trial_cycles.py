#!/usr/bin/env python3
"""Counts durable trial cycles a second: Attune's beside Optuna's and Rustuna's.

A cycle is a whole trial: ask for one, draw its eight parameters, report one
value (Rustuna has no such call), tell the result. ../README.md says how it is
measured.
"""
import argparse
import importlib.metadata
import multiprocessing
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

try:
    import optuna
    import rustuna
except ImportError as error:
    sys.exit(f"trial_cycles: {error}; the peers are on PyPI: "
             "pip install optuna rustuna grpcio protobuf")

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
GOAL = 100.0  # times Optuna on SQLite, with the most workers
STUDY = "bench"
PATIENCE = 60.0  # seconds, for another process to be ready


# ---- the peers ---------------------------------------------------------------
#
# Each is given a folder of its own and makes storages there, one a process.


def optuna_sqlite(folder):
    return optuna.storages.RDBStorage(
        f"sqlite:///{folder}/optuna.db",
        engine_kwargs={"connect_args": {"timeout": 60}})


def optuna_journal(folder):
    backend = optuna.storages.journal.JournalFileBackend(f"{folder}/optuna.log")
    return optuna.storages.JournalStorage(backend)


def optuna_proxy(folder):
    port = int((folder / "port").read_text())
    return optuna.storages.GrpcStorageProxy(host="localhost", port=port)


def rustuna_sqlite(folder):
    return rustuna.storages.SQLite3Storage(f"{folder}/rustuna.db")


def rustuna_journal(folder):
    return rustuna.storages.JournalFileStorage(f"{folder}/rustuna.log")


PEERS = {
    "optuna sqlite": (optuna, optuna_sqlite),
    "optuna journal": (optuna, optuna_journal),
    "optuna grpc proxy": (optuna, optuna_proxy),
    "rustuna sqlite": (rustuna, rustuna_sqlite),
    "rustuna journal": (rustuna, rustuna_journal),
}


def serve_proxy(folder, port_found):
    """The proxy on a free port, over an SQLite file as the first peer has it."""
    quiet()
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    (folder / "port").write_text(str(port))
    port_found.set()
    optuna.storages.run_grpc_proxy_server(
        optuna_sqlite(folder), host="localhost", port=port)


def draw(trial):
    """The parameters of rpc_bench's study."""
    trial.suggest_float("learning_rate", 1e-5, 1.0, log=True)
    trial.suggest_float("weight_decay", 1e-5, 1.0, log=True)
    trial.suggest_float("dropout", 0.0, 0.6)
    if trial.suggest_categorical(
            "optimizer", ["sgd", "momentum", "adam"]) == "momentum":
        trial.suggest_float("momentum", 0.5, 0.99)
    trial.suggest_categorical("batch_size", [32, 64, 128])
    trial.suggest_int("layers", 1, 6)
    trial.suggest_int("units", 16, 1024, log=True)


def quiet():
    warnings.filterwarnings("ignore",
                            category=optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def work(peer, folder, start, seconds, counts):
    """One worker: as many cycles as fit in the time."""
    quiet()
    library, make_storage = PEERS[peer]
    study = library.load_study(study_name=STUDY, storage=make_storage(folder),
                               sampler=library.samplers.RandomSampler())
    start.wait(timeout=PATIENCE)
    end = time.monotonic() + seconds
    done = 0
    while time.monotonic() < end:
        trial = study.ask()
        draw(trial)
        if library is optuna:
            trial.report(1.0, 1)
        study.tell(trial.number, 1.0)
        done += 1
    counts.put(done)


def measure_peer(peer, workers, seconds, root):
    """Cycles a second of so many processes."""
    library, make_storage = PEERS[peer]
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(dir=root) as name:
        folder = pathlib.Path(name)
        server = None
        try:
            if make_storage is optuna_proxy:
                optuna_sqlite(folder)  # makes the tables
                ready = spawn.Event()
                server = spawn.Process(target=serve_proxy, args=(folder, ready),
                                       daemon=True)
                server.start()
                if not ready.wait(PATIENCE):
                    raise RuntimeError(f"{peer}: the proxy did not start")
                make_storage(folder).wait_server_ready(timeout=PATIENCE)
            library.create_study(study_name=STUDY, storage=make_storage(folder))
            counts = spawn.Queue()
            start = spawn.Barrier(workers)
            processes = [
                spawn.Process(target=work, daemon=True,
                              args=(peer, folder, start, seconds, counts))
                for _ in range(workers)]
            for process in processes:
                process.start()
            for process in processes:
                process.join()
            if any(process.exitcode for process in processes):
                raise RuntimeError(f"{peer}: a worker failed")
            done = sum(counts.get() for _ in processes)
        finally:
            if server is not None:
                server.terminate()
                server.join()
    return done / seconds


# ---- Attune ------------------------------------------------------------------


def measure_attune(workers, seconds, root):
    """What rpc_bench says of its trial cycles."""
    program = REPOSITORY / "build" / "release" / "bench" / "rpc_bench"
    if not program.exists():
        sys.exit(f"trial_cycles: there is no {program}: "
                 "scripts/bench builds it")
    run = subprocess.run(
        [program, "--only", "calls", "--clients", str(workers),
         "--seconds", str(seconds), "--rounds", "1", "--dir", root],
        check=True, capture_output=True, text=True)
    row = re.search(rf"(?m)^trial cycle\s+{workers}\s+([0-9.]+)", run.stdout)
    if row is None:
        sys.exit(f"trial_cycles: found no row `trial cycle` in\n{run.stdout}")
    return float(row[1])


# ---- the table ---------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=3.0,
                        help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3,
                        help="their median counts")
    parser.add_argument("--dir", default=str(REPOSITORY / "build"),
                        help="where the files stand, on the disk to measure")
    options = parser.parse_args()
    quiet()
    rates = {}
    for _ in range(options.rounds):
        for workers in options.workers:
            # In turn, so that a noisy minute does not meet one of them only.
            for name in ["attune", *PEERS]:
                if name == "attune":
                    rate = measure_attune(workers, options.seconds, options.dir)
                else:
                    rate = measure_peer(name, workers, options.seconds,
                                        options.dir)
                rates.setdefault((name, workers), []).append(rate)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}"
                         for name in ["optuna", "rustuna"])
    print(f"{versions}; median of {options.rounds} rounds of "
          f"{options.seconds:g} s")
    print("system             workers  cycles/s  attune is")
    for workers in options.workers:
        own = statistics.median(rates["attune", workers])
        for name in ["attune", *PEERS]:
            rate = statistics.median(rates[name, workers])
            times = f"{own / rate:9.1f}x" if rate else "        -"
            print(f"{name:18} {workers:7}  {rate:8.1f}  {times}")
    most = max(options.workers)
    own = statistics.median(rates["attune", most])
    ratio = own / max(statistics.median(rates["optuna sqlite", most]), 1e-9)
    print(f"RESULT name=trial_cycles_{most}_beside_optuna value={own:.1f} "
          f"unit=1/s ratio={ratio:.1f} goal={GOAL:g}x "
          f"{'ok' if ratio >= GOAL else 'short'}")


if __name__ == "__main__":
    main()
