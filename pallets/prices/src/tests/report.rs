// SPDX-License-Identifier: Apache-2.0
//! What is stored of a report, and what is dropped of it.

use crate::{mock::*, *};
use ballast_exchange::{ExpiryReport, Ppb, Price, PriceReport, INHERENT_IDENTIFIER};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo, Pays},
	inherent::{InherentData, ProvideInherent},
};
use sp_runtime::DispatchError;

/// Reports as author 1 without aggregating.
fn report(report: PriceReport) {
	System::reset_events();
	assert_ok!(Prices::report(RuntimeOrigin::none(), report));
}

fn stored() -> StoredReport {
	Reports::<Test>::get(1).unwrap()
}

fn dropped() -> Vec<(Part, DropReason)> {
	let parts = events().into_iter().find_map(|event| match event {
		Event::PartsDropped { author: 1, parts } => Some(parts),
		_ => None,
	});
	parts.unwrap_or_default().into_iter().map(|dropped| (dropped.part, dropped.reason)).collect()
}

/// Reports one expiry with a change and returns why it was dropped.
fn reason_when(change: impl FnOnce(&mut ExpiryReport)) -> Option<DropReason> {
	let mut expiry = expiry_report(NEAR, usd(95_000), 60);
	change(&mut expiry);
	let part = Part::Expiry(BTC, expiry.expiry);
	report(report_of(vec![underlying_report(BTC, usd(95_000), vec![expiry])]));
	let dropped = dropped();
	assert!(dropped.iter().all(|(dropped, _)| *dropped == part), "{dropped:?}");
	// The rest of the report counts.
	let kept = &stored().underlyings[0];
	assert_eq!((kept.spot, kept.expiries.len()), (usd(95_000), 1 - dropped.len()));
	dropped.first().map(|(_, reason)| *reason)
}

fn each_reason_when(change: impl FnOnce(&mut ExpiryReport)) -> Option<DropReason> {
	let mut reason = None;
	ExtBuilder::default().build_and_execute(|| reason = reason_when(change));
	reason
}

#[test]
fn report_should_be_stored_whole_when_nothing_is_wrong() {
	ExtBuilder::default().build_and_execute(|| {
		report(btc(95_000));
		assert_eq!(stored().at, START);
		assert_eq!(stored().quote_price, Some(Ppb::ONE));
		assert_eq!(stored().underlyings, btc(95_000).underlyings);
		assert_eq!(Recent::<Test>::get().to_vec(), vec![(1, START)]);
		assert_eq!(events(), vec![Event::ReportTaken { author: 1, underlyings: 1, expiries: 2 }]);
	});
}

#[test]
fn report_should_be_ignored_when_the_block_has_one() {
	ExtBuilder::default().build_and_execute(|| {
		report(btc(95_000));
		Author::set(Some(2));
		report(btc(1));
		let reason = IgnoreReason::AlreadyReported;
		assert_eq!(events(), vec![Event::ReportIgnored { reason }]);
		assert_eq!(Reports::<Test>::iter().count(), 1);
		assert_eq!(stored().underlyings, btc(95_000).underlyings);
	});
}

#[test]
fn report_should_be_ignored_when_the_block_has_no_author() {
	ExtBuilder::default().build_and_execute(|| {
		Author::set(None);
		report(btc(95_000));
		assert_eq!(events(), vec![Event::ReportIgnored { reason: IgnoreReason::NoAuthor }]);
		assert_eq!(Reports::<Test>::iter().count(), 0);
		assert_eq!(ReportedIn::<Test>::get(), None);
	});
}

