#!/usr/bin/env python3
"""Trains the small network of ../optim with PyTorch under every schedule.

    train.py                 writes curves.txt beside it
    train.py --check         computes them and compares with curves.txt

../README.md says what the files are and how they are read.
"""
import pathlib
import sys
import warnings

import torch
from torch.optim import lr_scheduler as lr

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "optim"))
import make_curves as golden  # noqa: E402

STEPS_PER_EPOCH = golden.EXAMPLES // golden.BATCH
EPOCHS = 13  # the last of which is cut short
ALL = EPOCHS * STEPS_PER_EPOCH
# When a scheduler takes its first step is its own affair here.
warnings.filterwarnings("ignore")


class Algorithm82(torch.optim.Optimizer):
    """v <- alpha v - rho g, theta <- theta + v; torch.optim has another one."""

    def __init__(self, params, **defaults):
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure):
        with torch.enable_grad():
            closure()
        for group in self.param_groups:
            for p in group["params"]:
                v = self.state[p].setdefault("v", torch.zeros_like(p))
                v.mul_(group["momentum"]).sub_(group["lr"] * p.grad)
                p.add_(v)


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.5),
    "momentum": lambda p: Algorithm82(p, lr=0.2, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
}
RATES = {"sgd": 0.5, "momentum": 0.2, "adam": 0.1}


class Ramp:
    """A momentum that rises from 0.5 to 0.9 over the first 5 epochs."""

    def __init__(self, optimizer):
        self.optimizer, self.k = optimizer, -1
        self.step()

    def step(self):
        self.k += 1
        share = min(1.0, self.k / (5 * STEPS_PER_EPOCH))
        for group in self.optimizer.param_groups:
            group["momentum"] = 0.5 + share * (0.9 - 0.5)


def warmup(steps, make):
    def both(o):
        rise = lr.LinearLR(o, start_factor=1 / steps, total_iters=steps - 1)
        return lr.SequentialLR(o, [rise, make(o)], milestones=[steps])
    return both


def one_cycle(o):
    """On PyTorch's own terms; ours has no divisor for the end, hence eta."""
    rate = o.param_groups[0]["lr"]
    return lr.OneCycleLR(o, max_lr=rate, total_steps=ALL, pct_start=0.4,
                         div_factor=10, final_div_factor=1e4,
                         cycle_momentum=isinstance(o, Algorithm82),
                         base_momentum=0.8, max_momentum=0.9)


def schedules(optimizer, rate):
    """Our settings, and the scheduler that is to agree with them."""
    gentle = dict(decay_epochs=2, decay_rate=0.7)
    steps = 2 * STEPS_PER_EPOCH
    cycle = dict(schedule="one_cycle", cycle_rise=0.4, cycle_divisor=10,
                 final_learning_rate=rate / 10 / 1e4)
    if optimizer == "momentum":
        cycle |= dict(momentum_schedule="one_cycle", cycle_momentum=0.8)
    yield ("step", dict(schedule="step", **gentle),
           lambda o: lr.StepLR(o, steps, 0.7))
    yield ("exponential", dict(schedule="exponential", **gentle),
           lambda o: lr.ExponentialLR(o, 0.7 ** (1 / steps)))
    yield ("inverse_time", dict(schedule="inverse_time", **gentle),
           lambda o: lr.LambdaLR(o, lambda k: 1 / (1 + 0.7 * k / steps)))
    yield ("linear", dict(schedule="linear", decay_epochs=9,
                          final_learning_rate=rate / 10),
           lambda o: lr.LinearLR(o, 1.0, 0.1, 9 * STEPS_PER_EPOCH))
    yield ("polynomial", dict(schedule="polynomial", decay_power=1.5),
           lambda o: lr.PolynomialLR(o, ALL, 1.5))
    yield ("cosine", dict(schedule="cosine", final_learning_rate=rate / 8),
           lambda o: lr.CosineAnnealingLR(o, ALL, rate / 8))
    yield ("restarts", dict(schedule="cosine", restart_epochs=2,
                            restart_factor=2),
           lambda o: lr.CosineAnnealingWarmRestarts(o, steps, 2))
    yield ("one_cycle", cycle, one_cycle)
    yield ("reduce_on_plateau",
           dict(schedule="reduce_on_plateau", plateau_patience=0,
                plateau_threshold=0.2, plateau_cooldown=1, decay_rate=0.3),
           lambda o: lr.ReduceLROnPlateau(o, factor=0.3, patience=0,
                                          threshold=0.2, cooldown=1, eps=0))
    yield ("warmup", dict(schedule="exponential", warmup_epochs=1.75, **gentle),
           warmup(7, lambda o: lr.ExponentialLR(o, 0.7 ** (1 / steps))))
    if optimizer == "momentum":
        yield "ramp", dict(momentum_schedule="linear"), Ramp


def train(make_optimizer, make_scheduler):
    """The loss before every step, and the parameters after the last."""
    torch.set_default_dtype(torch.float64)
    inputs, labels, start, batches = golden.problem()
    x, y = torch.tensor(inputs), torch.tensor(labels)
    params = golden.parameters(start, torch.float64)
    optimizer = make_optimizer(params)
    rate = optimizer.param_groups[0]["lr"]
    scheduler = make_scheduler(optimizer)
    losses = []
    for k, rows in enumerate(batches):
        def closure():
            optimizer.zero_grad()
            loss = golden.loss_of(params, x[rows], y[rows])
            losses.append(loss.item())
            loss.backward()

        optimizer.step(closure)
        if not isinstance(scheduler, lr.ReduceLROnPlateau):
            scheduler.step()
        elif (k + 1) % STEPS_PER_EPOCH == 0:
            # In place of a validation loss, the mean over the epoch.
            scheduler.step(sum(losses[-STEPS_PER_EPOCH:]) / STEPS_PER_EPOCH)
    if isinstance(scheduler, lr.ReduceLROnPlateau):
        assert optimizer.param_groups[0]["lr"] < 0.5 * rate
    return losses, golden.flat(params)


def curves():
    for name, make in OPTIMIZERS.items():
        for schedule, settings, scheduler in schedules(name, RATES[name]):
            settings = dict(optimizer=name, learning_rate=RATES[name],
                            epochs=EPOCHS, **settings)
            yield f"{name}_{schedule}", settings, train(make, scheduler)


def lines():
    for name, settings, (losses, params) in curves():
        yield "case " + name + "".join(
            f" {k}={v!r}".replace("'", "") for k, v in settings.items())
        yield "double loss " + golden.numbers(losses, torch.float64)
        yield "double params " + golden.numbers(params, torch.float64)


def check():
    """Prints how far this installation is from the file; 1 if too far."""
    stored = (HERE / "curves.txt").read_text().splitlines()[1:]
    worst = 0.0
    for old, new in zip(stored, lines(), strict=True):
        if old.startswith("case"):
            assert old == new, (old, new)
            continue
        a, b = ([float(w) for w in line.split()[2:]] for line in (old, new))
        worst = max(worst, max(abs(p - q) for p, q in zip(a, b, strict=True)))
    print(f"{golden.versions()}: {worst:.1e}")
    return 0 if worst < 1e-10 else 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    if "--check" in sys.argv[1:]:
        sys.exit(check())
    head = f"# Written by train.py with {golden.versions()}; see ../README.md."
    (HERE / "curves.txt").write_text("\n".join([head, *lines()]) + "\n")
