"""Writes the numbers of a convolutional network beside it, with PyTorch.

    python3 tests/golden/nn/make_conv.py      # PyTorch 1.13 or newer

The network is that of conv_golden_test, on 19 images of 2 x 12 x 11 in three
classes, image i of class i mod 3. conv_inputs.csv has a row for each pixel, one
image after the other, conv_outputs.csv one for each logit and the same when
measuring after that step, conv_params.csv one for each parameter, in the order
of Network::params(), with the derivative of the cross-entropy. All are computed
in double.
"""
import csv
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)
torch.manual_seed(2)


def write(name, columns):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in zip(*(c.flatten().tolist() for c in columns.values())):
            writer.writerow([repr(value) for value in row])


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3)
        self.conv2 = nn.Conv2d(4, 6, (3, 4), padding="same")
        self.norm = nn.BatchNorm2d(6)
        self.conv3 = nn.Conv2d(6, 3, 2, stride=2)
        self.dense = nn.Linear(3, 5)
        self.last = nn.Linear(5, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.norm(self.conv2(x)))
        x = F.avg_pool2d(F.relu(self.conv3(x)), 2, 1)
        return self.last(F.relu(self.dense(x.flatten(1))))


def in_our_order(tensor):
    """A matrix column by column, kernels with the output channel last."""
    if tensor.dim() == 4:
        return tensor.permute(1, 2, 3, 0).flatten()
    return tensor.t().flatten() if tensor.dim() == 2 else tensor


def main():
    network = Network()
    inputs = torch.randn(19, 2, 12, 11)
    labels = torch.arange(19) % 3
    with torch.no_grad():
        for parameter in network.norm.parameters():
            parameter.uniform_(0.5, 1.5)
    network.train()
    outputs = network(inputs)
    F.cross_entropy(outputs, labels).backward()
    network.eval()
    write("conv_inputs.csv", {"input": inputs})
    write("conv_outputs.csv", {
        "output": outputs.detach(),
        "measured": network(inputs).detach(),
    })
    parameters = list(network.parameters())
    write("conv_params.csv", {
        "param": torch.cat([in_our_order(p.detach()) for p in parameters]),
        "grad": torch.cat([in_our_order(p.grad) for p in parameters]),
    })


if __name__ == "__main__":
    main()
