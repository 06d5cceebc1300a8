// SPDX-License-Identifier: Apache-2.0
//! One number over evaluations of everything the two crates compute. Equal digests natively and in
//! Wasm mean that every bit of every result was equal.

use ballast_pricing::{black76, greeks, implied, Price, Real, Time, TotalVol, Vol};
use ballast_risk::{
	AuctionParameters, AuctionPhase, AuctionState, ConcentrationParameters, DelayMeasure,
	DelayParameters, Margin, MarginModel, Order, Portfolio, Ppb, RiskError, Side, Standard,
	StandardAccount, StandardExpiry, StandardParameters, Underlying,
};

use crate::inputs::{Digest, Seeded};
use crate::scene::{slice, Scene, PARAMETERS, SCENARIOS};

/// Stands for an error: which evaluations fail is part of the digest, as is that they go on.
const FAILED: u64 = 0xdead_beef_0bad_cafe;

/// Kinds of evaluation, taken in turn.
const KINDS: [fn(&mut Seeded, &mut Digest) -> Done; 9] =
	[price, all_greeks, implied_vol, svi_vol, functions, auction, buffers, portfolio, standard];

/// Digest of `count` seeded evaluations: prices, greeks, implied and SVI volatilities, functions
/// over their whole ranges, auctions, buffers, portfolio and standard margins, in turn.
pub fn digest(count: u32, seed: u32) -> u64 {
	let mut seeded = Seeded::new(seed);
	let mut digest = Digest::EMPTY;
	for (_, evaluate) in (0..count).zip(KINDS.iter().cycle()) {
		if evaluate(&mut seeded, &mut digest).is_err() {
			digest.fold(FAILED);
		}
	}
	digest.0
}

/// How many of `count` evaluations fail, by kind.
pub fn failures(count: u32, seed: u32) -> [u32; KINDS.len()] {
	let mut seeded = Seeded::new(seed);
	let mut digest = Digest::EMPTY;
	let mut failures = [0; KINDS.len()];
	for (_, kind) in (0..count).zip((0..KINDS.len()).cycle()) {
		failures[kind] += u32::from(KINDS[kind](&mut seeded, &mut digest).is_err());
	}
	failures
}

type Done = Result<(), RiskError>;

struct Quoted {
	forward: Price,
	strike: Price,
	vol: Vol,
	time: Time,
}

/// An option anywhere in the range of the types: prices spread evenly over their magnitudes.
fn quoted(seeded: &mut Seeded) -> Result<Quoted, RiskError> {
	let forward = seeded.bits() >> seeded.within(1, 50);
	let near = (forward / 1_000).saturating_mul(seeded.within(300, 3_000).unsigned_abs());
	let strike = if seeded.bits().is_multiple_of(4) { seeded.bits() >> 2 } else { near };
	Ok(Quoted {
		forward: any_price(forward)?,
		strike: any_price(strike)?,
		vol: Vol::from_ppb(seeded.within(-10_000_000, 5_000_000_000))?,
		time: Time::from_millis(seeded.within(0, 94_608_000_000).unsigned_abs())?,
	})
}

fn any_price(pico: u64) -> Result<Price, RiskError> {
	Ok(Price::from_pico_usd(i64::try_from(pico).unwrap_or(i64::MAX))?)
}

fn price(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let option = quoted(seeded)?;
	let total = black76::total_vol(option.vol, option.time)?;
	let value = black76::call_put(option.forward, option.strike, total)?;
	digest.fold(value.call.pico_usd() as u64);
	digest.fold(value.put.pico_usd() as u64);
	let rate = Real::from_ppb(seeded.within(-50_000_000, 300_000_000))?;
	let discount = ballast_pricing::discount_factor(rate, option.time);
	digest.fold(discount.to_bits() as u64);
	digest.fold(value.call.discount(discount)?.pico_usd() as u64);
	Ok(())
}

