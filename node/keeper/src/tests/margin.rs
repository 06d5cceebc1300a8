// SPDX-License-Identifier: Apache-2.0

use super::make::{series, standing, usd};
use crate::{
	margin::{can_pay, is_enough, trades_of},
	types::{Slice, Standing},
};
use ballast_exchange::{Margin, MicroUsd, Position, Ppb, Side};
use pallet_clearing::HypotheticalTrade;

fn slice() -> Slice {
	Slice {
		share: Ppb(1),
		equity: usd(100),
		price: usd(90),
		cash: 0,
		positions: Vec::new(),
		has_collateral: false,
	}
}

fn holding(lots: &[(u64, i64)]) -> Slice {
	let position = |(strike, lots): &(u64, i64)| Position { series: series(*strike), lots: *lots };
	Slice { positions: lots.iter().map(position).collect(), ..slice() }
}

fn trade(strike: u64, side: Side, lots: i64) -> HypotheticalTrade {
	HypotheticalTrade { series: series(strike), side, lots, price: 1 }
}

fn with_cash(cash: MicroUsd) -> Standing {
	Standing { cash, ..standing() }
}

#[test]
fn lots_of_slices_should_become_trades_one_for_each_series() {
	let one = holding(&[(2, 5), (1, -2)]);
	let two = holding(&[(2, -5), (1, -1)]);
	assert_eq!(trades_of(&[&one, &two]), Some(vec![trade(1, Side::Sell, 3)]));
	let both = vec![trade(1, Side::Sell, 2), trade(2, Side::Buy, 5)];
	assert_eq!(trades_of(&[&one]), Some(both));
}

#[test]
fn trades_should_be_unknown_with_other_assets_or_too_many_series() {
	assert_eq!(trades_of(&[&Slice { has_collateral: true, ..slice() }]), None);
	let many = |count| holding(&(1..=count).map(|strike| (strike, 1)).collect::<Vec<_>>());
	assert_eq!(trades_of(&[&many(64)]).map(|trades| trades.len()), Some(64));
	assert_eq!(trades_of(&[&many(65)]), None);
	let huge = holding(&[(1, i64::MAX)]);
	assert_eq!(trades_of(&[&huge, &huge]), None);
}

#[test]
fn price_should_be_paid_from_cash_that_is_there_or_comes_along() {
	let bringing = |cash| Slice { cash, ..slice() };
	assert!(can_pay(&with_cash(usd(90)), &[], &slice()));
	assert!(!can_pay(&with_cash(usd(89)), &[], &slice()));
	assert!(can_pay(&with_cash(usd(-5)), &[], &bringing(usd(90))));
	assert!(can_pay(&with_cash(usd(90)), &[], &bringing(usd(-500))));
	assert!(!can_pay(&with_cash(usd(100)), &[&slice()], &slice()));
	let paid_for = Slice { price: usd(-10), ..bringing(usd(-500)) };
	assert!(can_pay(&with_cash(0), &[], &paid_for));
	assert!(!can_pay(&with_cash(MicroUsd::MAX), &[], &slice()));
}

#[test]
fn margin_should_count_what_is_paid_and_what_comes_along() {
	let margin = Margin { initial: usd(100), ..standing().margin };
	let after = Standing { margin, ..standing() };
	let slice = |price, cash| Slice { price: usd(price), cash: usd(cash), ..slice() };
	assert!(is_enough(&after, &[&slice(90, 10)], usd(20)));
	assert!(!is_enough(&after, &[&slice(90, 9)], usd(20)));
	assert!(!is_enough(&after, &[&slice(50, -100)], 0));
	assert!(is_enough(&after, &[&slice(-50, -100)], 0));
	assert!(!is_enough(&Standing { is_fresh: false, ..after }, &[], 0));
	let margin = Margin { initial: MicroUsd::MIN, ..margin };
	assert!(!is_enough(&Standing { margin, ..after }, &[&slice(90, 10)], MicroUsd::MIN));
}
