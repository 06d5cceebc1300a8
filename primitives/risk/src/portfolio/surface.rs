// SPDX-License-Identifier: Apache-2.0
//! What the values of an expiry depend on beside spot, and how far it has moved.
//!
//! Undiscounted and over spot, the value of an option in a scenario is that of Black-76 at the forward
//! `f = phi g`, with `phi = F / S` and `g = live x + 1 - live`, and at the total volatility `s` of its
//! strike under the shock of the scenario. It moves by at most `|df|` and `density(0) f |ds|`, and a
//! discount takes at most `f` of its change (of a put at most the strike over spot). Everything below
//! is per *reach*: `9/8` of spot, for a put at least its strike. With `c = maintenance_factor weight`,
//! `G` the larger of one and `x`:
//!
//! - mark: `m = |dphi| 8/9 + density(0) |ds| + |dD|`;
//! - spot and volatility: `|1 - c| m + c (|df| 8/9 + G (density(0) |ds'| + |dE|))`, `s'` shocked, `E`
//!   the larger move of `D discount_long` and `D discount_short`, neither above one;
//! - skew, a total volatility of `s (1 + o)` with a tilt `o` that is odd in log-moneyness: forward and
//!   volatility move mark and scenario together, and what counts is at most `(1 + c) m + c (density(0)
//!   |d(s o)| + |dE|)`; `|d(s o)|` is the largest over all spots;
//! - basis, per `max(1, maintenance_factor basis)`: with the moves of `h` at most and `H = basis_up` `H
//!   |dphi| 8/9 + density(0) H |ds| + (1 + h) |dD| + h |dlive| + maintenance_factor h |dbasis|`.
//!
//! The drift is the largest of them, the basis twice: a maximum of sums of distances, hence a distance
//! itself. It obeys the triangle inequality, and no spot is in it.
//!
//! Where the forward is above `9/8` of spot, `P = phi 8/9 > 1`, the moves of every `q` that counts per
//! forward are those of `P q`, and `|dP|` is added: with `q <= 1` that is at least the smaller `P`
//! times `|dq|`. A surface with such a forward and a larger total volatility or basis factor has no
//! distance.

use ballast_pricing::{black76::total_vol, ln, Price, Real, Vol};

use super::drift::BASIS_WEIGHT;
use super::expiry::{ExpiryContext, DENSITY_BOUND};
use super::{Portfolio, Scenario, VolShock};
use crate::units::{ceil_billionth, BILLION};
use crate::{Ppb, RiskError};

/// Fraction bits of everything in a surface.
const BITS: u32 = 56;
const ONE: i128 = 1 << BITS;

/// What an expiry's values depend on beside spot and the total volatility of each strike.
///
/// Made with the arrays, see [`ExpiryContext::surface`]; a chain stores it to see how far it has moved
/// since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub struct SurfaceTerms {
	/// Forward over spot.
	forward: i64,
	/// Its logarithm.
	ln_forward: i64,
	/// Part of a spot move that reaches the forward.
	live: i64,
	discount: i64,
	/// Discount of an asset times that of the expiry.
	long: i64,
	/// Discount of a debt times that of the expiry.
	short: i64,
	/// Factor on the worse basis move.
	basis: i64,
	/// Factor on volatilities in an up scenario.
	up: i64,
	/// Least total volatility there.
	up_floor: i64,
	/// Factor on volatilities in a down scenario.
	down: i64,
	/// Log-moneyness at which tilts end.
	k_star: i64,
	/// Tilt per log-moneyness, linear skew.
	linear: i64,
	/// The same, absolute skew.
	absolute: i64,
}

/// A surface: its terms, and the total volatility of each listed strike in units of `2^-56`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surface<'a> {
	/// What the strikes share.
	pub terms: &'a SurfaceTerms,
	/// By strike, in one order for all surfaces of an expiry; see [`ExpiryContext::total_vol`].
	pub total_vols: &'a [u64],
}

impl ExpiryContext {
	/// The terms of the surface, spot being `spot`. The forward may be up to 128 times spot.
	pub fn surface(&self, spot: Price) -> Result<SurfaceTerms, RiskError> {
		let terms = self.terms();
		let ratio = Real::from_ratio(self.forward.pico_usd(), spot.pico_usd())?;
		let discount = i128::from(self.discount.to_bits()) >> (62 - BITS);
		let of = |factor: crate::Factor| {
			// Below 2^64 times 2^56, from 60 fraction bits.
			let product = i128::from(factor.0) * discount;
			bits(product >> 60)
		};
		Ok(SurfaceTerms {
			forward: ratio.to_bits(),
			ln_forward: if ratio > Real::ZERO { ln(ratio)? } else { Real::MIN }.to_bits(),
			live: bits(i128::from(terms.live.0 >> 4)),
			discount: bits(discount),
			long: of(terms.discount_long),
			short: of(terms.discount_short),
			basis: bits(i128::from(terms.basis.0 >> 4)),
			up: self.vols.up.to_bits(),
			up_floor: total_vol(self.vols.up_floor, self.time)?.to_bits(),
			down: self.vols.down.to_bits(),
			k_star: self.vols.linear.k_star.to_bits(),
			linear: self.vols.linear.slope.to_bits(),
			absolute: self.vols.absolute.slope.to_bits(),
		})
	}

