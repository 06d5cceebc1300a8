# SPDX-License-Identifier: Apache-2.0
"""Tables of the exponential: 2^(j/128), and (e^r - 1) / r for |r| <= ln 2 / 256."""
import mpmath as mp

from common import bits, chebyshev_fit, fixed, horner, rust_array, rust_constant, write_table

ROWS, FRAC = 128, 62


def main():
    powers = [fixed(mp.mpf(2) ** (mp.mpf(j) / ROWS), 63) for j in range(ROWS)]
    reach = mp.log(2) / (2 * ROWS) * (1 + mp.mpf(2) ** -12)
    # u = 256 r, so that the argument of the polynomial uses the whole word.
    exact = chebyshev_fit(lambda u: mp.expm1(u / 256) / u if u else mp.mpf(1) / 256, 4, -256 * reach, 256 * reach)
    coefficients = [fixed(c, FRAC) for c in exact]
    rounded = [mp.mpf(c) / mp.mpf(2) ** FRAC for c in coefficients]
    worst = mp.mpf(0)
    for point in range(-2000, 2001):
        r = reach * point / 2000
        worst = max(worst, abs(256 * r * horner(rounded, 256 * r) - mp.expm1(r)))
    print("largest |r| 2^", bits(reach), " polynomial error 2^", bits(worst))
    step = mp.log(2) / ROWS
    high = int(mp.floor(step * mp.mpf(2) ** 56))
    low = fixed(step - mp.mpf(high) / mp.mpf(2) ** 56, 88)
    body = rust_array("`2^(j/128)`, 63 fraction bits.", "POWER", "u64", powers)
    body += "\n" + rust_constant("`128 / ln 2`, 16 fraction bits.", "STEPS_PER_UNIT", "i64", fixed(1 / step, 16))
    body += "\n" + rust_constant("`ln 2 / 128` rounded down to 56 fraction bits.", "STEP_HIGH", "i64", high)
    body += "\n" + rust_constant("What `STEP_HIGH` leaves out, 88 fraction bits.", "STEP_LOW", "i64", low)
    for degree, value in enumerate(coefficients):
        body += "\n" + rust_constant(f"Coefficient of `u^{degree}`, {FRAC} fraction bits.", f"C{degree}", "i64", value)
    body += "\n" + rust_constant("`1 / sqrt(2 pi)`, 64 fraction bits.", "INVERSE_SQRT_TWO_PI", "u64", fixed(1 / mp.sqrt(2 * mp.pi), 64))
    doc = ["`e^r - 1 = u (C0 + C1 u + .. + C4 u^4)` with `u = 256 r`, `|r| <= ln 2 / 256`.", ""]
    doc += [f"The polynomial errs by less than {mp.nstr(worst, 3)}."]
    write_table("exponential", doc, body)


if __name__ == "__main__":
    main()
