// SPDX-License-Identifier: Apache-2.0
//! Rounds: quorum, medians, clamp, slices, confidence, meter.

use crate::{mock::*, *};
use ballast_exchange::{Ppb, Price, PriceReport, PriceSource};
use frame_support::weights::WeightMeter;

fn round() -> Option<Round> {
	Rounds::<Test>::get(BTC)
}

fn spot() -> Price {
	round().unwrap().spot.price
}

/// Reports of authors 1, 2, ... in a block each, of nothing but spot.
fn spots(spots: &[i64]) {
	for (author, spot) in (1..).zip(spots) {
		block(author, btc_spot(usd(*spot)));
	}
}

#[test]
fn spot_should_be_the_middle_when_the_reports_are_odd() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 96_000, 90_000]);
		assert_eq!(spot(), usd(95_000));
	});
}

#[test]
fn spot_should_be_the_mean_of_the_middle_two_when_the_reports_are_even() {
	ExtBuilder::default().quorum(4).build_and_execute(|| {
		for (author, pico) in [(1, 7), (2, 10), (3, 1_000), (4, 1)] {
			block(author, btc_spot(Price::from_pico_usd(pico).unwrap()));
		}
		// 8.5 rounded down.
		assert_eq!(spot().pico_usd(), 8);
	});
}

#[test]
fn round_should_not_be_made_when_there_is_no_quorum() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_000]);
		assert_eq!(round(), None);
		assert!(Prices::spot(BTC).is_none());
		assert!(Prices::quote_price().is_none());
		assert_eq!(Prices::round(BTC), 0);
	});
}

#[test]
fn author_should_count_once_when_it_reports_again_and_again() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..10 {
			block(1, btc_spot(usd(1)));
		}
		block(2, btc_spot(usd(95_000)));
		assert_eq!(round(), None);
		block(3, btc_spot(usd(96_000)));
		assert_eq!(spot(), usd(95_000));
	});
}

#[test]
fn round_should_carry_the_moment_of_its_latest_report() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_000, 95_000]);
		let expected = Round {
			number: 1,
			at: START + 3 * BLOCK,
			block: 4,
			spot: ballast_exchange::SpotPrice { price: usd(95_000), confidence: Ppb::ONE },
		};
		assert_eq!(round(), Some(expected));
		let made = Event::RoundMade {
			underlying: BTC,
			round: 1,
			at: START + 3 * BLOCK,
			spot: usd(95_000),
			confidence: Ppb::ONE,
			reports: 3,
		};
		assert!(events().contains(&made));
	});
}

#[test]
fn number_should_grow_only_when_there_is_a_new_report() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_000, 95_000]);
		let first = round();
		silent_block_at(Now::get() + BLOCK);
		assert_eq!(round(), first);
		assert_eq!(events(), vec![]);
		// The same price anew is younger.
		block(1, btc_spot(usd(95_000)));
		assert_eq!(Prices::round(BTC), 2);
		assert_eq!(Prices::spot(BTC).unwrap().age_millis(), 0);
	});
}

#[test]
fn number_should_not_grow_when_the_new_report_leaves_the_underlying_out() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_000, 95_000]);
		block(4, report_of(vec![underlying_report(ETH, usd(3_400), vec![])]));
		assert_eq!(Prices::round(BTC), 1);
		assert_eq!(Prices::round(ETH), 0);
	});
}

#[test]
fn price_should_age_when_the_quorum_is_lost_and_live_again_when_it_is_back() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_000, 95_000]);
		let reached = Event::QuorumReached { underlying: BTC, authors: 3 };
		assert!(events().contains(&reached));
		let last = Now::get();
		// Author 1 reported two blocks before: ten seconds later it counts no more.
		silent_block_at(last + 10_000 - BLOCK);
		assert!(events().contains(&Event::QuorumLost { underlying: BTC, authors: 2 }));
		assert_eq!(Prices::round(BTC), 1);
		assert_eq!(Prices::spot(BTC).unwrap().age_millis(), 9_500);
		assert!(Prices::spot(BTC).unwrap().fresh(Prices::max_age_millis()).is_err());
		silent_block_at(Now::get() + 1);
		assert_eq!(events(), vec![]);
		block(1, btc_spot(usd(95_000)));
		block(2, btc_spot(usd(95_000)));
		assert_eq!(Prices::round(BTC), 1);
		block(3, btc_spot(usd(95_000)));
		assert!(events().contains(&reached));
		assert_eq!(Prices::round(BTC), 2);
		assert!(Prices::spot(BTC).unwrap().fresh(Prices::max_age_millis()).is_ok());
	});
}

