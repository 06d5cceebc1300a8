// SPDX-License-Identifier: Apache-2.0

use super::make::*;
use crate::{
	choosing::{bid_for, edge_of, for_sale, gain_of, rank, share_for, slice_of, whole_lots},
	types::{Auction, Bid, Rules},
};
use ballast_exchange::Ppb;

fn share(auction: &Auction, rules: Rules, halvings: u32) -> Ppb {
	share_for(auction, &rules, halvings, false)
}

#[test]
fn edge_should_be_what_the_discount_leaves() {
	assert_eq!(gain_of(&auction()), usd(500));
	assert_eq!(edge_of(&auction()), 0.1);
}

#[test]
fn cash_of_earlier_bidders_should_not_be_for_sale() {
	let later = reserving(usd(4_000), Auction { price: usd(2_700), ..auction() });
	assert_eq!(for_sale(&later), usd(6_000));
	assert_eq!(edge_of(&later), 0.1);
	assert_eq!(slice_of(&later, HALF).cash, usd(2_000));
}

#[test]
fn edge_should_count_by_what_a_book_owes() {
	assert_eq!(gain_of(&insolvent()), usd(100));
	assert_eq!(edge_of(&insolvent()), 0.1);
	let worthless = |price| Auction { equity: 0, price, ..insolvent() };
	assert_eq!(edge_of(&worthless(usd(-50))), f64::INFINITY);
	assert_eq!(edge_of(&worthless(0)), 0.0);
}

#[test]
fn reserved_cash_should_go_with_an_insolvent_book() {
	let later = reserving(usd(500), insolvent());
	assert_eq!(for_sale(&later), usd(-1_000));
	assert_eq!(slice_of(&later, WHOLE).cash, usd(8_000));
}

#[test]
fn rank_should_put_the_best_edge_first_and_the_larger_gain_of_two_that_are_equal() {
	let good = Auction { discount: Ppb::percent(80), price: usd(4_000), ..of(b'g') };
	let large = Auction { equity: usd(20_000), price: usd(9_000), ..of(b'l') };
	let usual = of(b'u');
	let ranked = rank(vec![usual.clone(), large.clone(), good.clone()], &rules(), &me());
	assert_eq!(ranked, [good, large, usual]);
}

#[test]
fn rank_should_leave_alone_what_has_less_than_the_least_edge() {
	let count = |min_edge| rank(vec![auction()], &Rules { min_edge, ..rules() }, &me()).len();
	assert_eq!(count(Ppb(100_000_000)), 1);
	assert_eq!(count(Ppb(100_100_000)), 0);
}

#[test]
fn rank_should_leave_alone_what_gains_less_than_the_least_gain() {
	let count = |min_gain| rank(vec![auction()], &Rules { min_gain, ..rules() }, &me()).len();
	assert_eq!(count(usd(500)), 1);
	assert_eq!(count(usd(500) + 10_000), 0);
	let nothing = Auction { equity: 0, price: 0, ..insolvent() };
	let lenient = Rules { min_edge: Ppb::ZERO, min_gain: 0, ..rules() };
	assert!(rank(vec![nothing], &lenient, &me()).is_empty());
}

#[test]
fn rank_should_leave_alone_old_prices_empty_offers_and_own_accounts() {
	let none = vec![
		Auction { is_open: false, ..auction() },
		Auction { max_share: Ppb::ZERO, ..auction() },
		Auction { account: crate::types::Key { index: 7, owner: me() }, ..auction() },
	];
	assert!(rank(none, &rules(), &me()).is_empty());
}

#[test]
fn rank_should_leave_alone_what_nobody_can_count() {
	let none = vec![
		Auction { equity: i128::MAX, ..auction() },
		Auction { price: i128::MIN, ..auction() },
		reserving(i128::MIN, auction()),
		Auction { max_share: Ppb(-1), ..auction() },
		Auction { max_share: Ppb(i64::MAX), ..auction() },
	];
	assert!(rank(none, &rules(), &me()).is_empty());
}

#[test]
fn whole_lots_should_be_lots_of_the_largest_position() {
	assert_eq!(whole_lots(&holding(&[3, -7]), HALF), Ppb(428_571_429));
	assert_eq!(whole_lots(&holding(&[1]), Ppb(WHOLE.0 - 1)), Ppb::ZERO);
	assert_eq!(whole_lots(&holding(&[1]), WHOLE), WHOLE);
	let mut units = with_collateral(4);
	units.positions.clear();
	assert_eq!(whole_lots(&units, Ppb(600_000_000)), HALF);
	assert_eq!(whole_lots(&holding(&[]), Ppb(999_999_999)), Ppb::ZERO);
}

