"""Compares what an exported model says with what `attune predict` says.

    onnx_check.py MODEL.onnx INPUT PREDICTIONS.json

INPUT is a table (.csv) or a plain file of images (IDX); PREDICTIONS.json is
what `attune predict INPUT -o json` printed. Fails if any number differs by more
than a hundred-thousandth of itself, or of 1 if it is smaller.
"""

import csv
import json
import struct
import sys

import numpy as np
import onnxruntime

TOLERANCE = 1e-5
MISSING = ("", "NA")


def read_images(path):
    """(images, channels, height, width), from 0 to 255."""
    with open(path, "rb") as file:
        count, height, width = struct.unpack(">3I", file.read(16)[4:])
        pixels = np.frombuffer(file.read(), np.uint8)
    return pixels.reshape(count, 1, height, width).astype(np.float32)


def read_table(path, features):
    """(rows, features): what each feature's name says of a row."""

    def value(row, feature):
        if feature in row:
            return float("nan") if row[feature] in MISSING else float(row[feature])
        column, category = feature.split("=", 1)
        if row[column] in MISSING:
            return float("nan")
        return float(row[column] == category)

    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([[value(row, name) for name in features] for row in rows])


def main(model, inputs, predictions):
    session = onnxruntime.InferenceSession(
        model, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    name = session.get_inputs()[0].name
    if name == "images":
        examples = read_images(inputs)
    else:
        examples = read_table(inputs, json.loads(metadata["features"]))
    output = session.get_outputs()[0].name
    (values,) = session.run([output], {name: examples})
    with open(predictions) as file:
        expected = json.load(file)
    assert len(expected) == len(values) > 0, (len(expected), len(values))
    worst = 0.0
    for row, says in zip(values, expected):
        if output == "confidence":
            best = int(np.argmax(row))
            assert json.loads(metadata["classes"])[best] == says["class"], says
            want, got = says["confidence"], float(row[best])
        else:
            want, got = says["prediction"], float(row[0])
        worst = max(worst, abs(got - want) / max(1.0, abs(want)))
    assert worst <= TOLERANCE, worst
    print(f"{len(values)} examples agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
