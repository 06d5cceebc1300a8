// SPDX-License-Identifier: Apache-2.0

//! What holds for any input.

use super::{check_arbitrage, listed, NOW};
use crate::{parse_round, report, round::Node, RawSvi, Round, Underlying, YEAR_SECONDS};
use proptest::prelude::*;

const ROUND: &str = r#"{"at":1.5,"quote_price":1,"underlyings":[{"symbol":"BTC","spot":95000,"expiries":[
	{"seconds_to_expiry":3600,"forward":95001,"rate":0.05,"svi":{"a":0.001,"b":0.05,"rho":-0.2,"m":0.0,"sigma":0.1}}]}]}"#;

/// Nodes of one surface: its term structure, correlation and curvature are anything that SSVI permits.
fn nodes() -> impl Strategy<Value = Vec<Node>> {
	let steps = prop::collection::vec((1.05f64..40.0, 0.2f64..2.5), 1..6);
	(60.0f64..100_000.0, steps, -0.9f64..0.9, 0.45f64..0.99).prop_map(
		|(first, steps, rho, share)| {
			let eta = share * 2.0 / (1.0 + rho.abs());
			let (mut seconds, mut theta) = (0.0, 0.0);
			let node = |(ratio, vol): (f64, f64)| {
				let next = if seconds == 0.0 {
					first
				} else {
					(seconds * ratio).min(400.0 * 86_400.0) + 1.0
				};
				theta += vol * vol * (next - seconds) / YEAR_SECONDS;
				seconds = next;
				Node { seconds, basis: 0.0, rate: 0.0, svi: RawSvi::ssvi(theta, rho, eta) }
			};
			steps.into_iter().map(node).collect()
		},
	)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn any_bytes_should_be_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
		let _ = parse_round(&bytes, None);
	}

	#[test]
	fn any_damage_should_be_refused_or_give_a_report_the_chain_can_hold(
		at in 0..ROUND.len(),
		with in "[0-9.eE+\\-,:{}]{0,6}",
		drop in 0usize..6,
	) {
		let end = (at + drop).min(ROUND.len());
		let text = format!("{}{with}{}", &ROUND[..at], &ROUND[end..]);
		if let Ok((_, round)) = parse_round(text.as_bytes(), None) {
			let (report, _) = report(&round, &[listed(1, "BTC", NOW, &[60, 3_600, 86_400])], NOW);
			for expiry in report.underlyings.iter().flat_map(|part| part.expiries.iter()) {
				prop_assert!(expiry.svi.slice().is_ok());
				prop_assert!(!expiry.forward.is_zero());
				prop_assert!(expiry.rate.0.abs() <= 10_000_000_000);
			}
		}
	}

	#[test]
	fn any_surface_should_stay_free_of_arbitrage_up_to_its_last_node(
		nodes in nodes(),
		shares in prop::collection::btree_set(1u64..=10_000, 1..12),
	) {
		let last = nodes.last().map_or(0.0, |node| node.seconds);
		// Cubed: half of them before an eighth of the time.
		let at = |share: u64| (last * (share as f64 / 1e4).powi(3)) as u64;
		let seconds: Vec<u64> = shares.into_iter().map(at).filter(|seconds| *seconds > 0).collect();
		let btc = Underlying { symbol: "BTC".into(), spot: 95_000.0, nodes: nodes.into() };
		let round = Round { quote_price: 1.0, underlyings: vec![btc] };
		let (report, missing) = report(&round, &[listed(1, "BTC", NOW, &seconds)], NOW);
		prop_assert!(missing.is_empty(), "{missing:?}");
		let checked = check_arbitrage(&report.underlyings[0].expiries);
		prop_assert!(checked.is_ok(), "{checked:?}");
	}
}
