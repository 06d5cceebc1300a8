// SPDX-License-Identifier: Apache-2.0

//! What a slice is worth, how much of it to ask for, and how much to pay at most.
//!
//! Sums stay far inside their type: [`is_countable`] leaves the rest alone.

use crate::types::{Auction, Bid, Rules, Slice};
use ballast_exchange::{Account, MicroUsd, Position, Ppb};
use ballast_runtime::AccountId;

const BILLION: i128 = 1_000_000_000;
/// A price that is worse than the quoted one by more than this share of it is refused: half a percent.
const SLACK: Ppb = Ppb(5_000_000);
/// Largest money that is counted, a hundred trillion dollars: the type holds it times 10^18.
const MOST_MONEY: u128 = 100_000_000_000_000_000_000;

/// Whether no figure is beyond what the keeper counts.
pub fn is_countable(figures: &[MicroUsd]) -> bool {
	figures.iter().all(|figure| figure.unsigned_abs() <= MOST_MONEY)
}

/// `money share`, towards minus infinity.
pub fn part_floor(money: MicroUsd, share: Ppb) -> MicroUsd {
	(money * i128::from(share.0)).div_euclid(BILLION)
}

/// `money share`, away from zero.
fn part_of_size(money: MicroUsd, share: Ppb) -> MicroUsd {
	-part_floor(-money.abs(), share)
}

/// Lots of the largest position, or units of the largest asset where there is none: shares are whole parts of it.
fn largest(book: &Account) -> u128 {
	let lots = book.positions.iter().map(|held| u128::from(held.lots.unsigned_abs()));
	let units = book.collateral.iter().map(|(_, units)| *units);
	// Finer than a billionth is no share.
	lots.max().or(units.max()).unwrap_or(1).clamp(1, 1_000_000_000_000_000_000)
}

/// Value of everything that is for sale: without the cash that earlier bidders paid, unless nobody pays any more.
pub fn for_sale(auction: &Auction) -> MicroUsd {
	if auction.discount == Ppb::ZERO {
		return auction.equity;
	}
	(auction.equity - auction.auction.reserved).max(0)
}

/// What the largest slice brings over its price.
pub fn gain_of(auction: &Auction) -> MicroUsd {
	part_floor(for_sale(auction), auction.max_share) - auction.price
}

/// Size of the largest slice: a book that owes more than it holds counts by what it owes.
fn size_of(auction: &Auction) -> MicroUsd {
	part_floor(for_sale(auction), auction.max_share).abs()
}

/// Gain by value of the largest slice, to rank by. For a book that is worth nothing any gain is endless.
pub fn edge_of(auction: &Auction) -> f64 {
	let (gain, size) = (gain_of(auction), size_of(auction));
	match size {
		0 if gain > 0 => f64::INFINITY,
		0 => 0.0,
		_ => gain as f64 / size as f64,
	}
}

/// Auctions worth a bid, the best edge first, the larger gain before the smaller one.
pub fn rank(mut auctions: Vec<Auction>, rules: &Rules, own: &AccountId) -> Vec<Auction> {
	auctions.retain(|auction| is_worth(auction, rules, own));
	auctions.sort_by(|one, other| {
		let by_edge = edge_of(other).total_cmp(&edge_of(one));
		by_edge.then_with(|| gain_of(other).cmp(&gain_of(one)))
	});
	auctions
}

fn is_worth(auction: &Auction, rules: &Rules, own: &AccountId) -> bool {
	let Auction { account, book, equity, price, max_share, is_open, .. } = auction;
	let figures = [*equity, *price, auction.auction.reserved, book.cash];
	if !*is_open
		|| account.owner == *own
		|| !(1..=Ppb::ONE.0).contains(&max_share.0)
		|| !is_countable(&figures)
	{
		return false;
	}
	let gain = gain_of(auction);
	gain > 0 && gain >= rules.min_gain && gain >= part_of_size(size_of(auction), rules.min_edge)
}

/// The share that the chain makes of `share`: a whole number of lots of the largest position, rounded down.
pub fn whole_lots(book: &Account, share: Ppb) -> Ppb {
	const BILLION: u128 = 1_000_000_000;
	let most = largest(book);
	let whole = most * u128::from(share.0.clamp(0, Ppb::ONE.0).unsigned_abs()) / BILLION;
	share_of_lots(whole, most)
}

/// The least share that holds `lots` of `most`.
fn share_of_lots(lots: u128, most: u128) -> Ppb {
	const BILLION: u128 = 1_000_000_000;
	let share = (lots * BILLION).div_ceil(most).min(BILLION);
	Ppb(i64::try_from(share).unwrap_or(Ppb::ONE.0))
}

/// The share to ask for within the rules; zero where not even a lot fits them.
///
/// `halvings` is what the chain has refused of it, `is_all_or_nothing` that lots round so that only the whole book
/// helps the account.
pub fn share_for(auction: &Auction, rules: &Rules, halvings: u32, is_all_or_nothing: bool) -> Ppb {
	let value = for_sale(auction).abs();
	let affordable = if value <= rules.max_equity {
		Ppb::ONE
	} else {
		let share = rules.max_equity * BILLION / value;
		Ppb(i64::try_from(share).unwrap_or(0))
	};
	let allowed = rules.max_share.min(affordable);
	if is_all_or_nothing {
		let fits = allowed >= Ppb::ONE && halvings == 0;
		return if fits { Ppb::ONE } else { Ppb::ZERO };
	}
	let within = allowed.min(auction.max_share);
	let scaled = Ppb(within.0.checked_shr(halvings).unwrap_or(0));
	let one_lot = share_of_lots(1, largest(&auction.book));
	whole_lots(&auction.book, scaled).max(whole_lots(&auction.book, within.min(one_lot)))
}

/// The part of the book behind a share of an auction that is worth a bid.
pub fn slice_of(auction: &Auction, share: Ppb) -> Slice {
	let Auction { book, max_share, price, .. } = auction;
	let is_paid_for = auction.discount == Ppb::ZERO;
	let reserved = if is_paid_for { 0 } else { auction.auction.reserved };
	let taken = |held: &Position| {
		let lots = part_floor(i128::from(held.lots).abs(), share);
		let lots = i64::try_from(lots).unwrap_or(i64::MAX);
		Position { series: held.series, lots: lots * held.lots.signum() }
	};
	// Above zero for an auction that is worth a bid.
	let by = i128::from(max_share.0.max(1));
	Slice {
		share,
		equity: part_floor(for_sale(auction), share),
		price: -(-price * i128::from(share.0)).div_euclid(by),
		cash: part_floor(book.cash - reserved, share),
		positions: book.positions.iter().map(taken).filter(|held| held.lots != 0).collect(),
		has_collateral: !book.collateral.is_empty(),
	}
}

/// A bid for a slice. Its limit is the quoted price and a little more, as marks move until the bid is in a block, but
/// never so much that less than the least edge would be left of the value that was seen.
pub fn bid_for(auction: &Auction, slice: &Slice, rules: &Rules) -> Bid {
	let dearest = slice.equity - part_floor(slice.equity.abs(), rules.min_edge);
	let slack = part_floor(slice.price.abs(), SLACK);
	// Rounding of the two sides may leave less than the quoted price.
	let limit = (slice.price + slack).min(dearest).max(slice.price);
	Bid { account: auction.account.clone(), max_share: slice.share, limit }
}