fn all_greeks(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let option = quoted(seeded)?;
	let found = greeks(option.forward, option.strike, option.vol, option.time)?;
	digest.fold(found.call_delta.to_bits() as u64);
	digest.fold(found.put_delta.to_bits() as u64);
	for wide in [found.gamma, found.vega, found.theta, found.vanna, found.volga] {
		digest.fold_wide(wide);
	}
	Ok(())
}

fn implied_vol(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let option = quoted(seeded)?;
	let kind = kind(seeded);
	let total = black76::total_vol(option.vol, option.time)?;
	let value = black76::call_put(option.forward, option.strike, total)?.side(kind);
	// Now and then a price nobody quoted, inside or outside the bounds.
	let price =
		if seeded.bits().is_multiple_of(8) { any_price(seeded.bits() >> 2)? } else { value };
	let found = implied::vol(kind, option.forward, option.strike, option.time, price)?;
	digest.fold(found.to_bits() as u64);
	Ok(())
}

fn kind(seeded: &mut Seeded) -> black76::OptionKind {
	if seeded.bits().is_multiple_of(2) {
		black76::OptionKind::Call
	} else {
		black76::OptionKind::Put
	}
}

fn svi_vol(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let option = quoted(seeded)?;
	let tau = Real::from_ppb(seeded.within(1_000, 3_000_000_000))?;
	let prepared = slice(seeded, option.forward, tau)?.prepare()?;
	digest.fold(prepared.total_variance(option.strike)?.to_bits() as u64);
	digest.fold(prepared.vol(option.strike)?.to_bits() as u64);
	Ok(())
}

/// The elementary functions on any bits, errors included.
fn functions(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let x = Real::from_bits((seeded.bits() as i64) >> seeded.within(0, 60));
	let y = Real::from_bits((seeded.bits() as i64) >> seeded.within(0, 60));
	let results = [
		ballast_pricing::ln(x),
		ballast_pricing::exp(x),
		ballast_pricing::sqrt(x),
		ballast_pricing::pow(x, y),
		x.checked_mul(y),
		x.checked_div(y),
		ballast_pricing::ln_ratio(any_price(seeded.bits() >> 2)?, any_price(seeded.bits() >> 9)?),
	];
	for result in results {
		digest.fold(result.map_or(FAILED, |number| number.to_bits() as u64));
	}
	digest.fold(ballast_pricing::normal::cdf(x).to_bits() as u64);
	digest.fold(ballast_pricing::normal::density(x).to_bits() as u64);
	digest.fold(ballast_pricing::hypotenuse(x, y).to_bits() as u64);
	digest.fold(ballast_pricing::exp_negative(TotalVol::from_bits(y.to_bits())).to_bits() as u64);
	Ok(())
}

fn auction(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let parameters = AuctionParameters {
		buffer: Ppb(seeded.within(0, 1_000_000_000)),
		..AuctionParameters::DEFAULT
	};
	let size = 1_000_000_000_000_000i64 >> seeded.within(0, 30);
	let state = AuctionState {
		mark: seeded.within(-size / 4, size).into(),
		maintenance: seeded.within(-size, size / 4).into(),
		reserved: seeded.within(0, size / 8).into(),
	};
	let elapsed = seeded.within(0, 50_000_000).unsigned_abs();
	let share = Ppb(seeded.within(0, 1_000_000_000));
	digest.fold_wide(parameters.target(&state)?);
	digest.fold_wide(parameters.price(&state, parameters.discount(elapsed), share)?);
	digest.fold_wide(parameters.insolvent_payment(&state, elapsed, share)?);
	digest.fold(match parameters.phase(&state, elapsed)? {
		AuctionPhase::Complete => 1,
		AuctionPhase::Insolvent => 2,
		AuctionPhase::Solvent(quote) => (quote.discount.0 ^ quote.max_share.0 << 30) as u64,
	});
	Ok(())
}