#[test]
fn reports_should_be_removed_when_they_are_too_old() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_000, 95_000]);
		silent_block_at(Now::get() + 10_000);
		assert_eq!(Recent::<Test>::get().to_vec(), vec![(3, START + 3 * BLOCK)]);
		silent_block_at(Now::get() + 1);
		assert_eq!(Recent::<Test>::get().len(), 0);
		assert_eq!(Reports::<Test>::iter().count(), 0);
	});
}

#[test]
fn spot_should_be_clamped_when_the_median_jumps() {
	let percent = |parameters: &mut PriceParameters| parameters.clamp_ppb = 10_000_000;
	ExtBuilder::default().quorum(1).parameters(percent).build_and_execute(|| {
		block(1, btc(100_000));
		block(1, btc(150_000));
		assert_eq!(spot(), usd(101_000));
		let clamped =
			Event::SpotClamped { underlying: BTC, median: usd(150_000), taken: usd(101_000) };
		assert!(events().contains(&clamped));
		// Forwards follow: 150,010 * 101 / 150.
		let forward = Prices::expiry(BTC, NEAR).unwrap().regardless_of_age().forward;
		assert_eq!(forward.to_micro_usd_floor(), 101_006_733_333);
		// The next round starts from where this one ended.
		block(1, btc(50_000));
		assert_eq!(spot(), usd(99_990));
	});
}

#[test]
fn clamp_should_widen_with_every_block_that_made_no_round() {
	let percent = |parameters: &mut PriceParameters| parameters.clamp_ppb = 10_000_000;
	ExtBuilder::default().quorum(1).parameters(percent).build_and_execute(|| {
		block(1, btc_spot(usd(100_000)));
		for _ in 0..4 {
			silent_block_at(Now::get() + BLOCK);
		}
		block(1, btc_spot(usd(150_000)));
		assert_eq!(spot(), usd(105_000));
	});
}

#[test]
fn expiry_should_have_the_medians_and_the_slice_of_the_middle_volatility() {
	ExtBuilder::default().build_and_execute(|| {
		let report = |forward: i64, rate: i64, vol: i64| {
			let mut expiry = expiry_report(NEAR, usd(forward), vol);
			expiry.rate = Ppb(rate);
			report_of(vec![underlying_report(BTC, usd(95_000), vec![expiry])])
		};
		let reports = [report(95_030, 10, 80), report(95_020, 40, 50), report(95_010, -20, 60)];
		for (author, report) in (1..).zip(reports.clone()) {
			block(author, report);
		}
		let price = Prices::expiry(BTC, NEAR).unwrap().regardless_of_age();
		assert_eq!((price.forward, price.rate), (usd(95_020), Ppb(10)));
		assert_eq!(price.svi, reports[2].underlyings[0].expiries[0].svi);
		// Volatilities of 50 % to 80 % around 60 %, times 10, leave nothing.
		assert_eq!(price.vol_confidence, Ppb::ZERO);
		// 20 dollars in 95,020 times 10.
		assert_eq!(price.forward_confidence, Ppb(1_000_000_000 - 2_104_820));
		assert_eq!(price.rate_confidence, Ppb(1_000_000_000 - 600));
	});
}

#[test]
fn slice_should_be_that_of_the_lower_middle_volatility_when_the_reports_are_even() {
	ExtBuilder::default().quorum(4).build_and_execute(|| {
		let vols = [90, 40, 70, 60];
		let mut slices = Vec::new();
		for (author, vol) in (1..).zip(vols) {
			let expiry = expiry_report(NEAR, usd(95_000), vol);
			slices.push(expiry.svi);
			block(author, report_of(vec![underlying_report(BTC, usd(95_000), vec![expiry])]));
		}
		assert_eq!(Prices::expiry(BTC, NEAR).unwrap().regardless_of_age().svi, slices[3]);
	});
}

#[test]
fn expiry_should_age_when_fewer_than_a_quorum_report_it() {
	ExtBuilder::default().build_and_execute(|| {
		for author in 1..=3 {
			block(author, btc(95_000));
		}
		let made = Now::get();
		// From now on they know spot alone.
		for author in 1..=3 {
			block(author, btc_spot(usd(95_000)));
		}
		assert_eq!(Prices::round(BTC), 4);
		assert_eq!(Prices::spot(BTC).unwrap().at(), Now::get());
		assert_eq!(Prices::expiry(BTC, NEAR).unwrap().at(), made);
	});
}

