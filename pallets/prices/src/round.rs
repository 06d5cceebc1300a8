// SPDX-License-Identifier: Apache-2.0
//! What several reports say together. Nothing here knows of storage.

use crate::statistics::{absolute_confidence, lower_middle, median, relative_confidence, sorted};
use alloc::vec::Vec;
use ballast_exchange::{
	ExpiryPrice, ExpiryReport, Ppb, Price, SpotPrice, SviParameters, UnderlyingReport,
};

const BILLION: u128 = 1_000_000_000;
/// Beyond this factor a clamp holds nothing, and products stay within 128 bits: 2^63 * 10^18 < 2^123.
const MAX_MOVE_PPB: u128 = 1_000_000_000_000_000_000;

/// Spot by the reports: the median, with a confidence from their spread.
pub(crate) fn spot(reports: &[&UnderlyingReport], factor: u32) -> Option<SpotPrice> {
	let spots = sorted(reports.iter().map(|report| report.spot.pico_usd()));
	Some(SpotPrice {
		price: Price::from_pico_usd(median(&spots)?).ok()?,
		confidence: relative_confidence(&spots, factor),
	})
}

/// `target`, held within `clamp_ppb` per block of `previous`.
///
/// The upper bound rounds up, so that a price of few pico-USD can move at all.
pub(crate) fn clamped(previous: Price, target: Price, clamp_ppb: u32, blocks: u64) -> Price {
	// Above the bound the clamp permits every price, so nothing is lost by holding it there.
	let movement = u128::from(clamp_ppb).saturating_mul(blocks.into()).min(MAX_MOVE_PPB);
	let before = pico(previous);
	let highest = (before * (BILLION + movement)).div_ceil(BILLION);
	let lowest = (before * BILLION.saturating_sub(movement) / BILLION).max(1);
	price(pico(target).min(highest).max(lowest))
}

/// `price * numerator / denominator`, at least a pico-USD: a forward follows spot's clamp.
pub(crate) fn rescaled(of: Price, numerator: Price, denominator: Price) -> Price {
	// Two prices below 2^63 each.
	price((pico(of) * pico(numerator) / pico(denominator).max(1)).max(1))
}

/// An expiry by the reports: medians of forward (times `scale`) and rate, the slice of one report whole.
///
/// `None` where fewer than `quorum` slices have a volatility at the forward.
pub(crate) fn expiry(
	reports: &[&ExpiryReport],
	scale: (Price, Price),
	quorum: u32,
	factor: u32,
) -> Option<ExpiryPrice> {
	let forwards = sorted(reports.iter().map(|report| report.forward.pico_usd()));
	let rates = sorted(reports.iter().map(|report| report.rate.0));
	let forward = rescaled(Price::from_pico_usd(median(&forwards)?).ok()?, scale.0, scale.1);
	let mut slices: Vec<(i64, SviParameters)> = reports
		.iter()
		.filter_map(|report| Some((volatility(&report.svi, forward)?, report.svi)))
		.collect();
	if (slices.len() as u64) < u64::from(quorum) {
		return None;
	}
	// Stable: of equal volatilities the older report comes first.
	slices.sort_by_key(|(vol, _)| *vol);
	let vols: Vec<i64> = slices.iter().map(|(vol, _)| *vol).collect();
	let (_, svi) = slices.get(lower_middle(slices.len())?)?;
	Some(ExpiryPrice {
		forward,
		forward_confidence: relative_confidence(&forwards, factor),
		rate: Ppb(median(&rates)?),
		rate_confidence: absolute_confidence(&rates, factor),
		svi: *svi,
		vol_confidence: relative_confidence(&vols, factor),
	})
}

/// Volatility per year of a slice at a forward, parts per billion; `None` if there is none above zero.
pub(crate) fn volatility(svi: &SviParameters, forward: Price) -> Option<i64> {
	let vol = svi.slice().ok()?.prepare().ok()?.vol(forward).ok()?;
	i64::try_from(vol.to_ppb()).ok().filter(|vol| *vol > 0)
}

