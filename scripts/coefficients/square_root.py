# SPDX-License-Identifier: Apache-2.0
"""Seeds of 1/sqrt(m) for m in [1, 4): 192 rows of value and slope, at most 2^-16 away (relative)."""
import mpmath as mp

from common import bits, fixed, rust_rows, write_table


def main():
    rows, worst = [], mp.mpf(0)
    for i in range(64, 256):
        # Row i covers m in [i/64, (i+1)/64); value at the start with 31 fraction bits, fall over the row likewise.
        low, high = mp.mpf(i) / 64, mp.mpf(i + 1) / 64
        f = lambda m: 1 / mp.sqrt(m)
        sag = (f(low) + f(high)) / 2 - f((low + high) / 2)
        start, fall = f(low) - sag / 2, f(low) - f(high)
        row = [fixed(start, 31), fixed(fall, 31)]
        rows.append(row)
        for point in range(33):
            part = mp.mpf(point) / 32
            seed = (row[0] - row[1] * part) / mp.mpf(2) ** 31
            worst = max(worst, abs(seed * mp.sqrt(low + part / 64) - 1))
    print("seed error (relative) 2^", bits(worst))
    doc = ["Seeds of the reciprocal square root.", "", f"Relative error of a seed below {mp.nstr(worst, 3)}."]
    text = "Row `i - 64` covers `m` in `[i/64, (i+1)/64)`: value at the start, fall over the row; 31 fraction bits."
    write_table("square_root", doc, rust_rows(text, "SEED", "u32", rows))


if __name__ == "__main__":
    main()
