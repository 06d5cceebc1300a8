// SPDX-License-Identifier: Apache-2.0

//! The report in the chain's integers.

use super::{btc, dollars, listed, NOW};
use crate::{report, Node, PriceFeed, RawSvi, Round, Simulation, Underlying};
use ballast_exchange::{Moment, Ppb, PriceReport};
use ballast_pricing::{Real, Time};
use std::sync::Arc;

fn round(nodes: &[Node]) -> Round {
	let underlying = Underlying { symbol: "BTC".into(), spot: 95_000.125, nodes: nodes.into() };
	Round { quote_price: 0.9995, underlyings: vec![underlying] }
}

fn node() -> Node {
	let svi = RawSvi { a: 0.25, b: 0.5, rho: -0.5, m: -0.125, sigma: 0.0625 };
	Node { seconds: 86_400.0, basis: 0.0, rate: -0.025, svi }
}

#[test]
fn report_should_have_the_numbers_of_the_round() {
	let (report, missing) = report(&round(&[node()]), &[listed(9, "BTC", NOW, &[86_400])], NOW);
	assert!(missing.is_empty());
	assert_eq!(report.quote_price, Ppb(999_500_000));
	let part = &report.underlyings[0];
	assert_eq!((part.underlying, part.spot.to_micro_usd_floor()), (9, 95_000_125_000));
	let expiry = &part.expiries[0];
	assert_eq!((expiry.expiry, expiry.rate), (NOW + 86_400_000, Ppb(-25_000_000)));
	assert_eq!(expiry.forward, part.spot);
	assert_eq!(expiry.svi.forward, expiry.forward);
	assert_eq!(expiry.svi.tau, Time::from_seconds(86_400).expect("a day").years().to_bits());
	let one = Real::ONE.to_bits();
	assert_eq!(
		[expiry.svi.a, expiry.svi.b, expiry.svi.rho, expiry.svi.m, expiry.svi.sigma],
		[one / 4, one / 2, -one / 2, -one / 8, one / 16]
	);
}

#[test]
fn expiry_should_be_left_out_when_it_has_passed() {
	let mut wanted = listed(1, "BTC", NOW, &[60, 86_400]);
	wanted.expiries.insert(0, NOW);
	wanted.expiries.insert(0, NOW - 1);
	let (report, missing) = report(&round(&[node()]), &[wanted], NOW);
	assert!(missing.is_empty());
	let expiries: Vec<Moment> = report.underlyings[0].expiries.iter().map(|e| e.expiry).collect();
	assert_eq!(expiries, [NOW + 60_000, NOW + 86_400_000]);
}

#[test]
fn nearest_expiries_should_count_when_there_are_too_many() {
	let seconds: Vec<u64> = (1..=20).map(|day| day * 86_400).collect();
	let (report, _) = report(&round(&[node()]), &[listed(1, "BTC", NOW, &seconds)], NOW);
	let expiries = &report.underlyings[0].expiries;
	assert_eq!((expiries.len(), expiries[11].expiry), (12, NOW + 12 * 86_400_000));
}

#[test]
fn underlying_should_be_left_out_alone_when_the_feed_does_not_know_it() {
	let wanted = [listed(1, "BTC", NOW, &[60]), listed(4, "SOL", NOW, &[60])];
	let (report, missing) = report(&round(&[node()]), &wanted, NOW);
	assert_eq!(report.underlyings.len(), 1);
	assert_eq!(missing, ["no price of SOL (4)"]);
}

#[test]
fn spot_should_be_reported_without_expiries_when_there_are_no_volatilities() {
	let (report, missing) = report(&btc(95_000.0), &[listed(1, "BTC", NOW, &[60])], NOW);
	assert_eq!(dollars(report.underlyings[0].spot), 95_000.0);
	assert!(report.underlyings[0].expiries.is_empty());
	assert_eq!(missing, [format!("no volatilities of BTC (1) at {}", NOW + 60_000)]);
}

#[test]
fn expiry_should_be_left_out_alone_when_its_numbers_do_not_fit() {
	let mut wild = node();
	wild.basis = 6.0;
	wild.seconds = 2.0 * 86_400.0;
	// Spot times e^6 is beyond 8,000,000 dollars.
	let wanted = [listed(1, "BTC", NOW, &[86_400, 2 * 86_400])];
	let (report, missing) = report(&round(&[node(), wild]), &wanted, NOW);
	assert_eq!((report.underlyings[0].expiries.len(), missing.len()), (1, 1));
}

#[test]
fn report_should_fit_its_bounds_when_all_is_listed_many_times() {
	let feed = Simulation::new(1);
	let seconds: Vec<u64> = (1..=30).map(|hour| hour * 3_600).collect();
	let wanted: Vec<_> = (1..=40).map(|number| listed(number, "BTC", NOW, &seconds)).collect();
	let round: Arc<Round> = feed.round(NOW, &wanted).expect("a round");
	let (report, _): (PriceReport, _) = report(&round, &wanted, NOW);
	assert_eq!((report.underlyings.len(), report.underlyings[15].expiries.len()), (16, 12));
}
