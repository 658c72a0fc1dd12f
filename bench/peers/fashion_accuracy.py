#!/usr/bin/env python3
"""Trains a network on Fashion-MNIST with Attune and with PyTorch, seed by seed.

Prints what each reaches on the validation and the test examples, and whether
Attune's mean keeps up. ../README.md says how it is measured.
"""
import argparse
import contextlib
import gzip
import json
import math
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import torch
except ImportError as error:
    sys.exit(f"fashion_accuracy: {error}; the peer is PyTorch: "
             "pip install torch, or apt-get install python3-torch")

HERE = pathlib.Path(__file__).resolve().parent
STUDY = HERE / "fashion_accuracy.yaml"
CLASSES = 10
MEASURED_AT_ONCE = 256

# What PyTorch is told below. The study file may change the numbers; another
# word or another setting would train another network here.
WORDS = {
    "dataset": "fashion-mnist",
    "activation": "relu",
    "init": "he_normal",
    "optimizer": "adam",
    "schedule": "one_cycle",
    "keep_weights": "none",
}
NUMBERS = {"hidden_layers", "dropout", "learning_rate", "batch_size", "epochs"}


# ---- Attune ------------------------------------------------------------------


def study_file(seed, folder):
    """The study file with this seed, and a name of its own."""
    name = f"fashion-accuracy-{seed}"
    text = STUDY.read_text()
    for key, value in (("name", name), ("seed", seed)):
        text, count = re.subn(rf"(?m)^{key}: \S+", f"{key}: {value}", text)
        if count != 1:
            sys.exit(f"fashion_accuracy: {STUDY}: found {count} lines that "
                     f"begin with `{key}:`, expected one")
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return name, path


def attune(options, *arguments):
    """What the program writes to stdout; ends this one if it fails."""
    done = subprocess.run([options.attune, *arguments], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"fashion_accuracy: `attune {arguments[0]}` ended with "
                 f"{done.returncode}, expected 0")
    return done.stdout


def train_with_attune(options, seed, folder):
    """A study of one trial; what it measured last, and its settings."""
    name, path = study_file(seed, folder)
    database = folder / "attune.db"
    attune(options, "run", path, "--db", database, "--workers", "1",
           "--data-dir", options.data_dir)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        metrics, = connection.execute(
            "SELECT metrics FROM trials_flat WHERE study = ?",
            [name]).fetchone()
        settings = connection.execute(
            "SELECT t.name, t.value FROM train_settings AS t "
            "JOIN studies AS s ON s.id = t.study WHERE s.name = ?", [name])
        settings = {key: json.loads(value) for key, value in settings}
    trials = json.loads(
        attune(options, "trials", name, "--db", database, "-o", "json"))
    metrics = json.loads(metrics)
    return settings, {
        "validation": metrics["validation_accuracy"],
        "test": metrics["test_accuracy"],
        "seconds": trials[0]["duration_s"],
    }


# ---- PyTorch -----------------------------------------------------------------


def check_settings(settings):
    """Ends the program if PyTorch would not train what Attune has trained."""
    for name, value in settings.items():
        if name not in NUMBERS and WORDS.get(name) != value:
            expected = f"`{WORDS[name]}`" if name in WORDS else "no such key"
            sys.exit(f"fashion_accuracy: {STUDY}: train.{name}: found "
                     f"`{value}`, expected {expected}: PyTorch would train "
                     "something else")
    for name in sorted(NUMBERS | set(WORDS)):
        if name not in settings:
            sys.exit(f"fashion_accuracy: {STUDY}: train.{name}: found nothing, "
                     "expected a value, for defaults are not the same")


def read_idx(path, header):
    with gzip.open(path) as file:
        data = bytearray(file.read()[header:])
    return torch.frombuffer(data, dtype=torch.uint8)


def read_images(folder, stem):
    """Pixels as bytes, an example a row, and labels."""
    labels = read_idx(folder / f"{stem}-labels-idx1-ubyte.gz", 8).long()
    pixels = read_idx(folder / f"{stem}-images-idx3-ubyte.gz", 16)
    return pixels.view(len(labels), -1), labels


def split(labels):
    """A sixth of every class for validation, the rest to train on."""
    order = torch.randperm(len(labels))
    order = order[labels[order].sort(stable=True).indices]
    validates = torch.arange(len(labels)) % 6 == 5
    return order[~validates], order[validates]


def build(settings, pixels):
    """The network, with Attune's initial weights in distribution."""
    widths = [int(width) for width in settings["hidden_layers"].split(",")]
    layers = []
    for inputs, outputs in zip([pixels, *widths], [*widths, CLASSES]):
        linear = torch.nn.Linear(inputs, outputs)
        torch.nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        torch.nn.init.zeros_(linear.bias)
        layers += [linear, torch.nn.ReLU(inplace=True),
                   torch.nn.Dropout(settings["dropout"])]
    return torch.nn.Sequential(*layers[:-2])


