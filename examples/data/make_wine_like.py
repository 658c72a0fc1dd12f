#!/usr/bin/env python3
"""Makes wine-like.csv: 900 bottles that nobody has ever drunk.

As tables of measurements are: numbers of different units, categories, some
fields missing, classes of different frequency that overlap. Standard library
only, seeded: the same file every time.

    examples/data/make_wine_like.py > examples/data/wine-like.csv
"""
import random

GRAPES = {"barbera": 6.9, "nebbiolo": 6.2, "grignolino": 5.6}  # acidity
REGIONS = {"hills": 0.4, "coast": -0.3, "plain": 0.0, "islands": -0.1}


def bottle(rng):
    grape = rng.choices(list(GRAPES), weights=[5, 3, 2])[0]
    region = rng.choice(list(REGIONS))
    alcohol = rng.gauss(12.6 + REGIONS[region], 0.8)
    acidity = rng.gauss(GRAPES[grape], 0.7)
    sugar = rng.lognormvariate(0.7, 0.5)
    sulphates = rng.gauss(0.62, 0.14)
    ph = rng.gauss(3.9 - 0.1 * acidity, 0.08)
    density = 0.9968 - 0.0012 * (alcohol - 12.6) + 0.0004 * (sugar - 2.0)
    density += rng.gauss(0.0, 0.0003)
    # Best where nothing is too much: no straight line tells the classes apart.
    score = 1.2 - abs(alcohol - 12.9) - 0.8 * abs(acidity - GRAPES[grape])
    score += 2.5 * (sulphates - 0.62) - 0.25 * abs(sugar - 2.0)
    score += 0.5 * REGIONS[region] * (1 if grape == "nebbiolo" else -1)
    score += rng.gauss(0.0, 0.15)
    quality = "good" if score > 0.35 else "fair" if score > -0.45 else "poor"
    return [f"{alcohol:.1f}", f"{acidity:.2f}", f"{sugar:.1f}",
            f"{sulphates:.2f}", f"{ph:.2f}", f"{density:.4f}", grape, region,
            quality]


def main():
    rng = random.Random(1)
    print("alcohol,acidity,sugar,sulphates,ph,density,grape,region,quality")
    for _ in range(900):
        row = bottle(rng)
        if rng.random() < 0.08:
            row[rng.randrange(8)] = ""
        print(",".join(row))


if __name__ == "__main__":
    main()
