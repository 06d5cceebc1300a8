// SPDX-License-Identifier: Apache-2.0

//! Expiries between, before and after those a feed knows.

use super::{check_arbitrage, listed, recording, NOW};
use crate::{round::Node, term, RawSvi, Recording, YEAR_SECONDS};
use ballast_exchange::ExpiryReport;

fn node(seconds: f64, vol: f64, rho: f64) -> Node {
	let theta = vol * vol * seconds / YEAR_SECONDS;
	Node {
		seconds,
		basis: 0.05 * seconds / YEAR_SECONDS,
		rate: 0.05,
		svi: RawSvi::ssvi(theta, rho, 0.8),
	}
}

fn expiries(name: &str, symbol: &str, now: u64, seconds: &[u64]) -> Vec<ExpiryReport> {
	let feed = Recording::open(&recording(name), NOW, 1.0).expect("a recording");
	let mut expiries = Vec::new();
	for chunk in seconds.chunks(12) {
		let report = super::whole_report(&feed, now, &[listed(1, symbol, now, chunk)]);
		expiries.extend(report.underlyings[0].expiries.iter().cloned());
	}
	expiries
}

#[test]
fn node_should_be_given_back_when_its_time_is_asked_for() {
	let nodes = [node(3_600.0, 0.6, -0.1), node(86_400.0, 0.5, -0.2)];
	for known in nodes {
		assert_eq!(term::at(&nodes, known.seconds), Some(known));
	}
}

#[test]
fn nothing_should_be_given_when_there_is_no_structure_or_no_time() {
	let nodes = [node(3_600.0, 0.6, -0.1)];
	assert_eq!(term::at(&[], 60.0), None);
	for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
		assert_eq!(term::at(&nodes, seconds), None);
	}
}

#[test]
fn total_variance_at_the_money_should_be_linear_between_nodes() {
	let nodes = [node(86_400.0, 0.6, -0.1), node(3.0 * 86_400.0, 0.7, -0.3)];
	let middle = term::at(&nodes, 2.0 * 86_400.0).expect("a node");
	let mean = (nodes[0].svi.total_variance(0.0) + nodes[1].svi.total_variance(0.0)) / 2.0;
	assert!((middle.svi.total_variance(0.0) / mean - 1.0).abs() < 1e-12);
	assert!((middle.basis - (nodes[0].basis + nodes[1].basis) / 2.0).abs() < 1e-15);
	// The wings too: far out the slice is the mean of both.
	for k in [-8.0, 8.0] {
		let mean = (nodes[0].svi.total_variance(k) + nodes[1].svi.total_variance(k)) / 2.0;
		assert!((middle.svi.total_variance(k) / mean - 1.0).abs() < 1e-3);
	}
}

#[test]
fn vol_and_rate_should_stay_outside_of_the_nodes() {
	let nodes = [node(86_400.0, 0.6, -0.1), node(3.0 * 86_400.0, 0.7, -0.3)];
	for (seconds, vol) in [(60.0, 0.6), (30.0 * 86_400.0, 0.7)] {
		let found = term::at(&nodes, seconds).expect("a node");
		let found_vol = (found.svi.total_variance(0.0) / found.years()).sqrt();
		assert!((found_vol - vol).abs() < 1e-12, "{found_vol}");
		assert!((found.basis - 0.05 * found.years()).abs() < 1e-15);
		assert_eq!(found.rate, 0.05);
	}
}

#[test]
fn slice_should_stay_between_its_neighbours_when_they_do_not_mix() {
	// Both free of arbitrage, with vertices so far apart that a mean of their asymptotes crosses one.
	let earlier = RawSvi { a: 0.0005, b: 0.05, rho: -0.5, m: 0.0, sigma: 0.1 };
	let later = RawSvi { a: 0.03, b: 0.2, rho: -0.5, m: 0.3, sigma: 0.02 };
	let middle = RawSvi::between(&earlier, &later, 0.5);
	// Not a mixture: the later slice, scaled.
	assert_eq!((middle.m, middle.sigma), (later.m, later.sigma));
	let reach = 6.0 * later.total_variance(0.0).sqrt();
	let mut last = earlier;
	for step in 0..=20 {
		let next = RawSvi::between(&earlier, &later, f64::from(step) / 20.0);
		assert_eq!(next.validate(), Ok(()));
		for k in (-40..=40).map(|step| f64::from(step) / 40.0 * reach) {
			let (below, found) = (last.total_variance(k), next.total_variance(k));
			assert!(found >= below - 1e-15, "step {step} at {k}: {found} after {below}");
			assert!(next.density(k) >= 0.0, "step {step} at {k}: a butterfly");
		}
		last = next;
	}
	assert_eq!(last, later);
}

#[test]
fn real_surfaces_should_be_free_of_arbitrage_at_any_time_to_expiry() {
	let days = (0..40).map(|day| 7 * 86_400 + day * 8 * 86_400);
	let seconds: Vec<u64> = [60, 600, 3_600, 86_400, 3 * 86_400]
		.into_iter()
		.chain(days)
		.chain([400 * 86_400])
		.collect();
	for symbol in ["BTC", "ETH"] {
		let expiries = expiries("surfaces.jsonl", symbol, NOW, &seconds);
		assert_eq!(expiries.len(), seconds.len());
		check_arbitrage(&expiries).expect("no arbitrage");
	}
}

#[test]
fn crash_should_be_free_of_arbitrage_at_any_minute() {
	let days = [1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 120, 180, 270, 400].map(|day| day * 86_400);
	let seconds: Vec<u64> =
		[60, 600, 1_800, 3_600, 7_200, 21_600].into_iter().chain(days).collect();
	for hour in [0, 12, 22, 23, 24, 30, 38, 39, 45, 60] {
		let now = NOW + hour * 3_600_000 + 1_000;
		check_arbitrage(&expiries("btc-2020-03-12.jsonl", "BTC", now, &seconds))
			.expect("no arbitrage");
	}
}