	/// `vol sqrt(t)` in units of `2^-56`: what a surface holds of a strike.
	pub fn total_vol(&self, vol: Vol) -> Result<u64, RiskError> {
		Ok(total_vol(vol, self.time)?.to_bits().unsigned_abs())
	}
}

/// Every number of a surface is below 128.
fn bits(number: i128) -> i64 {
	// Saturating: a factor within 16 cannot get there.
	i64::try_from(number).unwrap_or(i64::MAX)
}

/// How far the parts of two surfaces of one expiry are apart, in units of `2^-56`.
#[derive(Clone, Copy, Default)]
struct Moves {
	forward: i128,
	/// By shock of volatilities: total volatilities, for skews their tilts.
	none: i128,
	up: i128,
	down: i128,
	linear: i128,
	absolute: i128,
	discount: i128,
	/// Discounts of a shocked total, with that of the expiry.
	total: i128,
	live: i128,
	basis: i128,
}

impl Portfolio<'_> {
	/// How far a surface of an expiry has moved, rounded up: a distance that no spot is in, zero
	/// between equal surfaces. [`Portfolio::drift_bound`] times it bounds the fall of maintenance
	/// margin. Strikes that only one of them has are left out.
	///
	/// `None` where it cannot be said: a forward above `9/8` of spot with a total volatility or a basis
	/// factor above one.
	pub fn drift(&self, before: &Surface<'_>, after: &Surface<'_>) -> Option<Ppb> {
		let moves = Moves::between(before, after)?;
		let (old, new) = (before.terms, after.terms);
		let mark = moves.mark();
		let mut most = self.basis_move(&moves) * BASIS_WEIGHT;
		let (mut last, mut forward) = (Ppb::ONE, moves.forward);
		for scenario in self.scenarios {
			if !scenario.vol.is_skew() && scenario.spot != last {
				last = scenario.spot;
				forward = (old.shocked(last) - new.shocked(last)).abs();
			}
			most = most.max(self.scenario_move(scenario, &moves, mark, forward));
		}
		if old == new && most == 0 {
			return Some(Ppb::ZERO);
		}
		// The last places of products and logarithms are below a billionth in all.
		let ppb = (most.checked_mul(BILLION.into())? >> BITS) + 2;
		i64::try_from(ppb).ok().map(Ppb)
	}

	fn scenario_move(&self, it: &Scenario, moves: &Moves, mark: i128, forward: i128) -> i128 {
		let c = ceil_billionth(self.parameters.maintenance_factor.wide() * it.weight.wide());
		let total = |vol| times(vol, DENSITY_BOUND.wide()) + moves.total;
		if it.vol.is_skew() {
			let tilt = if it.vol == VolShock::Linear { moves.linear } else { moves.absolute };
			return times(mark, Ppb::ONE.wide() + c) + times(total(tilt), c);
		}
		let vol = match it.vol {
			VolShock::Up => moves.up,
			VolShock::Down => moves.down,
			_ => moves.none,
		};
		let largest = it.spot.wide().max(Ppb::ONE.wide());
		let shocked = over_range(forward) + times(total(vol), largest);
		times(mark, (Ppb::ONE.wide() - c).abs() + 1) + times(shocked, c)
	}

	fn basis_move(&self, moves: &Moves) -> i128 {
		let (p, one) = (self.parameters, Ppb::ONE.wide());
		let size = (p.basis_up.wide() - one).max(one - p.basis_down.wide());
		let vol = times(moves.none, DENSITY_BOUND.wide());
		let factor = ceil_billionth(p.maintenance_factor.wide() * size);
		times(over_range(moves.forward) + vol, p.basis_up.wide())
			+ times(moves.discount, one + size)
			+ times(moves.live, size)
			+ times(moves.basis, factor)
	}
}

impl Moves {
	fn between(before: &Surface, after: &Surface) -> Option<Self> {
		let (old, new) = (before.terms, after.terms);
		let stretches = [old.stretch(), new.stretch()];
		let [one, other] = stretches;
		let strikes = before.total_vols.iter().zip(after.total_vols);
		let (tilts, mut moves) = (Tilts::between(old, new), Self::default());
		for (first, second) in strikes {
			let (first, second) = (Vols::new(old, *first, one)?, Vols::new(new, *second, other)?);
			moves.add(&first, &second, &tilts);
		}
		let stretched = (one - other).abs();
		let of =
			|a: i64, b: i64| (product(a.into(), one) - product(b.into(), other)).abs() + stretched;
		for vol in [
			&mut moves.none,
			&mut moves.up,
			&mut moves.down,
			&mut moves.linear,
			&mut moves.absolute,
		] {
			*vol += stretched;
		}
		let out_of_scale = |terms: &SurfaceTerms, stretch| stretch > ONE && terms.basis() > ONE;
		if out_of_scale(old, one) || out_of_scale(new, other) {
			return None;
		}
		Some(Self {
			forward: (i128::from(old.forward) - i128::from(new.forward)).abs(),
			discount: of(old.discount, new.discount),
			total: of(old.long, new.long).max(of(old.short, new.short)),
			live: of(old.live, new.live),
			basis: of(old.basis, new.basis),
			..moves
		})
	}

