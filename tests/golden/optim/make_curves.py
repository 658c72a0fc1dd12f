#!/usr/bin/env python3
"""Trains a small network with PyTorch's optimizers and writes the curves.

    make_curves.py                 writes problem.txt and curves.txt beside it
    make_curves.py --check         computes them and compares with curves.txt

../README.md says what the files are and how they are read.
"""
import argparse
import pathlib
import random
import sys

import torch

try:
    import lion_pytorch
except ImportError:  # older installations have no Lion
    lion_pytorch = None

HERE = pathlib.Path(__file__).resolve().parent
INPUTS, HIDDEN, CLASSES = 8, 6, 3
EXAMPLES, BATCH, STEPS = 64, 16, 50
# In float, rounding errors grow in L-BFGS's history and searches.
LBFGS_FLOAT_STEPS = 12


def problem():
    """The data, the start and the minibatches, as numbers that float holds."""
    rng = random.Random(20)

    def number(deviation):
        return round(rng.gauss(0.0, deviation) * 1024) / 1024

    inputs = [[number(1.0) for _ in range(INPUTS)] for _ in range(EXAMPLES)]
    teacher = [[number(1.0) for _ in range(INPUTS)] for _ in range(CLASSES)]
    labels = []
    for x in inputs:
        scores = [
            sum(a * b for a, b in zip(x, row)) + 2.0 * number(1.0)
            for row in teacher
        ]
        labels.append(scores.index(max(scores)))
    start = [number(0.4) for _ in range(INPUTS * HIDDEN + HIDDEN)]
    start += [number(0.4) for _ in range(HIDDEN * CLASSES + CLASSES)]
    batches = []
    while len(batches) < STEPS:
        order = list(range(EXAMPLES))
        rng.shuffle(order)
        batches += [
            order[i:i + BATCH] for i in range(0, EXAMPLES, BATCH)
        ]
    return inputs, labels, start, batches[:STEPS]


def parameters(start, dtype):
    """W1, b1, W2, b2 from one list, in which matrices stand by columns."""
    tensors, begin = [], 0
    for out, size in ((HIDDEN, INPUTS), (CLASSES, HIDDEN)):
        flat = torch.tensor(start[begin:begin + out * size], dtype=dtype)
        tensors.append(flat.reshape(size, out).T.contiguous())
        begin += out * size
        tensors.append(torch.tensor(start[begin:begin + out], dtype=dtype))
        begin += out
    return [tensor.requires_grad_() for tensor in tensors]


def flat(params):
    by_columns = [p.detach().T if p.dim() == 2 else p.detach() for p in params]
    return torch.cat([p.flatten() for p in by_columns]).tolist()


def loss_of(params, x, y):
    w1, b1, w2, b2 = params
    hidden = torch.tanh(x @ w1.T + b1)
    return torch.nn.functional.cross_entropy(hidden @ w2.T + b2, y)


