// SPDX-License-Identifier: Apache-2.0

//! Risk arrays over rounds.

use crate::{
	calendar::MINUTE, mock::*, weights::WeightInfo, Event, Minutes, PendingRepricing,
	RepriceFailure, Schedule,
};
use ballast_exchange::{Markets, Ppb, Price, PriceSource, SettlementAverage};
use frame_support::assert_ok;

/// Twelve dailies, eleven strikes on each side: 528 series.
fn twelve() -> Schedule {
	Schedule { dailies: 12, strikes_each_side: 11, ..schedule() }
}

fn unit(strikes: u32) -> u64 {
	<() as WeightInfo>::reprice_expiry(strikes).ref_time()
}

#[test]
fn five_hundred_series_should_be_priced_in_every_round() {
	TestExt::new().schedule(twelve()).priced_at(95_000).execute_with(|| {
		publish(BTC, usd(95_100));
		block(500);
		assert_eq!(expiries().len(), 12);
		let mut series = 0;
		for expiry in expiries() {
			let priced = priced(expiry);
			assert_eq!((priced.at, priced.spot.price), (published(BTC), usd(95_100)));
			assert_eq!(priced.seconds, seconds_to(expiry));
			assert_eq!(priced.entries.len(), priced.strikes.len() * 2 * 36);
			series += priced.values.len();
		}
		assert!(series >= 500, "{series}");
	});
}

#[test]
fn arrays_should_say_what_they_were_priced_from() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let priced = priced(expiry);
		assert_eq!(priced.round, Prices::round(BTC));
		assert_eq!(priced.spot, spot(usd(95_000)));
		assert_eq!(priced.forward, usd(95_095));
		assert_eq!(priced.confidence, Ppb(800_000_000));
		assert_eq!(priced.terms.confidence, Ppb(800_000_000));
		// Four seconds later they are four seconds old.
		set_now(now() + 4_000);
		let aged = <Options as Markets>::priced(BTC, expiry).unwrap();
		assert_eq!(aged.age_millis(), 4_000);
		assert!(aged.fresh(3_999).is_err());
	});
}

#[test]
fn same_round_should_not_be_priced_twice() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let before = priced(expiry);
		block(500);
		assert_eq!(priced(expiry), before);
		publish(BTC, usd(95_000));
		block(500);
		assert_eq!(priced(expiry).round, before.round + 1);
		assert!(events().is_empty(), "no event per repricing");
	});
}

#[test]
fn tiny_meter_should_reprice_one_expiry_a_block_and_miss_none() {
	TestExt::new().schedule(twelve()).priced_at(95_000).execute_with(|| {
		let all = expiries();
		publish(BTC, usd(96_000));
		let round = Prices::round(BTC);
		let limit = <() as WeightInfo>::check_agenda(1).ref_time() + unit(30);
		for (index, expiry) in all.iter().enumerate() {
			let consumed = block_with(500, limit);
			assert!(consumed.ref_time() <= limit);
			assert_eq!(priced(*expiry).round, round, "nearest first");
			assert_eq!(PendingRepricing::<Test>::get().len(), all.len() - index - 1);
			for later in &all[index + 1..] {
				assert_eq!(priced(*later).round, round - 1);
			}
		}
	});
}

#[test]
fn tiny_meter_should_starve_no_expiry_when_every_block_has_a_round() {
	TestExt::new().schedule(twelve()).priced_at(95_000).execute_with(|| {
		let limit = <() as WeightInfo>::check_agenda(1).ref_time() + unit(30);
		for step in 0..36 {
			publish(BTC, usd(95_000 + step));
			block_with(500, limit);
		}
		for expiry in expiries() {
			let behind = Prices::round(BTC) - priced(expiry).round;
			assert!(behind < 12, "{behind} rounds behind");
		}
	});
}

#[test]
fn meter_without_room_should_change_nothing() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		publish(BTC, usd(96_000));
		let root = sp_io::storage::root(Default::default());
		let number = System::block_number();
		assert_eq!(block_with(500, 0).ref_time(), 0);
		System::set_block_number(number);
		assert_eq!(sp_io::storage::root(Default::default()), root);
	});
}

#[test]
fn wider_grid_should_weigh_more() {
	let weight = |strikes, scenarios| Options::reprice_weight(strikes, scenarios);
	assert_eq!(weight(22, 33), <() as WeightInfo>::reprice_expiry(22));
	assert_eq!(weight(22, 64), <() as WeightInfo>::reprice_expiry(41));
	assert_eq!(weight(22, 1), <() as WeightInfo>::reprice_expiry(22));
}

#[test]
fn expiry_without_a_slice_should_keep_its_old_arrays() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let (first, second) = (expiries()[0], expiries()[1]);
		let before = priced(first);
		publish(BTC, usd(96_000));
		source(BTC, |source| source.expiries.remove(&first));
		block(500);
		assert_eq!(priced(first), before, "they age");
		assert_eq!(priced(second).spot.price, usd(96_000));
		assert!(!events().iter().any(|event| matches!(event, Event::ExpiryRepriceFailed { .. })));
	});
}

