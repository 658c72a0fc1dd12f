"""Writes the reference numbers beside it with PyTorch's schedulers.

    python3 tests/golden/schedule/make.py      # PyTorch 1.13 or newer

schedules.csv has a column for each schedule and a row for each step k, from 0
on: the learning rate (of one_cycle_momentum the momentum) with which step k is
done. plateau.csv has the learning rates of ReduceLROnPlateau after each of the
losses in its first column. The columns are named in schedule_golden_test.cc,
which builds the same schedules. All are computed in double.
"""
import csv
import math
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as lr

HERE = pathlib.Path(__file__).parent
STEPS = 80
RATE = 0.8
# What a scheduler is called with before the first optimizer step is its affair.
warnings.filterwarnings("ignore")


def optimizer():
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    return torch.optim.SGD([parameter], lr=RATE, momentum=0.9)


def values(make, key="lr"):
    sgd = optimizer()
    scheduler = make(sgd)
    result = []
    for k in range(STEPS):
        result.append(sgd.param_groups[0][key])
        sgd.step()
        if k + 1 < STEPS:
            scheduler.step()
    return result


def warmup(steps, make):
    """In front of `make`: (k + 1) / steps of the rate, then its own steps."""
    def both(sgd):
        # PyTorch divides what is there, so the order of construction counts.
        rise = lr.LinearLR(sgd, start_factor=1 / steps, end_factor=1.0,
                           total_iters=steps - 1)
        return lr.SequentialLR(sgd, [rise, make(sgd)], milestones=[steps])
    return both


def one_cycle(sgd):
    return lr.OneCycleLR(sgd, max_lr=RATE, total_steps=STEPS, pct_start=0.3,
                         div_factor=25.0, final_div_factor=1e4,
                         base_momentum=0.85, max_momentum=0.95)


SCHEDULES = {
    "constant": lambda o: lr.ConstantLR(o, factor=1.0),
    "step": lambda o: lr.StepLR(o, step_size=7, gamma=0.6),
    # PyTorch multiplies by gamma in every step.
    "exponential": lambda o: lr.ExponentialLR(o, gamma=0.6 ** (1 / 7)),
    # PyTorch has no scheduler of its own for it.
    "inverse_time": lambda o: lr.LambdaLR(o, lambda k: 1 / (1 + 0.6 * k / 7)),
    "linear": lambda o: lr.LinearLR(o, start_factor=1.0, end_factor=0.05,
                                    total_iters=60),
    "polynomial": lambda o: lr.PolynomialLR(o, total_iters=60, power=1.7),
    "cosine": lambda o: lr.CosineAnnealingLR(o, T_max=STEPS, eta_min=0.03),
    "restarts": lambda o: lr.CosineAnnealingWarmRestarts(o, T_0=13,
                                                         eta_min=0.03),
    "longer_restarts": lambda o: lr.CosineAnnealingWarmRestarts(
        o, T_0=9, T_mult=2, eta_min=0.03),
    "one_cycle": one_cycle,
    "warmup_constant": warmup(11, lambda o: lr.ConstantLR(o, factor=1.0)),
    "warmup_step": warmup(11, lambda o: lr.StepLR(o, step_size=7, gamma=0.6)),
    "warmup_cosine": warmup(11, lambda o: lr.CosineAnnealingLR(
        o, T_max=STEPS - 11, eta_min=0.03)),
}

# (factor, patience, threshold, cooldown, min_lr)
PLATEAUS = {
    "patience_0": (0.5, 0, 1e-4, 0, 0.0),
    "patience_3": (0.5, 3, 1e-4, 0, 0.0),
    "cooldown_4": (0.3, 2, 1e-4, 4, 0.0),
    "threshold": (0.5, 2, 0.05, 0, 0.0),
    "floor": (0.25, 1, 1e-4, 0, 0.02),
}


def losses():
    """Falls in waves, ever more slowly, with stretches that stand still."""
    result = []
    for k in range(STEPS):
        wave = 0.08 * math.sin(0.9 * k) * math.exp(-0.02 * k)
        result.append(0.4 + math.exp(-0.08 * min(k, 45)) + wave
                      if k % 17 < 12 else result[-1])
    return result


def plateau(factor, patience, threshold, cooldown, min_lr):
    sgd = optimizer()
    scheduler = lr.ReduceLROnPlateau(
        sgd, mode="min", factor=factor, patience=patience, threshold=threshold,
        threshold_mode="rel", cooldown=cooldown, min_lr=min_lr, eps=0.0)
    result = []
    for loss in losses():
        scheduler.step(loss)
        result.append(sgd.param_groups[0]["lr"])
    return result


def write(name, columns):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))


def main():
    columns = {name: values(make) for name, make in SCHEDULES.items()}
    columns["one_cycle_momentum"] = values(one_cycle, "momentum")
    write("schedules.csv", columns)
    columns = {"loss": losses()}
    columns |= {name: plateau(*settings) for name, settings in PLATEAUS.items()}
    write("plateau.csv", columns)


main()