# Our settings, and the optimizer that is to agree with them. `cases` leaves
# out what this version of PyTorch does not have.
def cases():
    optim = torch.optim

    table = {}

    def add(name, make, **settings):
        table[name] = (make, settings)

    def sgd(**options):
        return lambda p: optim.SGD(p, lr=0.1, **options)

    add("sgd", sgd(), optimizer="sgd", learning_rate=0.1)
    add("sgd_l1", sgd(), optimizer="sgd", learning_rate=0.1, l1=0.01)
    add("sgd_l2", sgd(weight_decay=0.05), optimizer="sgd", learning_rate=0.1,
        l2=0.05)
    add("sgd_weight_decay", sgd(), optimizer="sgd", learning_rate=0.1,
        weight_decay=0.05)
    add("sgd_clip_norm", sgd(), optimizer="sgd", learning_rate=0.1,
        clip_norm=0.25)
    add("sgd_clip_value", sgd(), optimizer="sgd", learning_rate=0.1,
        clip_value=0.05)
    add("sgd_clip_norm_l2", sgd(weight_decay=0.05), optimizer="sgd",
        learning_rate=0.1, clip_norm=0.25, l2=0.05)
    add("momentum", sgd(momentum=0.9), optimizer="momentum",
        learning_rate=0.1, momentum=0.9)
    add("momentum_l2", sgd(momentum=0.8, weight_decay=0.05),
        optimizer="momentum", learning_rate=0.1, momentum=0.8, l2=0.05)
    add("nesterov", sgd(momentum=0.9, nesterov=True), optimizer="nesterov",
        learning_rate=0.1, momentum=0.9)
    add("nesterov_l2", sgd(momentum=0.8, nesterov=True, weight_decay=0.05),
        optimizer="nesterov", learning_rate=0.1, momentum=0.8, l2=0.05)

    def rmsprop(**options):
        return lambda p: optim.RMSprop(p, lr=0.01, eps=1e-6, **options)

    rms = dict(optimizer="rmsprop", learning_rate=0.01, epsilon=1e-6)
    add("rmsprop", rmsprop(alpha=0.9), rho=0.9, **rms)
    add("rmsprop_l2", rmsprop(alpha=0.95, weight_decay=0.05), rho=0.95,
        l2=0.05, **rms)
    add("rmsprop_centered", rmsprop(alpha=0.9, centered=True), rho=0.9,
        centered="true", **rms)
    add("rmsprop_momentum", rmsprop(alpha=0.9, momentum=0.7), rho=0.9,
        rmsprop_momentum=0.7, **rms)
    add("rmsprop_centered_momentum",
        rmsprop(alpha=0.9, centered=True, momentum=0.7), rho=0.9,
        centered="true", rmsprop_momentum=0.7, **rms)

    def adam(**options):
        return lambda p: optim.Adam(p, lr=0.02, **options)

    add("adam", adam(), optimizer="adam", learning_rate=0.02)
    add("adam_betas", adam(betas=(0.8, 0.99), eps=1e-4), optimizer="adam",
        learning_rate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-4)
    add("adam_l2", adam(weight_decay=0.05), optimizer="adam",
        learning_rate=0.02, l2=0.05)
    add("adam_clip_norm", adam(), optimizer="adam", learning_rate=0.02,
        clip_norm=0.25)
    add("adamw", lambda p: optim.AdamW(p, lr=0.02), optimizer="adamw",
        learning_rate=0.02)
    add("amsgrad", adam(amsgrad=True, betas=(0.9, 0.9)), optimizer="amsgrad",
        learning_rate=0.02, beta2=0.9)
    add("amsgrad_weight_decay",
        lambda p: optim.AdamW(p, lr=0.02, amsgrad=True, betas=(0.9, 0.9),
                              weight_decay=0.5), optimizer="amsgrad",
        learning_rate=0.02, beta2=0.9, weight_decay=0.5)
    # The first NAdam of PyTorch, in 1.x, multiplied by one mu too many.
    if not torch.__version__.startswith("1."):
        add("nadam", lambda p: optim.NAdam(p, lr=0.02), optimizer="nadam",
            learning_rate=0.02)
        add("nadam_l2", lambda p: optim.NAdam(p, lr=0.02, weight_decay=0.05),
            optimizer="nadam", learning_rate=0.02, l2=0.05)
        add("nadam_weight_decay",
            lambda p: optim.NAdam(p, lr=0.02, weight_decay=0.5,
                                  decoupled_weight_decay=True),
            optimizer="nadam", learning_rate=0.02, weight_decay=0.5)
    add("adagrad", lambda p: optim.Adagrad(p, lr=0.1), optimizer="adagrad",
        learning_rate=0.1)
    add("adagrad_l2", lambda p: optim.Adagrad(p, lr=0.1, weight_decay=0.05),
        optimizer="adagrad", learning_rate=0.1, l2=0.05)
    add("adadelta", lambda p: optim.Adadelta(p), optimizer="adadelta")
    add("adadelta_l2",
        lambda p: optim.Adadelta(p, lr=2.0, rho=0.95, weight_decay=0.05),
        optimizer="adadelta", learning_rate=2.0, rho=0.95, l2=0.05)
    if lion_pytorch is not None:
        add("lion", lambda p: lion_pytorch.Lion(p, lr=0.01),
            optimizer="lion", learning_rate=0.01)
        add("lion_weight_decay",
            lambda p: lion_pytorch.Lion(p, lr=0.01, betas=(0.8, 0.95),
                                        weight_decay=0.5), optimizer="lion",
            learning_rate=0.01, beta1=0.8, beta2=0.95, weight_decay=0.5)

    # Newer versions count a line search's evaluations against max_eval.
    def lbfgs(history):
        return lambda p: optim.LBFGS(
            p, lr=1, max_iter=1, max_eval=26, history_size=history,
            tolerance_grad=0, tolerance_change=0,
            line_search_fn="strong_wolfe")

    add("lbfgs", lbfgs(10), optimizer="lbfgs", l2=0.01)
    add("lbfgs_history", lbfgs(3), optimizer="lbfgs", lbfgs_history=3, l2=0.05)
    return table