	/// Keeps the largest over the strikes.
	fn add(&mut self, first: &Vols, second: &Vols, tilts: &[Tilts; 2]) {
		let larger = |most: &mut i128, a: i128, b: i128| *most = (*most).max((a - b).abs());
		larger(&mut self.none, first.none, second.none);
		larger(&mut self.up, first.up, second.up);
		larger(&mut self.down, first.down, second.down);
		let [linear, absolute] = tilts;
		for (most, tilts) in [(&mut self.linear, linear), (&mut self.absolute, absolute)] {
			for (one, other) in tilts.0 {
				larger(most, product(first.none, one), product(second.none, other));
			}
		}
	}

	/// The move of a mark.
	fn mark(&self) -> i128 {
		over_range(self.forward) + times(self.none, DENSITY_BOUND.wide()) + self.discount
	}
}

/// Total volatilities of one strike, stretched.
struct Vols {
	none: i128,
	up: i128,
	down: i128,
}

impl Vols {
	fn new(terms: &SurfaceTerms, total: u64, stretch: i128) -> Option<Self> {
		// Below 2^63 each.
		let total = i128::from(i64::try_from(total).ok()?);
		let up = product(total, terms.up.into()).max(terms.up_floor.into());
		let down = product(total, terms.down.into());
		if stretch == ONE {
			return Some(Self { none: total, up, down });
		}
		if total.max(up) > ONE {
			return None;
		}
		let of = |vol| product(vol, stretch);
		Some(Self { none: of(total), up: of(up), down: of(down) })
	}
}

/// The tilts of two surfaces at every log-moneyness against spot where either of them ends: in between
/// they are linear, beyond they are constant.
#[derive(Clone, Copy, Default)]
struct Tilts([(i128, i128); 4]);

impl Tilts {
	/// Of the linear skew and of the absolute one. The latter is not odd, but no farther from itself.
	fn between(old: &SurfaceTerms, new: &SurfaceTerms) -> [Self; 2] {
		let ends = |terms: &SurfaceTerms| {
			[
				terms.ln_forward.saturating_add(terms.k_star),
				terms.ln_forward.saturating_sub(terms.k_star),
			]
		};
		let ([a, b], [c, d]) = (ends(old), ends(new));
		[|terms: &SurfaceTerms| terms.linear, |terms: &SurfaceTerms| terms.absolute].map(|slope| {
			Self([a, b, c, d].map(|k| {
				let of = |terms: &SurfaceTerms| terms.tilt(k, slope(terms));
				(of(old), of(new))
			}))
		})
	}
}

impl SurfaceTerms {
	/// `max(1, phi 8/9)`.
	fn stretch(&self) -> i128 {
		over_range(self.forward.into()).max(ONE)
	}

	fn basis(&self) -> i128 {
		self.basis.into()
	}

	/// Forward over spot after a shock of spot.
	fn shocked(&self, spot: Ppb) -> i128 {
		let shock = i128::from(self.live).clamp(0, ONE) * (spot.wide() - Ppb::ONE.wide());
		let ratio = ONE + shock.div_euclid(BILLION.into());
		// At most 2^63 times 10 times 2^56.
		product(self.forward.into(), ratio)
	}

	/// The tilt at a log-moneyness against spot: at most one.
	fn tilt(&self, k: i64, slope: i64) -> i128 {
		let k = i128::from(k) - i128::from(self.ln_forward);
		let k_star = i128::from(self.k_star.max(0));
		product(k.clamp(-k_star, k_star), slope.into()).clamp(-ONE, ONE)
	}
}

/// Product of two numbers of a surface, below `2^127` before its last places are cut.
fn product(a: i128, b: i128) -> i128 {
	(a * b) >> BITS
}

/// Over `9/8`, rounded up.
fn over_range(number: i128) -> i128 {
	(number * 8 + 8).div_euclid(9)
}

/// A move below `2^80` times billionths below `2^40`, rounded up.
fn times(number: i128, billionths: i128) -> i128 {
	ceil_billionth(number * billionths)
}

/// How far the price of the settlement asset has moved, rounded up: what [`Portfolio::drift_bound`]
/// counts of it is the change of its inverse.
pub fn quote_drift(before: Ppb, after: Ppb) -> Ppb {
	let (before, after) = (before.wide().max(1), after.wide().max(1));
	// At most 1e11 times 1e18.
	let change = (before - after).abs().saturating_mul(1_000_000_000_000_000_000);
	let moved = change.checked_div(before * after).unwrap_or(0) + i128::from(before != after);
	Ppb(i64::try_from(moved).unwrap_or(i64::MAX))
}
