// SPDX-License-Identifier: Apache-2.0
//! What a keeper bids: the largest share of a book that its cash and its margin carry.

use ballast_exchange::{MicroUsd, Ppb};
use ballast_runtime::AccountId;
use pallet_liquidation::AuctionReport;

const BILLION: i128 = 1_000_000_000;
/// Initial margin over the maintenance requirement of a book, hundredths: short options need up to twice as much.
const INITIAL_OVER_MAINTENANCE: i128 = 180;
/// How far above the price seen a bid may be taken, hundredths of the book's requirement: prices move in a block.
const SLIPPAGE: i128 = 10;

/// What a keeper has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
	/// Cash, micro-USD.
	pub cash: MicroUsd,
	/// Initial margin, micro-USD.
	pub initial: MicroUsd,
	/// By how many hundredths margin has been underestimated of late.
	pub caution: i128,
}

/// A bid with what it takes out of a purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
	/// The share asked for.
	pub share: Ppb,
	/// The most to pay for it; below zero the least to be paid.
	pub limit: MicroUsd,
	/// Cash that it takes.
	pub cash: MicroUsd,
	/// Initial margin that it takes.
	pub initial: MicroUsd,
}

/// What a whole book is to whoever takes it, micro-USD.
struct Whole {
	price: MicroUsd,
	cash: MicroUsd,
	initial: MicroUsd,
	requirement: MicroUsd,
}

impl Whole {
	fn of(report: &AuctionReport<AccountId>, caution: i128) -> Self {
		let price = report.price.saturating_mul(BILLION) / i128::from(report.max_share.0.max(1));
		let reserved = report.auction.reserved;
		let worth = report.equity.saturating_sub(reserved);
		let requirement = report.equity.saturating_sub(report.maintenance).max(0);
		let needed = requirement.saturating_mul(INITIAL_OVER_MAINTENANCE + caution) / 100;
		// The cash of the book comes with it, and pays a part.
		let own_cash = report.book.cash.saturating_sub(reserved).max(0);
		Self {
			price,
			cash: price.saturating_sub(own_cash).max(0),
			initial: needed.saturating_sub(worth.saturating_sub(price)).max(0),
			requirement,
		}
	}
}

/// What to bid, if a purse carries a part worth having.
pub fn offer(report: &AuctionReport<AccountId>, purse: &Purse) -> Option<Offer> {
	if !report.is_open || report.max_share <= Ppb::ZERO {
		return None;
	}
	let whole = Whole::of(report, purse.caution);
	// Nobody takes a book that is worth less than nothing for nothing.
	if report.equity <= 0 && report.equity.saturating_sub(whole.price) < 0 {
		return None;
	}
	let most = affordable(purse.cash, whole.cash).min(affordable(purse.initial, whole.initial));
	let for_sale = i128::from(report.max_share.0);
	// Who can carry the whole book asks for it: of a book that cannot be divided nothing less is sold.
	let share = if most >= BILLION { BILLION } else { most.min(for_sale) };
	if share < for_sale && !is_worth_a_lot(report, share) {
		return None;
	}
	let part = |whole: MicroUsd| whole.saturating_mul(share) / BILLION;
	let slack = whole.requirement.saturating_mul(SLIPPAGE) / 100;
	let taken = share.min(for_sale);
	Some(Offer {
		share: Ppb(i64::try_from(share).ok()?),
		limit: part(whole.price.saturating_add(slack)),
		cash: whole.cash.saturating_mul(taken) / BILLION,
		initial: whole.initial.saturating_mul(taken) / BILLION,
	})
}

/// The share of a whole that something left carries, parts per billion.
fn affordable(left: MicroUsd, whole: MicroUsd) -> i128 {
	if whole <= 0 {
		return BILLION;
	}
	(left.max(0).saturating_mul(BILLION) / whole).min(BILLION)
}

