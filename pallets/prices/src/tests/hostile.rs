// SPDX-License-Identifier: Apache-2.0
//! Reports made to do harm.

use crate::{mock::*, *};
use ballast_exchange::{
	ExpiryReport, Ppb, Price, PriceReport, PriceSource, SviParameters, MAX_REPORTED_EXPIRIES,
	MAX_REPORTED_UNDERLYINGS,
};
use codec::{DecodeAll, Encode};
use frame_support::{assert_ok, dispatch::GetDispatchInfo};
use proptest::prelude::*;

fn svi(bits: i64, forward: Price) -> SviParameters {
	SviParameters { a: bits, b: bits, rho: bits, m: bits, sigma: bits, forward, tau: bits }
}

/// As many parts as a report holds, every one of them made by `expiry`.
fn full_report(expiry: impl Fn(u32) -> ExpiryReport) -> PriceReport {
	let expiries: Vec<_> = (0..MAX_REPORTED_EXPIRIES).map(expiry).collect();
	let underlyings = (0..MAX_REPORTED_UNDERLYINGS)
		.map(|underlying| underlying_report(underlying as u16, usd(1), expiries.clone()));
	report_of(underlyings.collect())
}

#[test]
fn extreme_numbers_should_be_dropped_and_the_block_stay_valid() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		for bits in [i64::MIN, -1, 0, 1, 1 << 56, i64::MAX] {
			for price in [Price::ZERO, Price::from_pico_usd(1).unwrap(), Price::MAX] {
				let expiry = |expiry| ExpiryReport {
					expiry,
					forward: price,
					rate: Ppb(bits),
					svi: svi(bits, price),
				};
				let mut report =
					report_of(vec![underlying_report(BTC, price, vec![expiry(NEAR), expiry(FAR)])]);
				report.quote_price = Ppb(bits);
				block(1, report);
				Prices::do_try_state().unwrap();
			}
		}
		// Whatever was left of them, an honest quorum goes on.
		block(1, btc(95_000));
		assert_eq!(Prices::spot(BTC).unwrap().age_millis(), 0);
	});
}

#[test]
fn report_of_nothing_listed_should_leave_one_bounded_event() {
	ExtBuilder::default().build_and_execute(|| {
		let mut report = full_report(|_| expiry_report(NEAR, usd(1), 60));
		report.quote_price = Ppb(0);
		assert_ok!(Prices::report(RuntimeOrigin::none(), report));
		let parts = events()
			.into_iter()
			.find_map(|event| match event {
				Event::PartsDropped { parts, .. } => Some(parts.len()),
				_ => None,
			})
			.unwrap();
		// The quote price, 14 unknown underlyings, eleven duplicates of an expiry of BTC, twelve
		// expiries that ETH does not have.
		assert_eq!(parts, 1 + 14 + 11 + 12);
		assert_eq!(events().len(), 2);
	});
}

#[test]
fn largest_report_should_cost_no_more_than_announced() {
	ExtBuilder::default().build_and_execute(|| {
		let report = full_report(|index| expiry_report(NEAR + u64::from(index), usd(1), 60));
		let call = Call::<Test>::report { report: report.clone() };
		let post = Prices::report(RuntimeOrigin::none(), report).unwrap();
		let announced = call.get_dispatch_info().call_weight;
		assert!(post.actual_weight.unwrap().all_lte(announced));
	});
}

#[test]
fn liars_below_half_should_not_move_the_price_beyond_honest_reports() {
	ExtBuilder::default().quorum(5).build_and_execute(|| {
		for (author, spot) in [(1, 94_990), (2, 95_000), (3, 95_010)] {
			block(author, btc(spot));
		}
		let max = underlying_report(BTC, Price::MAX, vec![expiry_report(NEAR, Price::MAX, 500)]);
		block(4, report_of(vec![max.clone()]));
		block(5, report_of(vec![max]));
		let spot = Prices::spot(BTC).unwrap().regardless_of_age().price;
		assert_eq!(spot, usd(95_010));
		// The liars' spread lowers confidence instead: a price is trusted less, not moved.
		assert_eq!(Prices::spot(BTC).unwrap().regardless_of_age().confidence, Ppb::ZERO);
	});
}

#[test]
fn lone_reporter_should_not_make_rounds_by_authoring_many_blocks() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..100 {
			block(1, btc(1));
		}
		assert_eq!(Prices::round(BTC), 0);
		assert_eq!(Reports::<Test>::iter().count(), 1);
	});
}

#[test]
fn author_should_lose_its_voice_when_it_reports_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		for author in 1..=3 {
			block(author, btc(95_000));
		}
		block(3, report_of(vec![]));
		assert!(events().contains(&Event::QuorumLost { underlying: BTC, authors: 2 }));
	});
}

#[test]
fn crooked_near_slice_should_not_reach_a_round() {
	ExtBuilder::default().build_and_execute(|| {
		for author in 1..=3 {
			let mut crooked = expiry_report(NEAR, usd(95_000), 60);
			crooked.svi.a = 0;
			crooked.svi.b = 8 << 56;
			crooked.svi.sigma = 1 << 40;
			block(author, report_of(vec![underlying_report(BTC, usd(95_000), vec![crooked])]));
		}
		assert_eq!(Prices::round(BTC), 1);
		assert!(Prices::expiry(BTC, NEAR).is_none());
	});
}

proptest! {
	#![proptest_config(crate::tests::cases(64))]

	#[test]
	fn random_bytes_should_never_break_a_block(
		bytes in proptest::collection::vec(any::<u8>(), 56),
		spots in proptest::collection::vec(any::<i64>(), 1..8),
		times in proptest::collection::vec(0u64..40_000, 1..8),
	) {
		let svi = SviParameters::decode_all(&mut &bytes[..]);
		ExtBuilder::default().quorum(1).build_and_execute(|| {
			Now::set(NEAR - 120_000);
			for (spot, time) in spots.iter().zip(&times) {
				let price = Price::from_pico_usd(*spot).unwrap_or(Price::MAX);
				let mut expiry = expiry_report(FAR, price.max(usd(1)), 60);
				expiry.rate = Ppb(*spot);
				expiry.svi = *svi.as_ref().unwrap_or(&expiry.svi);
				let report = report_of(vec![underlying_report(BTC, price, vec![expiry])]);
				assert!(PriceReport::decode_all(&mut &report.encode()[..]).is_ok());
				block_at(Now::get() + 1 + time, 1, report);
				Prices::do_try_state().unwrap();
			}
		});
	}
}
