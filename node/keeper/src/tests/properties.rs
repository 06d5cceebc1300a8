// SPDX-License-Identifier: Apache-2.0

use super::make::*;
use crate::{
	choosing::{bid_for, for_sale, rank, share_for, slice_of},
	keeper::{Keeper, Look},
	margin::trades_of,
	types::{Auction, Rules, Standing},
};
use ballast_exchange::{Account, Ppb};
use proptest::prelude::*;

prop_compose! {
	fn any_rules()(
		max_share in 1..=1_000_000_000i64,
		max_equity in 10_000..=usd(1_000_000_000),
		min_edge in 0..=1_000_000_000i64,
		min_gain in 0..=usd(100_000),
		keep_free in 0..=usd(100_000),
		bids_per_block in 1..=32u32,
	) -> Rules {
		let (max_share, min_edge) = (Ppb(max_share), Ppb(min_edge));
		Rules { max_share, max_equity, min_edge, min_gain, keep_free, bids_per_block }
	}
}

prop_compose! {
	/// Auctions as the chain offers them, and some as it never would.
	fn any_auction()(
		name in 0..50u8,
		lots in prop::collection::vec((1..=1_000_000i64, any::<bool>()), 0..4),
		units in prop::option::of(1..=1_000_000_000_000u128),
		cash in -usd(1_000_000)..=usd(1_000_000),
		equity in prop_oneof![-usd(1_000_000)..=usd(1_000_000), any::<i128>()],
		reserved in 0..=usd(10_000),
		discount in prop_oneof![Just(0), 0..=950_000_000i64],
		max_share in prop_oneof![0..=1_000_000_000i64, any::<i64>()],
		price in prop_oneof![-usd(1_000_000)..=usd(1_000_000), any::<i128>()],
		is_open in any::<bool>(),
	) -> Auction {
		let lots: Vec<_> =
			lots.into_iter().map(|(lots, is_long)| if is_long { lots } else { -lots }).collect();
		let mut book = Account { cash, ..holding(&lots) };
		if let Some(units) = units {
			book.collateral.try_push((2, units)).expect("room for one");
		}
		let (discount, max_share) = (Ppb(discount), Ppb(max_share));
		let open = Auction { book, equity, discount, max_share, price, is_open, ..of(name) };
		reserving(reserved, open)
	}
}

prop_compose! {
	fn any_standing()(
		cash in -usd(10_000)..=usd(1_000_000),
		initial in prop_oneof![-usd(10_000)..=usd(1_000_000), any::<i128>()],
	) -> Standing {
		let mut standing = Standing { cash, ..standing() };
		standing.margin.initial = initial;
		standing
	}
}

/// What a keeper makes of auctions when it first looks, with an account of its own. A lot takes 3 dollars of margin.
fn first_look(rules: Rules, listed: Vec<Auction>, own: Standing) -> Look {
	let mut exchange = FakeExchange::new(listed);
	exchange.account = Some(own);
	exchange.usd_per_lot = 3;
	Keeper::new(rules).look(&exchange, 1, 1)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn bids_of_a_look_should_stay_within_cash_shares_and_value(
		rules in any_rules(),
		listed in prop::collection::vec(any_auction(), 0..12),
		own in any_standing(),
	) {
		let look = first_look(rules, listed, own);
		prop_assert!(look.chosen.len() <= rules.bids_per_block as usize);
		let mut cash = own.cash;
		for chosen in &look.chosen {
			let (bid, slice) = (&chosen.bid, &chosen.slice);
			prop_assert!(bid.max_share > Ppb::ZERO && bid.max_share <= rules.max_share);
			prop_assert!(slice.equity.abs() <= rules.max_equity + 1);
			prop_assert!(bid.limit >= slice.price);
			prop_assert!(bid.limit <= slice.price + slice.price.abs() / 200 + 1);
			// Nobody borrows the price: whatever the account has after the bid, it owes no more than it takes over.
			prop_assert!(slice.price <= cash.max(0) + slice.cash.max(0));
			cash += slice.cash - slice.price;
		}
	}

	#[test]
	fn margin_should_stay_free_after_every_bid_of_a_look(
		rules in any_rules(),
		listed in prop::collection::vec(any_auction(), 0..12),
		own in any_standing(),
	) {
		let look = first_look(rules, listed, own);
		let slices: Vec<_> = look.chosen.iter().map(|chosen| &chosen.slice).collect();
		// No simulation knows other assets: the chain alone decides about them.
		if let Some(trades) = trades_of(&slices).filter(|_| !slices.is_empty()) {
			let lots: i64 = trades.iter().map(|trade| trade.lots).sum();
			let cash: i128 = slices.iter().map(|slice| slice.cash - slice.price).sum();
			let left = own.margin.initial - usd(i128::from(lots) * 3) + cash;
			prop_assert!(left >= rules.keep_free, "{left}");
		}
	}

	#[test]
	fn limit_should_leave_the_least_edge_of_what_was_seen(
		rules in any_rules(),
		each in any_auction(),
	) {
		for auction in rank(vec![each], &rules, &me()) {
			let share = share_for(&auction, &rules, 0, false);
			if share == Ppb::ZERO {
				continue;
			}
			let slice = slice_of(&auction, share);
			let bid = bid_for(&auction, &slice, &rules);
			let least = slice.equity.abs() * i128::from(rules.min_edge.0) / 1_000_000_000;
			// A smaller slice is quoted in proportion, and each of the two figures is rounded.
			let quoted = slice.equity - slice.price;
			prop_assert!(slice.equity - bid.limit >= least.min(quoted));
		}
	}

	#[test]
	fn slices_should_be_no_larger_than_the_book(each in any_auction(), share in 1..=1_000_000_000i64) {
		for auction in rank(vec![each], &Rules { min_edge: Ppb::ZERO, ..rules() }, &me()) {
			let slice = slice_of(&auction, Ppb(share));
			prop_assert!(slice.equity.abs() <= for_sale(&auction).abs());
			for taken in &slice.positions {
				let held = auction.book.position(&taken.series);
				prop_assert!(taken.lots.signum() == held.signum());
				prop_assert!(taken.lots.abs() <= held.abs());
			}
		}
	}
}