/// Whether a share is at least one lot of the largest position.
fn is_worth_a_lot(report: &AuctionReport<AccountId>, share: i128) -> bool {
	let lots = report.book.positions.iter().map(|it| i128::from(it.lots).abs()).max();
	share.saturating_mul(lots.unwrap_or(0)) >= BILLION
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_exchange::{Account, AccountKey, MarginKind, OptionKind, Position, SeriesId};
	use pallet_liquidation::Auction;

	fn report(lots: i64) -> AuctionReport<AccountId> {
		let series =
			SeriesId { underlying: 1, expiry: 1, strike: 1_000_000, kind: OptionKind::Put };
		let mut book = Account::new(MarginKind::Standard);
		book.positions.try_push(Position { series, lots }).expect("room");
		AuctionReport {
			account: AccountKey { owner: AccountId::from([1; 32]), index: 0 },
			auction: Auction::default(),
			book,
			equity: 1_000,
			maintenance: -200,
			target: -400,
			discount: Ppb::percent(95),
			max_share: Ppb::percent(50),
			price: 475,
			is_open: true,
		}
	}

	fn purse(cash: MicroUsd, initial: MicroUsd) -> Purse {
		Purse { cash, initial, caution: 0 }
	}

	#[test]
	fn offer_should_be_for_the_whole_book_when_the_purse_carries_it() {
		let offer = offer(&report(-10), &purse(950, 2_110)).expect("a bid");
		assert_eq!(offer.share, Ppb::ONE);
		// 950 for all of it and a tenth of the requirement of 1,200.
		assert_eq!(offer.limit, 1_070);
		// No more than half of it is sold.
		assert_eq!((offer.cash, offer.initial), (475, 1_055));
	}

	#[test]
	fn offer_should_be_for_what_is_for_sale_when_the_purse_carries_no_more() {
		let offer = offer(&report(-10), &purse(949, 9_999)).expect("a bid");
		assert_eq!(offer.share, Ppb::percent(50));
		assert_eq!(offer.limit, 535);
	}

	#[test]
	fn offer_should_be_smaller_when_cash_or_margin_is_short() {
		assert_eq!(
			offer(&report(-10), &purse(95, 9_999)).map(|it| it.share),
			Some(Ppb::percent(10))
		);
		assert_eq!(
			offer(&report(-10), &purse(9_999, 422)).map(|it| it.share),
			Some(Ppb::percent(20))
		);
	}

	#[test]
	fn offer_should_be_none_when_it_is_less_than_a_lot() {
		assert_eq!(offer(&report(-10), &purse(94, 9_999)), None);
		assert_eq!(offer(&report(-10), &purse(9_999, -1)), None);
	}

	#[test]
	fn offer_should_be_none_when_no_bid_is_taken_now() {
		let rich = purse(1 << 60, 1 << 60);
		assert_eq!(offer(&AuctionReport { is_open: false, ..report(-10) }, &rich), None);
		assert_eq!(offer(&AuctionReport { max_share: Ppb::ZERO, ..report(-10) }, &rich), None);
	}

	#[test]
	fn offer_should_ask_to_be_paid_when_the_book_is_worth_less_than_nothing() {
		let rich = purse(0, 1 << 60);
		let insolvent = AuctionReport {
			equity: -500,
			maintenance: -1_500,
			max_share: Ppb::ONE,
			price: -600,
			discount: Ppb::ZERO,
			..report(-10)
		};
		assert_eq!(offer(&insolvent, &rich).map(|it| it.limit), Some(-500));
		assert_eq!(offer(&AuctionReport { price: -499, ..insolvent }, &rich), None);
	}

	#[test]
	fn offer_should_be_smaller_when_margin_was_underestimated() {
		let careful = Purse { caution: 180, ..purse(9_999, 854) };
		assert_eq!(offer(&report(-10), &careful).map(|it| it.share), Some(Ppb::percent(20)));
	}
}
