# SPDX-License-Identifier: Apache-2.0
"""Table of N(-x) on [0, 8): 256 segments of width 1/32, degree 5, 62 fraction bits.

The argument of a segment is scaled to [-1, 1). Prints the polynomial error (coefficients rounded to 62 bits, exact
evaluation, 65 points a segment), its theoretical bound, and the largest coefficient of each degree: the kernel in
`normal.rs` relies on those sizes where it multiplies in plain 64-bit words.
"""
import mpmath as mp

from common import bits, chebyshev_fit, fixed, horner, rust_rows, write_table

SEGMENTS, DEGREE, FRAC = 256, 5, 62
HALF = mp.mpf(1) / 64


def tail(x):
    return mp.erfc(x / mp.sqrt(2)) / 2


def main():
    rows, worst = [], mp.mpf(0)
    for segment in range(SEGMENTS):
        centre = (2 * segment + 1) * HALF
        exact = chebyshev_fit(lambda u: tail(centre + u * HALF), DEGREE)
        row = [fixed(c, FRAC) for c in exact]
        rows.append(row)
        rounded = [mp.mpf(c) / mp.mpf(2) ** FRAC for c in row]
        for point in range(65):
            u = mp.mpf(point - 32) / 32
            worst = max(worst, abs(horner(rounded, u) - tail(centre + u * HALF)))
    # |N^(6)| = |phi^(5)| <= 2.31 on the line; Chebyshev remainder M h^6 / (6! 2^5), plus the rounding of 6 coefficients.
    bound = mp.mpf("2.31") * HALF**6 / (720 * 32) + 6 * mp.mpf(2) ** -63
    print("polynomial error: measured 2^", bits(worst), " bound 2^", bits(bound))
    for degree in range(DEGREE + 1):
        print("largest |c%d| < 2^%d" % (degree, max(abs(r[degree]) for r in rows).bit_length()))
    write_table(
        "normal",
        ["N(-x) on [0, 8) by polynomials.", "", f"Polynomial error below {mp.nstr(bound, 3)}; the kernel's rounding comes on top."],
        rust_rows("Row `i` covers `[i/32, (i+1)/32)`: coefficients of `u^0 .. u^5`, `u` in `[-1, 1)`, 62 fraction bits.", "TAIL", "i64", rows),
    )


if __name__ == "__main__":
    main()