#[test]
fn expiry_should_stay_as_it_is_when_a_round_has_no_news_of_it() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		let one = |vol| {
			let expiry = expiry_report(NEAR, usd(95_000), vol);
			report_of(vec![underlying_report(BTC, usd(95_000), vec![expiry])])
		};
		block(1, one(60));
		block(2, one(80));
		let before = Prices::expiry(BTC, NEAR).unwrap().regardless_of_age();
		// Author 1 knows spot alone now; what author 2 said is no newer for that.
		block(1, btc_spot(usd(95_000)));
		assert_eq!(Prices::round(BTC), 3);
		assert_eq!(Prices::expiry(BTC, NEAR).unwrap().regardless_of_age(), before);
	});
}

#[test]
fn expiry_should_be_gone_when_it_has_passed_or_is_no_longer_listed() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		block(1, btc(95_000));
		assert!(Prices::expiry(BTC, FAR).is_some());
		Listed::set(vec![(BTC, vec![(NEAR, vec![])])]);
		block(1, btc(95_000));
		assert!(Prices::expiry(BTC, FAR).is_none() && Prices::expiry(BTC, NEAR).is_some());
		block_at(NEAR, 1, btc_spot(usd(95_000)));
		assert!(Prices::expiry(BTC, NEAR).is_none());
	});
}

#[test]
fn confidence_should_fall_when_the_reports_disagree() {
	ExtBuilder::default().build_and_execute(|| {
		spots(&[95_000, 95_950, 94_050]);
		// 2 % times 10.
		assert_eq!(round().unwrap().spot.confidence, Ppb(800_000_000));
	});
}

#[test]
fn quote_price_should_be_the_median_and_age_alone() {
	ExtBuilder::default().build_and_execute(|| {
		for (author, quote) in [(1, 999_000_000), (2, 1_001_000_000), (3, 990_000_000)] {
			let report = PriceReport { quote_price: Ppb(quote), ..btc_spot(usd(1)) };
			block(author, report);
		}
		let quote = Prices::quote_price().unwrap();
		assert_eq!((quote.at(), quote.regardless_of_age()), (Now::get(), Ppb(999_000_000)));
		// An invalid one leaves the last as it was.
		block(4, PriceReport { quote_price: Ppb(0), ..btc_spot(usd(1)) });
		assert_eq!(Prices::quote_price().unwrap().age_millis(), BLOCK);
	});
}

#[test]
fn quote_price_should_stay_when_an_author_falls_silent() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		for (author, quote) in [(1, 900_000_000), (2, 1_100_000_000)] {
			block(author, PriceReport { quote_price: Ppb(quote), ..btc_spot(usd(1)) });
		}
		silent_block_at(Now::get() + 10_000);
		assert_eq!(Recent::<Test>::get().len(), 1);
		assert_eq!(Prices::quote_price().unwrap().regardless_of_age(), Ppb::ONE);
	});
}

#[test]
fn every_underlying_should_have_its_turn_when_the_meter_is_tiny() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		let both = |spot| {
			let eth = underlying_report(ETH, usd(3_400), vec![]);
			report_of(vec![underlying_report(BTC, usd(spot), vec![]), eth])
		};
		let room = <() as WeightInfo>::load_reports(1)
			.saturating_add(<() as WeightInfo>::advance(1).saturating_mul(3).saturating_div(2));
		for step in 1..=4 {
			begin_block_at(Now::get() + BLOCK);
			Prices::report(RuntimeOrigin::none(), both(95_000)).unwrap();
			let mut meter = WeightMeter::with_limit(room);
			Prices::after_inherents(&mut meter);
			assert!(meter.consumed().all_lte(room));
			assert_eq!(Prices::round(BTC) + Prices::round(ETH), step);
		}
		assert_eq!((Prices::round(BTC), Prices::round(ETH)), (2, 2));
		assert_eq!(NextUnderlying::<Test>::get(), Some(BTC));
		finish_inherents();
		assert_eq!(NextUnderlying::<Test>::get(), None);
		assert_eq!((Prices::round(BTC), Prices::round(ETH)), (3, 2));
	});
}

#[test]
fn nothing_should_happen_when_the_meter_is_empty() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		begin_block_at(Now::get() + BLOCK);
		Prices::report(RuntimeOrigin::none(), btc(95_000)).unwrap();
		let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
		let mut meter = WeightMeter::with_limit(Default::default());
		Prices::after_inherents(&mut meter);
		assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1));
		// The report is late, not lost: the round has the moment it was made at.
		silent_block_at(Now::get() + BLOCK);
		assert_eq!(round().unwrap().at, Now::get() - BLOCK);
	});
}
