"""Writes the reference numbers beside it with PyTorch's layers and losses.

    python3 tests/golden/nn/make.py      # PyTorch 1.13 or newer

activations.csv has a row for each z: the values, and the derivatives (`_grad`).
losses.csv has one row, the losses of the outputs in loss_gradients.csv, which
has a row for each output, one example after the other, and a column for the
derivatives of each loss. batch_norm.csv has two batches, the second one's
output and derivatives, and the output when measuring after both; a row is a
value, one example after the other. batch_norm_channels.csv has a row for each
channel. All are computed in double.
"""
import csv
import pathlib

import torch
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def write(name, columns):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in zip(*(c.flatten().tolist() for c in columns.values())):
            writer.writerow([repr(value) for value in row])


def activations():
    functions = {
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "gelu": F.gelu,
        "swish": F.silu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "softplus": F.softplus,
    }
    z = torch.linspace(-8, 8, 65, requires_grad=True)
    columns = {"z": z.detach()}
    for name, function in functions.items():
        values = function(z)
        columns[name] = values.detach()
        columns[name + "_grad"], = torch.autograd.grad(values.sum(), z)
    write("activations.csv", columns)


def losses():
    examples, classes = 7, 5
    outputs = (2 * torch.randn(examples, classes)).requires_grad_()
    labels = torch.tensor([3, 0, 4, 4, 1, 2, 3])
    weights = torch.tensor([0.5, 2.0, 1.0, 0.25, 3.0])
    targets = torch.randn(examples, classes)
    shares = torch.rand(examples, classes)
    one_hot = F.one_hot(labels, classes).double()

    def cross_entropy(**options):
        return F.cross_entropy(outputs, labels, **options)

    by_name = {
        "cross_entropy": cross_entropy(),
        "smoothed": cross_entropy(label_smoothing=0.1),
        "weighted": cross_entropy(weight=weights),
        "weighted_smoothed": cross_entropy(
            weight=weights, label_smoothing=0.1),
        "mse": F.mse_loss(outputs, targets),
        "mae": F.l1_loss(outputs, targets),
        "huber": F.huber_loss(outputs, targets, delta=0.7),
        "binary_cross_entropy": F.binary_cross_entropy_with_logits(
            outputs, shares),
        "mse_of_classes": F.mse_loss(outputs, one_hot),
        "binary_cross_entropy_of_classes":
            F.binary_cross_entropy_with_logits(outputs, one_hot),
    }
    write("losses.csv", {n: loss.detach() for n, loss in by_name.items()})
    columns = {
        "outputs": outputs.detach(),
        "targets": targets,
        "shares": shares,
        "one_hot": one_hot,
    }
    for name, loss in by_name.items():
        columns[name], = torch.autograd.grad(loss, outputs)
    write("loss_gradients.csv", columns)


def batch_norm():
    batch, channels = 6, 3
    layer = torch.nn.BatchNorm1d(channels)
    with torch.no_grad():
        layer.weight.copy_(1 + 0.3 * torch.randn(channels))
        layer.bias.copy_(torch.randn(channels))
    first = 3 * torch.randn(batch, channels) + 2
    second = (2 * torch.randn(batch, channels) - 1).requires_grad_()
    factors = torch.randn(batch, channels)  # of the outputs in the loss
    layer(first)
    output = layer(second)
    (output * factors).sum().backward()
    layer.eval()
    write(
        "batch_norm.csv", {
            "first": first,
            "second": second.detach(),
            "factors": factors,
            "output": output.detach(),
            "input_grad": second.grad,
            "measured": layer(second).detach(),
        })
    write(
        "batch_norm_channels.csv", {
            "gamma": layer.weight.detach(),
            "beta": layer.bias.detach(),
            "gamma_grad": layer.weight.grad,
            "beta_grad": layer.bias.grad,
            "running_mean": layer.running_mean,
            "running_variance": layer.running_var,
        })


activations()
losses()
batch_norm()
