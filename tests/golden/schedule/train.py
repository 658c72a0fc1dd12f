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
    """v <- alpha v - rho g, theta <- theta + v; torch.optim has another one.

    With nesterov, Algorithm 8.3 as seen from the point where the gradient is
    taken: theta <- theta + alpha v - rho g."""

    def __init__(self, params, lr, momentum=0.9, nesterov=False):
        super().__init__(params, dict(lr=lr, momentum=momentum))
        self.nesterov = nesterov

    @torch.no_grad()
    def step(self, closure):
        with torch.enable_grad():
            closure()
        for group in self.param_groups:
            alpha = group["momentum"]
            for p in group["params"]:
                v = self.state[p].setdefault("v", torch.zeros_like(p))
                descent = group["lr"] * p.grad
                v.mul_(alpha).sub_(descent)
                p.add_(alpha * v - descent if self.nesterov else v)


def optimizers():
    """Our settings, and the optimizer that is to agree with them."""
    optim = torch.optim
    yield "sgd", dict(learning_rate=0.5), optim.SGD, {}
    yield "momentum", dict(learning_rate=0.2), Algorithm82, {}
    yield ("nesterov", dict(learning_rate=0.1), Algorithm82,
           dict(nesterov=True))
    rms = dict(optimizer="rmsprop", learning_rate=0.01, rho=0.9, epsilon=1e-6)
    yield "rmsprop", rms, optim.RMSprop, dict(alpha=0.9, eps=1e-6)
    yield ("rmsprop_centered", dict(rms, centered="true"), optim.RMSprop,
           dict(alpha=0.9, eps=1e-6, centered=True))
    yield "adam", dict(learning_rate=0.1), optim.Adam, {}
    yield "adamw", dict(learning_rate=0.02), optim.AdamW, {}
    yield ("amsgrad", dict(learning_rate=0.02, beta2=0.9), optim.Adam,
           dict(amsgrad=True, betas=(0.9, 0.9)))
    if not torch.__version__.startswith("1."):
        yield "nadam", dict(learning_rate=0.02), optim.NAdam, {}
    yield "adagrad", dict(learning_rate=0.1), optim.Adagrad, {}
    yield "adadelta", dict(learning_rate=2.0), optim.Adadelta, {}
    if golden.lion_pytorch is not None:
        yield "lion", dict(learning_rate=0.01), golden.lion_pytorch.Lion, {}


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
    if optimizer in ("momentum", "nesterov"):
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
    if optimizer in ("momentum", "nesterov"):
        yield "ramp", dict(momentum_schedule="linear"), Ramp


def train(make_optimizer, make_scheduler, dtype):
    """The loss before every step."""
    torch.set_default_dtype(dtype)
    inputs, labels, start, batches = golden.problem()
    x, y = torch.tensor(inputs), torch.tensor(labels)
    params = golden.parameters(start, dtype)
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
    return losses


def curves():
    for name, ours, kind, options in optimizers():
        settings = dict(dict(optimizer=name) | ours, epochs=EPOCHS)
        rate = ours["learning_rate"]
        for schedule, rates, scheduler in schedules(name, rate):
            for dtype, word in ((torch.float64, "double"),
                                (torch.float32, "float")):
                losses = train(lambda p: kind(p, lr=rate, **options),
                               scheduler, dtype)
                yield (f"{name}_{schedule}", settings | rates, word, "loss",
                       losses, dtype)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if "--check" in sys.argv[1:]:
        sys.exit(golden.check(HERE, curves()))
    golden.write(HERE, "train.py", curves())