def penalties(settings, params):
    """Gives the gradients what an optimizer of PyTorch does not."""
    if "clip_norm" in settings:
        torch.nn.utils.clip_grad_norm_(params, settings["clip_norm"])
    if "clip_value" in settings:
        torch.nn.utils.clip_grad_value_(params, settings["clip_value"])
    with torch.no_grad():
        for p in params:
            if "l1" in settings:
                p.grad += settings["l1"] * torch.sign(p)
            if settings["optimizer"] == "sgd" and "weight_decay" in settings:
                p *= 1.0 - settings["learning_rate"] * settings["weight_decay"]


def train(make, settings, dtype):
    """The loss before every step, and the parameters after the last."""
    torch.set_default_dtype(dtype)
    inputs, labels, start, batches = problem()
    x, y = torch.tensor(inputs), torch.tensor(labels)
    params = parameters(start, dtype)
    optimizer = make(params)
    losses = []
    if settings["optimizer"] == "lbfgs":
        batches = [range(EXAMPLES)] * STEPS
        if dtype == torch.float32:
            batches = batches[:LBFGS_FLOAT_STEPS]
    for batch in batches:
        rows = list(batch)
        evaluated = []

        def closure():
            optimizer.zero_grad()
            loss = loss_of(params, x[rows], y[rows])
            evaluated.append(loss.item())
            if settings["optimizer"] == "lbfgs":
                loss = loss + 0.5 * settings["l2"] * sum(
                    (p * p).sum() for p in params)
            loss.backward()
            if settings["optimizer"] != "lbfgs":
                penalties(settings, params)
            return loss

        optimizer.step(closure)
        losses.append(evaluated[0])
    return losses, flat(params)


def numbers(values, dtype):
    digits = 9 if dtype == torch.float32 else 17
    return " ".join(f"{value:.{digits}g}" for value in values)


def write_problem():
    inputs, labels, start, batches = problem()
    double = torch.float64
    rows = [
        ("sizes", [INPUTS, HIDDEN, CLASSES]),
        ("inputs", [v for row in inputs for v in row]),
        ("labels", labels),
        ("start", start),
        ("batches", [v for batch in batches for v in batch]),
    ]
    text = "".join(f"{name} {numbers(values, double)}\n"
                   for name, values in rows)
    (HERE / "problem.txt").write_text(
        "# Written by make_curves.py; see ../README.md.\n" + text)


def versions():
    found = f"torch {torch.__version__}"
    if lion_pytorch is not None:
        import importlib.metadata
        found += f", lion-pytorch {importlib.metadata.version('lion-pytorch')}"
    return found


def curves():
    for name, (make, settings) in cases().items():
        for dtype, word in ((torch.float64, "double"),
                            (torch.float32, "float")):
            losses, params = train(make, settings, dtype)
            yield name, settings, word, "loss", losses, dtype
            yield name, settings, word, "params", params, dtype


def write(folder, script, curves):
    """The file of numbers `curves.txt` in the folder of the script."""
    lines = [f"# Written by {script} with {versions()}; see ../README.md."]
    last = None
    for name, settings, word, what, values, dtype in curves:
        if name != last:
            words = " ".join(f"{k}={v}" for k, v in settings.items())
            lines.append(f"case {name} {words}")
            last = name
        lines.append(f"{word} {what} {numbers(values, dtype)}")
    (folder / "curves.txt").write_text("\n".join(lines) + "\n")


def check(folder, curves):
    """Prints how far this installation is from the file; 1 if too far."""
    stored, name = {}, None
    for line in (folder / "curves.txt").read_text().splitlines():
        words = line.split()
        if words[0] == "case":
            name = words[1]
        elif words[0] in ("double", "float"):
            stored[name, words[0], words[1]] = [float(w) for w in words[2:]]
    worst = {"double": 0.0, "float": 0.0}
    print(versions())
    for name, _, word, what, values, _ in curves:
        scale = max(abs(v) for v in stored[name, word, what])
        far = max(abs(a - b)
                  for a, b in zip(values, stored[name, word, what])) / scale
        worst[word] = max(worst[word], far)
        print(f"{name} {word} {what}: {far:.1e}")
    print("worst:", worst)
    return 0 if worst["double"] < 1e-10 and worst["float"] < 1e-5 else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    torch.set_num_threads(1)
    if parser.parse_args().check:
        sys.exit(check(HERE, curves()))
    write_problem()
    write(HERE, "make_curves.py", curves())
