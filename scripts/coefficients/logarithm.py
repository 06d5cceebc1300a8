# SPDX-License-Identifier: Apache-2.0
"""Tables of the logarithm: 256 reciprocals of 15 bits with their logarithms, and ln(1 + z) = z + z^2 q(z).

For a mantissa m in [1, 2) the row i = floor(256 (m - 1)) holds r close to 1/m, and m r - 1 = z is small.
"""
import mpmath as mp

from common import bits, chebyshev_fit, fixed, horner, rust_array, rust_constant, write_table

ROWS, RECIPROCAL_FRAC, LN_FRAC = 256, 15, 62


def main():
    reciprocals = [int(mp.nint(2**RECIPROCAL_FRAC / (1 + (mp.mpf(i) + 0.5) / ROWS))) for i in range(ROWS)]
    logarithms = [fixed(-mp.log(mp.mpf(r) / 2**RECIPROCAL_FRAC), LN_FRAC) for r in reciprocals]
    reach = mp.mpf(0)
    for i, r in enumerate(reciprocals):
        for m in (1 + mp.mpf(i) / ROWS, 1 + mp.mpf(i + 1) / ROWS):
            reach = max(reach, abs(m * r / 2**RECIPROCAL_FRAC - 1))
    quotient = lambda z: (mp.log(1 + z) - z) / z**2 if z else mp.mpf(-1) / 2
    exact = chebyshev_fit(quotient, 3, -reach, reach)
    # Inner coefficients are multiplied in plain 64-bit words, hence their few bits.
    fracs = [62, 32, 31, 31]
    coefficients = [fixed(c, f) for c, f in zip(exact, fracs)]
    rounded = [mp.mpf(c) / mp.mpf(2) ** f for c, f in zip(coefficients, fracs)]
    worst = mp.mpf(0)
    for point in range(-2000, 2001):
        z = reach * point / 2000
        worst = max(worst, abs(z + z**2 * horner(rounded, z) - mp.log(1 + z)))
    print("largest |z| 2^", bits(reach), " error of z + z^2 q(z) 2^", bits(worst))
    body = rust_array("Close to `1/m` in the middle of row `i`, 15 fraction bits.", "RECIPROCAL", "u16", reciprocals)
    body += "\n" + rust_array("`-ln` of the reciprocal, 62 fraction bits.", "LN", "i64", logarithms)
    high = int(mp.floor(mp.log(2) * 2**56))
    low = fixed(mp.log(2) * 2**56 - high, 32)
    body += "\n" + rust_constant("`ln 2` rounded down to 56 fraction bits.", "LN_2_HIGH", "i64", high)
    body += "\n" + rust_constant("What `LN_2_HIGH` leaves out, 88 fraction bits.", "LN_2_LOW", "i64", low)
    for degree, (value, frac) in enumerate(zip(coefficients, fracs)):
        body += "\n" + rust_constant(f"Coefficient of `z^{degree}` in `q`, {frac} fraction bits.", f"Q{degree}", "i64", value)
    doc = ["`ln m = LN[i] + z + z^2 q(z)` with `z = m RECIPROCAL[i] - 1`.", ""]
    doc += [f"`|z| < {mp.nstr(reach, 4)}`; the polynomial errs by less than {mp.nstr(worst, 3)}."]
    write_table("logarithm", doc, body)


if __name__ == "__main__":
    main()