fn pico(price: Price) -> u128 {
	// A price is never below zero.
	price.pico_usd().unsigned_abs().into()
}

/// The price, held at the largest there is.
fn price(pico: u128) -> Price {
	i64::try_from(pico).ok().and_then(|pico| Price::from_pico_usd(pico).ok()).unwrap_or(Price::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn usd(usd: i64) -> Price {
		Price::from_usd(usd).unwrap()
	}

	fn at(pico: i64) -> Price {
		Price::from_pico_usd(pico).unwrap()
	}

	#[test]
	fn clamp_should_hold_the_move_when_it_is_too_large() {
		let percent = 10_000_000;
		assert_eq!(clamped(usd(100), usd(150), percent, 1), usd(101));
		assert_eq!(clamped(usd(100), usd(50), percent, 1), usd(99));
		assert_eq!(clamped(usd(100), usd(150), percent, 20), usd(120));
		assert_eq!(clamped(usd(100), usd(100), percent, 0), usd(100));
		assert_eq!(clamped(usd(100), usd(102), percent, 0), usd(100));
	}

	#[test]
	fn clamp_should_leave_the_median_when_the_move_is_small() {
		assert_eq!(clamped(usd(10_000), usd(10_099), 10_000_000, 1), usd(10_099));
		assert_eq!(clamped(usd(10_000), usd(9_901), 10_000_000, 1), usd(9_901));
	}

	#[test]
	fn clamp_should_permit_every_price_when_many_blocks_have_passed() {
		assert_eq!(clamped(at(1), Price::MAX, 1_000_000_000, u64::MAX), at(1_000_000_001));
		assert_eq!(clamped(Price::MAX, at(1), 10_000_000, 1_000), at(1));
		assert_eq!(clamped(usd(7), Price::MAX, 1_000_000_000, u64::MAX), Price::MAX);
	}

	#[test]
	fn clamp_should_never_reach_zero_or_stick_at_a_pico_usd() {
		assert_eq!(clamped(at(1), Price::ZERO, 1_000_000_000, 5), at(1));
		assert_eq!(clamped(at(1), usd(1), 1, 1), at(2));
	}

	/// A report at a forward whose slice, centred there, has the variance `a + b |k|` of a year.
	fn report(forward: i64, a: i64, b: i64) -> ExpiryReport {
		use ballast_pricing::{Real, SviSlice};
		let real = |thousandths| Real::from_ratio(thousandths, 1_000).unwrap();
		let (zero, narrow) = (Real::ZERO, Real::from_bits(1 << 30));
		let slice =
			SviSlice::new(real(a), real(b), zero, zero, narrow, usd(forward), Real::ONE).unwrap();
		let svi = SviParameters::from(&slice);
		ExpiryReport { expiry: 1, forward: usd(forward), rate: Ppb::ZERO, svi }
	}

	#[test]
	fn slices_should_be_compared_at_the_median_forward() {
		// At their own forwards 10 %, 12 %, 13 %; at the median of them the first has 14 %.
		let reports = [report(90_000, 10, 100), report(100_000, 14, 0), report(110_000, 17, 0)];
		let scale = (usd(1), usd(1));
		let price = expiry(&reports.each_ref(), scale, 3, 0).unwrap();
		assert_eq!(price.forward, usd(100_000));
		assert_eq!(price.svi, reports[2].svi);
		// The forward follows spot's clamp.
		let price = expiry(&reports.each_ref(), (usd(3), usd(4)), 3, 0).unwrap();
		assert_eq!(price.forward, usd(75_000));
		assert_eq!(expiry(&reports.each_ref(), scale, 4, 0), None);
	}

	#[test]
	fn rescaling_should_follow_the_ratio_and_stay_a_price() {
		assert_eq!(rescaled(usd(1_010), usd(99), usd(100)), at(999_900_000_000_000));
		assert_eq!(rescaled(Price::MAX, usd(2), usd(1)), Price::MAX);
		assert_eq!(rescaled(at(1), usd(1), usd(2)), at(1));
		assert_eq!(rescaled(usd(5), usd(1), Price::ZERO), Price::MAX);
	}
}