fn buffers(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let delay = DelayParameters { z: Ppb(seeded.within(0, 10_000_000_000)), ..Default::default() };
	let measure = DelayMeasure {
		price_age_millis: seeded.within(0, 60_000) as u32,
		backlog: seeded.within(0, 10_000) as u32,
		capacity_per_second: seeded.within(0, 5_000) as u32,
		auction_notice_millis: seeded.within(0, 60_000) as u32,
		realised_vol: Ppb(seeded.within(0, 5_000_000_000)),
	};
	digest.fold(delay.unescapable_move(&measure)?.0 as u64);
	let concentration = ConcentrationParameters {
		threshold: Ppb(seeded.within(0, 1_000_000_000)),
		charge: Ppb(seeded.within(0, 1_000_000_000)),
	};
	let (held, all) = (seeded.within(-100_000, 100_000), seeded.within(0, 500_000));
	let spot = Price::from_micro_usd(seeded.within(1, 200_000_000_000))?;
	digest.fold_wide(concentration.charge(held, all, spot, 100)?);
	Ok(())
}

fn fold_margin(digest: &mut Digest, margin: &Margin) {
	for money in [margin.mark_to_market, margin.equity, margin.maintenance, margin.initial] {
		digest.fold_wide(money);
	}
}

fn portfolio(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let scene = Scene::<3, 12>::new(seeded)?;
	for entry in scene.entries.as_flattened() {
		digest.fold(*entry as u64);
	}
	let arrays = scene.arrays();
	let model = Portfolio::new(&PARAMETERS, &SCENARIOS)?;
	let orders = orders(seeded, &scene);
	let cash = seeded.within(-100_000_000_000, 100_000_000_000).into();
	let mut account = scene.account(&arrays, cash);
	account.orders = &orders;
	account.adjustments.delay_move = Ppb(seeded.within(0, 100_000_000));
	let report = model.report(&account)?;
	fold_margin(digest, &report.margin);
	digest.fold_wide(report.basis_contingency);
	digest.fold_wide(report.orders);
	for pnl in report.scenario_pnl() {
		digest.fold_wide(*pnl);
	}
	fold_margin(digest, &model.effect(&account, &orders[0])?.after);
	Ok(())
}

fn orders<const E: usize, const S: usize>(seeded: &mut Seeded, scene: &Scene<E, S>) -> [Order; 2] {
	core::array::from_fn(|_| {
		let series = seeded.within(0, S as i64 - 1);
		let mark = scene.entries[series as usize][ballast_risk::MARK];
		Order {
			series: series as u16,
			side: if seeded.bits().is_multiple_of(2) { Side::Buy } else { Side::Sell },
			lots: seeded.within(1, 1_000),
			price: Price::from_pico_usd(mark).unwrap_or_default(),
			fee: seeded.within(0, 1_000_000).into(),
		}
	})
}

fn standard(seeded: &mut Seeded, digest: &mut Digest) -> Done {
	let scene = Scene::<2, 8>::new(seeded)?;
	let mut values = [Price::ZERO; 8];
	for (value, series) in values.iter_mut().zip(&scene.series) {
		let context = &scene.contexts[usize::from(series.expiry) % 2];
		let vol = context.vol(series.strike)?;
		*value = context.undiscounted(series.kind, series.strike, vol)?;
	}
	let expiries = scene.contexts.map(|context| StandardExpiry {
		forward: context.forward(),
		confidence: context.terms().confidence,
	});
	let orders = orders(seeded, &scene);
	let underlying = Underlying {
		parameters: &StandardParameters::DEFAULT,
		spot: scene.market.spot,
		spot_confidence: scene.market.spot_confidence,
		lots_per_contract: 100,
		base: seeded.within(0, 10_000).unsigned_abs(),
		base_units_per_token: 1_000,
		perpetual: scene.perpetual,
		expiries: &expiries,
		series: &scene.series,
		values: &values,
		options: &scene.options,
		orders: &orders,
		charge: 0,
	};
	let account = StandardAccount {
		quote_price: scene.market.quote_price,
		cash: seeded.within(-100_000_000_000, 100_000_000_000).into(),
		underlyings: &[underlying],
	};
	fold_margin(digest, &Standard.margin(&account)?);
	Ok(())
}