#[test]
fn report_should_be_refused_when_someone_signs_it() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::root()] {
			assert_noop!(Prices::report(origin, btc(1)), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn report_should_replace_the_last_one_of_its_author() {
	ExtBuilder::default().build_and_execute(|| {
		report(btc(95_000));
		begin_block_at(START + BLOCK);
		report(btc(96_000));
		assert_eq!(stored().underlyings[0].spot, usd(96_000));
		assert_eq!(Recent::<Test>::get().to_vec(), vec![(1, START + BLOCK)]);
	});
}

#[test]
fn oldest_author_should_give_way_when_there_are_too_many() {
	ExtBuilder::default().build_and_execute(|| {
		for author in 1..=u64::from(MAX_RECENT_AUTHORS) + 1 {
			begin_block_at(START + author);
			Author::set(Some(author));
			report(btc_spot(usd(95_000)));
		}
		assert_eq!(Recent::<Test>::get().len(), MAX_RECENT_AUTHORS as usize);
		assert_eq!(Recent::<Test>::get()[0].0, 2);
		assert_eq!(Reports::<Test>::get(1), None);
	});
}

#[test]
fn quote_price_should_be_dropped_when_margin_would_refuse_it() {
	ExtBuilder::default().build_and_execute(|| {
		for quote in [i64::MIN, 0, 9_999_999, 10_000_000, 100_000_000_000, 100_000_000_001] {
			begin_block_at(Now::get() + BLOCK);
			report(PriceReport { quote_price: Ppb(quote), ..btc_spot(usd(1)) });
			let market = ballast_risk::Market {
				spot: usd(1),
				spot_confidence: Ppb::ONE,
				quote_price: Ppb(quote),
			};
			let expected = market.validate().ok().map(|_| Ppb(quote));
			assert_eq!(stored().quote_price, expected);
			let reason = (Part::QuotePrice, DropReason::QuotePriceOutOfRange);
			assert_eq!(dropped().contains(&reason), expected.is_none());
			assert_eq!(stored().underlyings.len(), 1);
		}
	});
}

#[test]
fn underlying_should_be_dropped_when_unknown_doubled_or_free() {
	ExtBuilder::default().build_and_execute(|| {
		let of = |underlying, spot| underlying_report(underlying, spot, vec![]);
		report(report_of(vec![
			of(9, usd(5)),
			of(ETH, Price::ZERO),
			of(BTC, usd(95_000)),
			of(BTC, usd(1)),
		]));
		assert_eq!(
			dropped(),
			vec![
				(Part::Underlying(9), DropReason::NotListed),
				(Part::Underlying(ETH), DropReason::ZeroPrice),
				(Part::Underlying(BTC), DropReason::Duplicate),
			]
		);
		assert_eq!(stored().underlyings.to_vec(), vec![of(BTC, usd(95_000))]);
	});
}

#[test]
fn expiry_should_be_kept_when_nothing_is_wrong() {
	assert_eq!(each_reason_when(|_| ()), None);
	assert_eq!(each_reason_when(|expiry| expiry.rate = Ppb(-10_000_000_000)), None);
	assert_eq!(each_reason_when(|expiry| expiry.rate = Ppb(10_000_000_000)), None);
}

#[test]
fn expiry_should_be_dropped_when_it_is_not_listed() {
	assert_eq!(each_reason_when(|expiry| expiry.expiry += 1), Some(DropReason::NotListed));
}

#[test]
fn expiry_should_be_dropped_when_a_number_is_out_of_range() {
	let reason = each_reason_when(|expiry| expiry.forward = Price::ZERO);
	assert_eq!(reason, Some(DropReason::ZeroPrice));
	for rate in [i64::MIN, -10_000_000_001, 10_000_000_001, i64::MAX] {
		let reason = each_reason_when(|expiry| expiry.rate = Ppb(rate));
		assert_eq!(reason, Some(DropReason::RateOutOfRange));
	}
}

#[test]
fn expiry_should_be_dropped_when_its_slice_is_invalid() {
	let changes: [fn(&mut ExpiryReport); 7] = [
		|expiry| expiry.svi.b = -1,
		|expiry| expiry.svi.rho = 1 << 56,
		|expiry| expiry.svi.sigma = 0,
		|expiry| expiry.svi.tau = 0,
		|expiry| expiry.svi.a = i64::MAX,
		|expiry| expiry.svi.forward = Price::ZERO,
		// No variance at all.
		|expiry| expiry.svi.a = 0,
	];
	for change in changes {
		assert_eq!(each_reason_when(change), Some(DropReason::InvalidSlice));
	}
}

#[test]
fn expiry_should_be_dropped_when_its_slice_has_a_butterfly() {
	// A vertex far sharper than the strikes, in wings far too steep.
	let reason = each_reason_when(|expiry| {
		expiry.svi.a = 0;
		expiry.svi.b = 8 << 56;
		expiry.svi.sigma = 1 << 40;
	});
	assert!(matches!(reason, Some(DropReason::Butterfly { .. })), "{reason:?}");
}

#[test]
fn later_expiry_should_be_dropped_when_the_earlier_has_more_variance() {
	ExtBuilder::default().build_and_execute(|| {
		// 200 % for a week is more than 60 % for a month.
		let near = expiry_report(NEAR, usd(95_000), 200);
		let far = expiry_report(FAR, usd(95_000), 60);
		// In any order: expiries are held against their neighbours in time.
		report(report_of(vec![underlying_report(BTC, usd(95_000), vec![far, near.clone()])]));
		let reason = DropReason::Calendar { strike: usd(70_000) };
		assert_eq!(dropped(), vec![(Part::Expiry(BTC, FAR), reason)]);
		assert_eq!(stored().underlyings[0].expiries.to_vec(), vec![near]);
	});
}

#[test]
fn expiry_should_be_held_against_the_last_one_that_passed() {
	let middle = NEAR + DAY;
	let listed = |expiry| (expiry, vec![usd(90_000), usd(100_000)]);
	let listing = vec![(BTC, vec![listed(NEAR), listed(middle), listed(FAR)])];
	ExtBuilder::default().listing(listing).build_and_execute(|| {
		let mut broken = expiry_report(middle, usd(95_000), 900);
		broken.forward = Price::ZERO;
		let expiries =
			vec![expiry_report(NEAR, usd(95_000), 60), broken, expiry_report(FAR, usd(95_000), 60)];
		report(report_of(vec![underlying_report(BTC, usd(95_000), expiries)]));
		assert_eq!(dropped(), vec![(Part::Expiry(BTC, middle), DropReason::ZeroPrice)]);
	});
}

#[test]
fn expiry_should_be_dropped_when_its_direct_neighbour_has_more_variance() {
	let middle = NEAR + DAY;
	let listed = |expiry| (expiry, vec![usd(90_000), usd(100_000)]);
	let listing = vec![(BTC, vec![listed(NEAR), listed(middle), listed(FAR)])];
	ExtBuilder::default().listing(listing).build_and_execute(|| {
		// 60 % for a month is more than 60 % for a week, and less than 200 % for eight days.
		let expiries = vec![
			expiry_report(NEAR, usd(95_000), 60),
			expiry_report(middle, usd(95_000), 200),
			expiry_report(FAR, usd(95_000), 60),
		];
		report(report_of(vec![underlying_report(BTC, usd(95_000), expiries)]));
		let reason = DropReason::Calendar { strike: usd(90_000) };
		assert_eq!(dropped(), vec![(Part::Expiry(BTC, FAR), reason)]);
	});
}

#[test]
fn expiry_should_be_dropped_when_it_is_named_twice_or_has_passed() {
	ExtBuilder::default().build_and_execute(|| {
		let first = expiry_report(FAR, usd(95_000), 60);
		let second = expiry_report(FAR, usd(1), 60);
		Now::set(NEAR);
		let expiries = vec![first.clone(), second, expiry_report(NEAR, usd(95_000), 60)];
		report(report_of(vec![underlying_report(BTC, usd(95_000), expiries)]));
		assert_eq!(
			dropped(),
			vec![
				(Part::Expiry(BTC, NEAR), DropReason::Expired),
				(Part::Expiry(BTC, FAR), DropReason::Duplicate),
			]
		);
		assert_eq!(stored().underlyings[0].expiries.to_vec(), vec![first]);
	});
}

#[test]
fn expiry_should_be_dropped_when_it_is_beyond_five_years() {
	let years = |years: u64| START + years * 365 * DAY;
	let listing = vec![(BTC, vec![(years(5), vec![]), (years(6), vec![]), (u64::MAX, vec![])])];
	ExtBuilder::default().listing(listing).build_and_execute(|| {
		let mut last = expiry_report(years(6), usd(1), 60);
		last.expiry = u64::MAX;
		let expiries =
			vec![expiry_report(years(5), usd(1), 60), expiry_report(years(6), usd(1), 60), last];
		report(report_of(vec![underlying_report(BTC, usd(1), expiries)]));
		let too_far = |expiry| (Part::Expiry(BTC, expiry), DropReason::TooFar);
		assert_eq!(dropped(), vec![too_far(years(6)), too_far(u64::MAX)]);
	});
}

#[test]
fn inherent_should_carry_the_report_of_the_feed() {
	ExtBuilder::default().build_and_execute(|| {
		let mut data = InherentData::new();
		assert_eq!(Prices::create_inherent(&data), None);
		data.put_data(INHERENT_IDENTIFIER, &btc(95_000)).unwrap();
		let call = Prices::create_inherent(&data).unwrap();
		assert_eq!(call, Call::report { report: btc(95_000) });
		assert!(Prices::is_inherent(&call));
		assert!(!Prices::is_inherent(&Call::set_parameters { parameters: parameters() }));
		assert!(matches!(Prices::is_inherent_required(&data), Ok(None)));
		// Another node's feed says something else: that is no reason to refuse the block.
		assert!(Prices::check_inherent(&Call::report { report: btc(1) }, &data).is_ok());
	});
}

#[test]
fn inherent_should_be_left_out_when_the_feed_speaks_gibberish() {
	ExtBuilder::default().build_and_execute(|| {
		let mut data = InherentData::new();
		data.put_data(INHERENT_IDENTIFIER, &(i64::MAX, u32::MAX)).unwrap();
		assert_eq!(Prices::create_inherent(&data), None);
	});
}

#[test]
fn report_should_be_mandatory_free_and_weigh_what_it_took() {
	ExtBuilder::default().build_and_execute(|| {
		let call = Call::<Test>::report { report: btc(95_000) };
		let info = call.get_dispatch_info();
		assert_eq!(info.class, DispatchClass::Mandatory);
		let post = Prices::report(RuntimeOrigin::none(), btc(95_000)).unwrap();
		assert_eq!(post.pays_fee, Pays::No);
		let actual = post.actual_weight.unwrap();
		// Seven strikes of each expiry instead of 64.
		let strikes = <() as WeightInfo>::check_strikes(2 * (64 - 7));
		assert_eq!(info.call_weight, actual.saturating_add(strikes));
		// A second one is hardly looked at.
		let ignored = Prices::report(RuntimeOrigin::none(), btc(95_000)).unwrap();
		assert!(ignored.actual_weight.unwrap().all_lt(actual));
	});
}