#[test]
fn expiry_that_fails_to_price_should_be_reported_once_and_block_no_other() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let (first, second) = (expiries()[0], expiries()[1]);
		let failed = Event::ExpiryRepriceFailed {
			underlying: BTC,
			expiry: first,
			reason: RepriceFailure::Pricing,
		};
		let spoil = || {
			source(BTC, |source| source.expiries.get_mut(&first).unwrap().svi.sigma = -1);
		};
		for round in 0..3 {
			publish(BTC, usd(95_000 + round));
			spoil();
			block(500);
			assert_eq!(priced(second).at, published(BTC));
			assert_eq!(priced(first).spot.price, usd(95_000));
			assert!(Options::listing(BTC, first).unwrap().failed);
		}
		assert_eq!(events(), std::slice::from_ref(&failed));
		publish(BTC, usd(95_010));
		block(500);
		assert!(!Options::listing(BTC, first).unwrap().failed);
		assert_eq!(priced(first).at, published(BTC));
		publish(BTC, usd(95_010));
		spoil();
		block(500);
		assert_eq!(events(), [failed.clone(), failed]);
	});
}

#[test]
fn extreme_and_zero_prices_should_stop_nothing() {
	TestExt::new().underlying(2, "ETH").priced_at(95_000).execute_with(|| {
		for price in [Price::ZERO, Price::from_pico_usd(1).unwrap(), Price::MAX] {
			publish(BTC, price);
			publish(2, usd(95_001));
			block(500);
			let eth = <Options as Markets>::expiries(2)[0];
			assert_eq!(<Options as Markets>::priced(2, eth).unwrap().at(), published(2));
		}
		// Forward factors of six leave the range of prices.
		let failed = |event: &Event<Test>| matches!(event, Event::ExpiryRepriceFailed { .. });
		assert!(events().iter().any(failed));
		publish(BTC, usd(95_000));
		block(500);
		assert_eq!(priced(expiries()[0]).at, published(BTC));
	});
}

#[test]
fn rates_and_confidences_out_of_range_should_be_reported() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		publish(BTC, usd(95_000));
		source(BTC, |source| {
			source.expiries.values_mut().for_each(|price| price.rate = Ppb(i64::MAX));
		});
		block(500);
		let reasons: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::ExpiryRepriceFailed { reason, .. } => Some(reason),
				_ => None,
			})
			.collect();
		assert_eq!(reasons, [RepriceFailure::Market; 2]);
	});
}

#[test]
fn forward_should_move_to_the_average_inside_the_window() {
	let minutes = Some(Minutes { period_minutes: 60, count: 1 });
	let schedule = Schedule { minutes, dailies: 0, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let average = |price| SettlementAverage {
			average: Some(price),
			elapsed: Ppb(500_000_000),
			is_final: false,
		};
		source(BTC, |source| source.settlements.insert(expiry, average(usd(90_000))));
		// Before the window the average says nothing.
		set_now(expiry - WINDOW - 1_000);
		publish(BTC, usd(100_000));
		block(1_000);
		assert_eq!(priced(expiry).forward, usd(100_100));
		// Half of the window later: half of each.
		set_now(expiry - WINDOW / 2);
		publish(BTC, usd(100_000));
		block(0);
		assert_eq!(priced(expiry).forward, usd(95_050));
		assert_eq!(priced(expiry).seconds, 15 * 60);
		// An open window without an average takes the market's forward.
		source(BTC, |source| source.settlements.clear());
		publish(BTC, usd(100_000));
		block(0);
		assert_eq!(priced(expiry).forward, usd(100_100));
	});
}

#[test]
fn passed_expiry_should_be_priced_as_its_payoff_without_a_slice() {
	let minutes = Some(Minutes { period_minutes: 5, count: 1 });
	let schedule = Schedule { minutes, dailies: 0, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let mark = |kind| {
			let priced = priced(expiry);
			let strike = 94_000 * USD;
			let strike = if priced.strikes.contains(&strike) { strike } else { priced.strikes[0] };
			let mark = priced.mark(priced.index(strike, kind).unwrap()).unwrap();
			(mark.pico_usd() / 1_000_000, strike)
		};
		set_now(expiry - MINUTE);
		block(MINUTE);
		// No average yet: spot stands in.
		assert_eq!((priced(expiry).seconds, priced(expiry).forward), (0, usd(95_000)));
		let average = SettlementAverage { average: Some(usd(94_800)), ..Default::default() };
		source(BTC, |source| source.settlements.insert(expiry, average));
		publish(BTC, usd(96_000));
		block(500);
		assert_eq!(priced(expiry).forward, usd(94_800));
		settle_at(BTC, expiry, usd(94_700));
		block(500);
		// The price of settlement counts from the block it is taken in.
		assert_eq!(priced(expiry).forward, usd(94_700));
		assert_eq!(priced(expiry).terms.confidence, Ppb::ONE);
		let (call, strike) = mark(ballast_exchange::OptionKind::Call);
		assert_eq!(call, (94_700 * USD as i64 - strike as i64).max(0));
		let (put, strike) = mark(ballast_exchange::OptionKind::Put);
		assert_eq!(put, (strike as i64 - 94_700 * USD as i64).max(0));
	});
}

#[test]
fn settled_expiry_should_not_be_priced_any_more() {
	let minutes = Some(Minutes { period_minutes: 5, count: 1 });
	let schedule = Schedule { minutes, dailies: 0, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		set_now(expiry);
		settle_at(BTC, expiry, usd(95_000));
		block(0);
		<Options as Markets>::settled(BTC, expiry);
		let before = priced(expiry);
		publish(BTC, usd(96_000));
		block(500);
		assert_eq!(priced(expiry), before);
	});
}

#[test]
fn requested_strike_should_not_wait_for_a_round() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		assert_ok!(Options::list_strike(RuntimeOrigin::signed(1), BTC, expiry, 50_000 * USD));
		assert_eq!(PendingRepricing::<Test>::get().to_vec(), [(BTC, expiry)]);
		block(500);
		assert!(priced(expiry).strikes.contains(&(50_000 * USD)));
	});
}
