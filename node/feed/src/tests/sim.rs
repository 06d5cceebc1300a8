// SPDX-License-Identifier: Apache-2.0

//! The simulation: the same for everyone, of the stated volatility, free of arbitrage.

use super::{check_arbitrage, dollars, listed, vol_at_the_money, whole_report, NOW, SECONDS};
use crate::{Simulation, YEAR_SECONDS};

const SYMBOLS: [&str; 3] = ["BTC", "ETH", "DOT"];
const LEVELS: [f64; 3] = [95_000.0, 3_400.0, 7.0];
const DAY: u64 = 86_400_000;

fn spot(feed: &Simulation, symbol: &str, now: u64) -> f64 {
	feed.market(symbol.as_bytes(), now).expect("a known symbol").0
}

#[test]
fn simulation_should_report_the_same_bits_when_seed_and_time_are_the_same() {
	let listed = [listed(1, "BTC", NOW, &SECONDS), listed(3, "DOT", NOW, &SECONDS[..3])];
	for now in [NOW, NOW + 1, NOW + 86_399_999] {
		let one = whole_report(&Simulation::new(7), NOW, &listed);
		// One that was asked other things before.
		let other = Simulation::new(7);
		let _ = whole_report(&other, now + 5_000, &listed);
		assert_eq!(whole_report(&other, NOW, &listed), one);
	}
}

#[test]
fn simulation_should_differ_when_the_seed_differs() {
	let listed = [listed(1, "BTC", NOW, &SECONDS)];
	let reports = [1, 2].map(|seed| whole_report(&Simulation::new(seed), NOW, &listed));
	assert_ne!(reports[0].underlyings[0].spot, reports[1].underlyings[0].spot);
	assert_ne!(
		reports[0].underlyings[0].expiries[5].svi.b,
		reports[1].underlyings[0].expiries[5].svi.b
	);
}

#[test]
fn simulation_should_stay_near_its_levels_on_any_day() {
	for seed in 0..8 {
		let feed = Simulation::new(seed);
		for day in 0..40 {
			for (symbol, level) in SYMBOLS.into_iter().zip(LEVELS) {
				let ratio = spot(&feed, symbol, NOW + day * 97 * DAY) / level;
				assert!(
					(0.4..2.5).contains(&ratio),
					"{symbol} of seed {seed} is {ratio} of its level"
				);
			}
		}
	}
}

#[test]
fn simulation_should_have_the_stated_volatility_at_every_scale() {
	for (step, count) in [(1_000, 4_000), (60_000, 4_000), (3_600_000, 4_000)] {
		for symbol in SYMBOLS {
			let mut variance = 0.0;
			// Several seeds, so that one lucky path does not decide.
			for seed in 0..4u64 {
				let feed = Simulation::new(seed);
				let path: Vec<f64> = (0..=count / 4)
					.map(|i| spot(&feed, symbol, NOW + seed * DAY + i * step))
					.collect();
				variance += path.windows(2).map(|w| (w[1] / w[0]).ln().powi(2)).sum::<f64>();
			}
			let vol = (variance / (count * step) as f64 * YEAR_SECONDS * 1e3).sqrt();
			assert!((0.42..0.85).contains(&vol), "{symbol} in steps of {step} ms: {vol}");
		}
	}
}

#[test]
fn simulation_should_not_jump_where_days_meet() {
	for seed in 0..20 {
		let feed = Simulation::new(seed);
		let midnight = (NOW / DAY + seed) * DAY;
		for symbol in SYMBOLS {
			let change = spot(&feed, symbol, midnight) / spot(&feed, symbol, midnight - 1) - 1.0;
			assert!(change.abs() < 1e-5, "{symbol} of seed {seed} moves by {change} at midnight");
		}
	}
}

#[test]
fn simulation_should_have_jumps_when_the_year_is_long_enough() {
	let feed = Simulation::new(3);
	let moves = (0..365 * 24u64).map(|hour| spot(&feed, "BTC", NOW + hour * 3_600_000));
	let path: Vec<f64> = moves.collect();
	// Of 0.6 % an hour: five times that comes from jumps alone.
	let jumps = path.windows(2).filter(|w| (w[1] / w[0]).ln().abs() > 0.035).count();
	assert!((8..60).contains(&jumps), "{jumps} hours with a jump in a year");
}

#[test]
fn surface_should_be_free_of_arbitrage_at_any_time_and_seed() {
	for seed in 0..24 {
		let feed = Simulation::new(seed);
		for step in 0..6 {
			let now = NOW + seed * 3 * DAY + step * 77 * DAY + step * 12_345_678;
			let (index, symbol) = ((seed % 3) as u16 + 1, SYMBOLS[(seed % 3) as usize]);
			let report = whole_report(&feed, now, &[listed(index, symbol, now, &SECONDS)]);
			let part = &report.underlyings[0];
			assert_eq!(part.expiries.len(), SECONDS.len());
			check_arbitrage(&part.expiries).expect("no arbitrage");
			for expiry in &part.expiries {
				let vol = vol_at_the_money(expiry);
				assert!((0.2..2.5).contains(&vol), "{symbol}: {vol}");
			}
		}
	}
}

#[test]
fn surface_should_be_free_of_arbitrage_when_expiries_are_seconds_apart() {
	let now = NOW + 1;
	for seed in 0..8 {
		let listed = [listed(1, "BTC", now, &[1, 2, 3, 60, 61, 62, 3_600, 3_601])];
		let report = whole_report(&Simulation::new(seed), now, &listed);
		check_arbitrage(&report.underlyings[0].expiries).expect("no arbitrage");
	}
}

#[test]
fn surface_should_move_when_time_passes() {
	let feed = Simulation::new(1);
	let vol = |now: u64| {
		let report = whole_report(&feed, now, &[listed(1, "BTC", now, &[7 * 86_400])]);
		vol_at_the_money(&report.underlyings[0].expiries[0])
	};
	let (before, soon, later) = (vol(NOW), vol(NOW + 1_000), vol(NOW + 5 * DAY));
	assert!((soon / before - 1.0).abs() < 0.01, "{before} then {soon} within a second");
	assert!((later / before - 1.0).abs() > 0.001, "{before} and {later} after five days");
}

#[test]
fn forward_should_carry_spot_at_the_rate() {
	let listed = [listed(2, "ETH", NOW, &[86_400, 365 * 86_400])];
	let report = whole_report(&Simulation::new(1), NOW, &listed);
	let part = &report.underlyings[0];
	for (expiry, years) in part.expiries.iter().zip([1.0 / 365.0, 1.0]) {
		let carry = (dollars(expiry.forward) / dollars(part.spot)).ln();
		let rate = expiry.rate.0 as f64 / 1e9;
		assert!((carry - rate * years).abs() < 1e-8, "{carry} against {rate} over {years}");
		assert!((0.02..=0.08).contains(&rate));
	}
}

#[test]
fn noise_should_be_small_and_differ_between_nodes() {
	let [one, other] = [0, 1].map(|_| Simulation::with_noise(1, 0.0005));
	let exact = spot(&Simulation::new(1), "BTC", NOW);
	let errors: Vec<f64> = (0..200)
		.map(|i| spot(&one, "BTC", NOW + i * 1_000) / spot(&other, "BTC", NOW + i * 1_000) - 1.0)
		.collect();
	let deviation = (errors.iter().map(|e| e * e).sum::<f64>() / 200.0).sqrt();
	// The difference of two of 0.0005 each.
	assert!((0.0005..0.001).contains(&deviation), "{deviation}");
	assert!((spot(&one, "BTC", NOW) / exact - 1.0).abs() < 0.005);
}