#[test]
fn whole_lots_should_be_the_same_when_rounded_again() {
	for lots in (1..500).step_by(7) {
		let book = holding(&[lots]);
		for share in (1_234_567..WHOLE.0).step_by(61_803_399) {
			let whole = whole_lots(&book, Ppb(share));
			assert!(whole.0 <= share + 1, "{lots} lots, {share}");
			assert_eq!(whole_lots(&book, whole), whole, "{lots} lots, {share}");
		}
	}
}

#[test]
fn share_should_be_the_largest_on_sale_where_the_rules_allow_it() {
	assert_eq!(share(&auction(), rules(), 0), HALF);
}

#[test]
fn share_should_be_bounded_by_the_rules_the_value_and_the_halvings() {
	let quarter = Ppb(250_000_000);
	assert_eq!(share(&auction(), Rules { max_share: quarter, ..rules() }, 0), quarter);
	let tenth = Ppb(100_000_000);
	assert_eq!(share(&auction(), Rules { max_equity: usd(1_000), ..rules() }, 0), tenth);
	assert_eq!(share(&auction(), rules(), 1), quarter);
	assert_eq!(share(&insolvent(), Rules { max_equity: usd(100), ..rules() }, 0), tenth);
}

#[test]
fn share_should_be_one_lot_at_least_if_that_fits_the_rules() {
	let two = Auction { book: holding(&[2]), ..auction() };
	assert_eq!(share(&two, rules(), 6), HALF);
	assert_eq!(share(&two, Rules { max_equity: usd(4_999), ..rules() }, 0), Ppb::ZERO);
	assert_eq!(share(&two, Rules { max_equity: usd(5_000), ..rules() }, 0), HALF);
}

#[test]
fn share_should_be_everything_or_nothing_when_only_that_helps() {
	let all = |rules, halvings| share_for(&auction(), &rules, halvings, true);
	assert_eq!(all(rules(), 0), WHOLE);
	assert_eq!(all(Rules { max_share: Ppb::percent(90), ..rules() }, 0), Ppb::ZERO);
	assert_eq!(all(Rules { max_equity: usd(9_999), ..rules() }, 0), Ppb::ZERO);
	assert_eq!(all(rules(), 1), Ppb::ZERO);
}

#[test]
fn slice_should_have_its_part_of_everything_rounded_down() {
	let indebted = ballast_exchange::Account { cash: -1, ..book() };
	let slice = slice_of(&Auction { book: indebted, ..auction() }, Ppb(333_000_000));
	let lots: Vec<_> = slice.positions.iter().map(|held| held.lots).collect();
	assert_eq!(lots, [333, -166]);
	assert_eq!((slice.cash, slice.equity, slice.price), (-1, usd(3_330), usd(2_997)));
}

#[test]
fn limit_should_be_half_a_percent_above_the_quoted_price() {
	let bid = bid_for(&auction(), &slice_of(&auction(), HALF), &rules());
	let expected = Bid { account: key(b't'), max_share: HALF, limit: usd(4_522) + 500_000 };
	assert_eq!(bid, expected);
	let quarter = slice_of(&auction(), Ppb(250_000_000));
	assert_eq!(bid_for(&auction(), &quarter, &rules()).limit, usd(2_261) + 250_000);
}

#[test]
fn limit_should_leave_the_least_edge() {
	let slice = slice_of(&auction(), HALF);
	let limit = |min_edge| bid_for(&auction(), &slice, &Rules { min_edge, ..rules() }).limit;
	assert_eq!(limit(Ppb(99_000_000)), usd(4_505));
	assert_eq!(limit(Ppb::percent(10)), usd(4_500));
}

#[test]
fn limit_should_ask_for_a_little_less_than_was_quoted_when_the_fund_pays() {
	let limit = |share, rules| bid_for(&insolvent(), &slice_of(&insolvent(), share), &rules).limit;
	assert_eq!(limit(WHOLE, rules()), usd(-1_094) - 500_000);
	assert_eq!(limit(HALF, rules()), usd(-547) - 250_000);
	assert_eq!(limit(WHOLE, Rules { min_edge: Ppb(98_000_000), ..rules() }), usd(-1_098));
}

#[test]
fn bid_for_everything_should_pay_for_everything_in_proportion() {
	let bid = bid_for(&auction(), &slice_of(&auction(), WHOLE), &rules());
	assert_eq!((bid.max_share, bid.limit), (WHOLE, usd(9_045)));
}