class Inputs:
    """Pixels that become numbers, in a minibatch, when their turn comes."""

    def __init__(self, pixels, train):
        sample = pixels[train].double()
        self.mean, self.scale = sample.mean().item(), 1 / sample.std().item()

    def __call__(self, pixels, examples):
        chosen = pixels.index_select(0, examples).float()
        return chosen.sub_(self.mean).mul_(self.scale)


@torch.no_grad()
def accuracy(network, inputs, pixels, labels, examples):
    network.eval()
    right = 0
    for batch in examples.split(MEASURED_AT_ONCE):
        guess = network(inputs(pixels, batch)).argmax(1)
        right += (guess == labels[batch]).sum().item()
    network.train()
    return right / len(examples)


def train_with_torch(options, seed, settings):
    """As Attune does: validation after every epoch, the test at the end."""
    begin = time.perf_counter()
    torch.manual_seed(seed)
    folder = options.data_dir / "fashion-mnist"
    pixels, labels = read_images(folder, "train")
    train, validation = split(labels)
    inputs = Inputs(pixels, train)
    network = build(settings, pixels.shape[1])
    optimizer = torch.optim.Adam(network.parameters(),
                                 lr=settings["learning_rate"])
    steps = settings["epochs"] * math.ceil(len(train) / settings["batch_size"])
    # Attune's is the same but for its end, 0 instead of a millionth.
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=settings["learning_rate"], total_steps=steps,
        pct_start=0.3, div_factor=25, cycle_momentum=False)
    for _ in range(settings["epochs"]):
        order = train[torch.randperm(len(train))]
        for batch in order.split(settings["batch_size"]):
            loss = torch.nn.functional.cross_entropy(
                network(inputs(pixels, batch)), labels[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
        validated = accuracy(network, inputs, pixels, labels, validation)
    pixels, labels = read_images(folder, "t10k")
    tested = accuracy(network, inputs, pixels, labels,
                      torch.arange(len(labels)))
    return {
        "validation": validated,
        "test": tested,
        "seconds": time.perf_counter() - begin,
    }


# ---- both --------------------------------------------------------------------


def line(name, *sides):
    cells = [f"{side['validation']:12.4f}{side['test']:8.4f}"
             f"{side['seconds']:9.1f}" for side in sides]
    print(f"{name:6}" + "  ".join(cells), flush=True)


def over_seeds(function, results):
    return {key: function(one[key] for one in results)
            for key in ("validation", "test", "seconds")}


def compare(options, folder):
    version = attune(options, "version").strip()
    print(f"{version}; PyTorch {torch.__version__}, one thread each")
    head = f"{'validation':>12}{'test':>8}{'seconds':>9}"
    print(f"{'':6}{'Attune':>12}{'':19}{'PyTorch':>12}")
    print(f"{'seed':6}{head}  {head}")
    ours, peers = [], []
    for seed in range(1, options.seeds + 1):
        settings, result = train_with_attune(options, seed, folder)
        check_settings(settings)
        ours.append(result)
        peers.append(train_with_torch(options, seed, settings))
        line(seed, ours[-1], peers[-1])
    for name, function in (("mean", statistics.mean), ("least", min),
                           ("most", max)):
        line(name, over_seeds(function, ours), over_seeds(function, peers))
    value = statistics.mean(one["test"] for one in ours)
    ratio = value / statistics.mean(one["test"] for one in peers)
    goal = min(one["test"] for one in peers)
    print(f"RESULT name=fashion_accuracy value={value:.4g} unit=share "
          f"ratio={ratio:.4g} goal={goal:.4g} "
          f"{'ok' if value >= goal else 'short'}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="how many (5)")
    parser.add_argument(
        "--attune", type=pathlib.Path, metavar="FILE",
        default=HERE.parents[1] / "build/release/bin/attune",
        help="the program (build/release/bin/attune)")
    parser.add_argument(
        "--data-dir", type=pathlib.Path, metavar="DIR",
        default=pathlib.Path("/usr/share/datasets"),
        help="has a folder fashion-mnist (/usr/share/datasets)")
    options = parser.parse_args()
    if options.seeds < 2:
        parser.error(f"--seeds: found {options.seeds}, expected 2 or more")
    if not options.attune.is_file():
        parser.error(f"--attune: there is no {options.attune}: build it, or "
                     "say where it is")
    if not (options.data_dir / "fashion-mnist").is_dir():
        parser.error(f"--data-dir: there is no {options.data_dir}/fashion-"
                     "mnist: apt-get install dataset-fashion-mnist")
    return options


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # as Attune's engine does
    with tempfile.TemporaryDirectory() as name:
        compare(parse(), pathlib.Path(name))
