// SPDX-License-Identifier: Apache-2.0
//! What the chain would measure in markets of different temper, by the pallets' own code.

use ballast_exchange::{Moment, Ppb, Price};
use ballast_rng::Rng;
use pallet_liquidation::{Conditions, DelayMeasure, Parameters};
use pallet_prices::volatility::Volatility;

const BLOCK: u64 = 500;
const MINUTE: u64 = 60_000;
const DAY: u64 = 86_400_000;
const YEAR: f64 = 365.0 * DAY as f64;
/// Of the price rules: time between two samples of volatility, and what a sample loses half its weight in.
const SAMPLE: u64 = 10_000;
const HALF_LIFE: u64 = 3_600_000;
/// Delays whose move the crash is shown with, milliseconds: a block, and what a backlog makes of it.
pub const DELAYS: [u32; 3] = [500, 10_000, 60_000];

/// What is measured in a calm market.
pub struct Market {
	/// What it is.
	pub name: &'static str,
	/// Mean of the delay move.
	pub mean_move: Ppb,
	/// The largest.
	pub highest_move: Ppb,
	/// Mean of the multiplier.
	pub mean_multiplier: Ppb,
	/// That of the block of a hundred where it is the fifth largest.
	pub high_multiplier: Ppb,
	/// The largest.
	pub highest_multiplier: Ppb,
}

/// Two weeks of calm markets, of which the second counts: volatility constant, or higher by day than by night.
pub fn calm(parameters: &Parameters) -> Vec<Market> {
	let market = |name, vol, swing| weeks(name, vol, swing, parameters);
	vec![
		market("volatility 45 %, no rhythm", 0.45, 0.0),
		market("volatility 60 %, by day half as much again, by night half of it", 0.6, 0.5),
		market("volatility 90 %, by day half as much again, by night half of it", 0.9, 0.5),
	]
}

fn weeks(name: &'static str, vol: f64, swing: f64, parameters: &Parameters) -> Market {
	let mut rng = Rng::new(7);
	let (mut spot, mut estimate, mut now) =
		(95_000.0, Volatility::default(), Conditions::default());
	let (mut moves, mut multipliers) = (Vec::new(), Vec::new());
	for block in 1..=14 * DAY / BLOCK {
		let at = block * BLOCK;
		if at.is_multiple_of(SAMPLE) {
			let day = (at % DAY) as f64 / DAY as f64;
			let vol = vol * (1.0 + swing * (day * core::f64::consts::TAU).sin());
			spot *= (vol * (SAMPLE as f64 / YEAR).sqrt() * rng.normal()).exp();
			estimate.sample(at, price(spot), SAMPLE, HALF_LIFE);
		}
		// The round of the block, and the block that a bid needs.
		now = after(&now, &estimate, BLOCK as u32, parameters);
		if at > 7 * DAY {
			moves.push(now.delay_move.0);
			multipliers.push(now.multiplier.0);
		}
	}
	let mean = |all: &[i64]| Ppb(all.iter().sum::<i64>() / all.len() as i64);
	multipliers.sort_unstable();
	Market {
		name,
		mean_move: mean(&moves),
		highest_move: Ppb(moves.iter().copied().max().unwrap_or(0)),
		mean_multiplier: mean(&multipliers),
		high_multiplier: Ppb(multipliers[multipliers.len() * 95 / 100]),
		highest_multiplier: Ppb(multipliers.last().copied().unwrap_or(0)),
	}
}

/// What the chain says some time after the open of a crash.
pub struct Step {
	/// When, hours and minutes of the day.
	pub at: String,
	/// Spot, dollars.
	pub spot: f64,
	/// Realised volatility.
	pub vol: Ppb,
	/// The multiplier.
	pub multiplier: Ppb,
	/// The move of each of [`DELAYS`].
	pub moves: [Ppb; 3],
}

/// The replay of the crash, by its minutes; those that are shown are around its first fall.
pub fn crash(parameters: &Parameters) -> Vec<Step> {
	let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../feeds/btc-2020-03-12.jsonl");
	let file = std::fs::read_to_string(file).expect("the feed");
	let (mut estimate, mut now) = (Volatility::default(), Conditions::default());
	let mut steps = Vec::new();
	for line in file.lines() {
		let line: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
		let minute = line["at"].as_u64().expect("seconds") / 60;
		let spot = line["underlyings"][0]["spot"].as_f64().expect("spot");
		let at: Moment = (minute + 1) * MINUTE;
		estimate.sample(at, price(spot), SAMPLE, HALF_LIFE);
		for _ in 0..MINUTE / BLOCK {
			now = after(&now, &estimate, BLOCK as u32, parameters);
		}
		// From noon of the day before.
		let of_day = (minute + 12 * 60) % (24 * 60);
		let is_shown = (22 * 60..24 * 60).contains(&minute) && minute.is_multiple_of(10);
		if is_shown {
			steps.push(Step {
				at: format!("{:02}:{:02}", of_day / 60, of_day % 60),
				spot,
				vol: now.realised_vol,
				multiplier: now.multiplier,
				moves: DELAYS.map(|delay| unescapable(&now, delay, parameters)),
			});
		}
	}
	steps
}

fn unescapable(now: &Conditions, delay: u32, parameters: &Parameters) -> Ppb {
	let measure = DelayMeasure {
		auction_notice_millis: delay,
		realised_vol: now.realised_vol,
		..Default::default()
	};
	let exact = parameters.delay.unescapable_move(&measure).expect("within bounds");
	exact.min(parameters.house.highest_move)
}

fn after(
	now: &Conditions,
	estimate: &Volatility,
	delay: u32,
	parameters: &Parameters,
) -> Conditions {
	let measure = DelayMeasure {
		auction_notice_millis: delay,
		realised_vol: estimate.per_year().unwrap_or(Ppb::ZERO),
		..Default::default()
	};
	now.next(&measure, parameters)
}

fn price(dollars: f64) -> Price {
	Price::from_pico_usd((dollars * 1e12) as i64).expect("a price")
}
