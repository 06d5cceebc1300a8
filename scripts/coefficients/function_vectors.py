# SPDX-License-Identifier: Apache-2.0
"""Exact values of the elementary functions for the tests of `ballast-pricing` (mpmath, 50 digits, seeded).

One CSV per function: the argument's bits (56 fraction bits) and the value with 80 fraction bits, to the nearest integer.
"""
import csv
import os
import random

import mpmath as mp

from common import fixed

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "primitives", "pricing", "tests", "data")
ONE, ROWS = 1 << 56, 3000


def real(bits):
    return mp.mpf(bits) / ONE


def arguments(rng, name):
    """Spread over the range, dense near the ends where kernels go wrong."""
    if name in ("cdf", "density"):
        edges = [s * k * ONE // 32 + e for k in (0, 1, 31, 32, 255, 256, 303, 304) for s in (-1, 1) for e in (-1, 0, 1)]
        return edges + [int(rng.uniform(-10, 10) * 2**53) * 8 + rng.randrange(8) for _ in range(ROWS)]
    if name == "exp":
        edges = [0, 1, -1, -40 * ONE, -(1 << 63), 4 * ONE]
        top = int(mp.floor(mp.log(128) * ONE)) - 100
        return edges + [top, top - ONE // 1000] + [rng.randrange(-45 * ONE, top) for _ in range(ROWS)]
    edges = [1, 2, 3, ONE - 1, ONE, ONE + 1, (1 << 63) - 1]
    return edges + [int(2 ** rng.uniform(0, 63)) | rng.randrange(2) for _ in range(ROWS)]


FUNCTIONS = {
    "ln": lambda x: mp.log(x),
    "sqrt": lambda x: mp.sqrt(x),
    "exp": lambda x: mp.exp(x),
    "cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "density": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
}


def main():
    rng = random.Random(76)
    os.makedirs(DATA, exist_ok=True)
    for name, function in FUNCTIONS.items():
        with open(os.path.join(DATA, f"{name}.csv"), "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("argument", "value"))
            for bits in arguments(rng, name):
                writer.writerow((bits, fixed(function(real(bits)), 80)))


if __name__ == "__main__":
    main()
