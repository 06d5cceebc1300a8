// SPDX-License-Identifier: Apache-2.0
//! Bids of anyone.

use crate::{
	look::Eyes,
	pallet::*,
	slice::{Offer, Taken},
	weights::WeightInfo,
};
use ballast_exchange::{Custody, MicroUsd, Ppb, MAX_POSITIONS};
use ballast_risk::AuctionPhase;
use frame_support::{ensure, pallet_prelude::*, traits::Get};

impl<T: Config> Pallet<T> {
	/// The most that a bid can weigh: the margins of two accounts, and two slices.
	pub(crate) fn most_bid() -> Weight {
		Self::bid_weight(MAX_POSITIONS, 2)
			.saturating_add(T::Custody::safety_weight(MAX_POSITIONS).saturating_mul(2))
	}

	/// Weight of a bid for a book of `positions` positions that worked out so many `slices`, but for margins.
	///
	/// What was measured of a bid has one slice in it, and every slice that was measured a book of one position, for which the
	/// insurance fund pays nothing.
	pub(crate) fn bid_weight(positions: u32, slices: u32) -> Weight {
		let again = T::WeightInfo::slice().saturating_mul(slices.saturating_sub(1).into());
		let beyond = Self::beyond_measured(positions).saturating_mul(slices.into());
		T::WeightInfo::bid().saturating_add(beyond).saturating_add(again)
	}

	/// Weight of a slice of a book of `positions` positions, but for margins.
	pub(crate) fn slice_weight(positions: u32) -> Weight {
		T::WeightInfo::slice().saturating_add(Self::beyond_measured(positions))
	}

	/// What a slice weighs beyond one that was measured.
	fn beyond_measured(positions: u32) -> Weight {
		let measured = T::Custody::slice_weight(1);
		// The fund and its payment's event.
		let paid = T::DbWeight::get().reads_writes(2, 2);
		T::Custody::slice_weight(positions).saturating_sub(measured).saturating_add(paid)
	}

	/// A bid, and what it weighs, taken or not: one that fails leaves the rest of the room to others.
	pub(crate) fn do_bid(
		key: KeyOf<T>,
		bidder: KeyOf<T>,
		max_share: Ppb,
		limit: MicroUsd,
	) -> (Weight, DispatchResult) {
		let mut eyes = Eyes::<T>::new();
		let mut positions = 0;
		let result = Self::try_bid(&mut eyes, &mut positions, key, bidder, max_share, limit);
		(Self::bid_weight(positions, eyes.slices).saturating_add(eyes.work()), result)
	}

	fn try_bid(
		eyes: &mut Eyes<T>,
		positions: &mut u32,
		key: KeyOf<T>,
		bidder: KeyOf<T>,
		max_share: Ppb,
		limit: MicroUsd,
	) -> DispatchResult {
		ensure!(max_share > Ppb::ZERO && max_share <= Ppb::ONE, Error::<T>::ShareOutOfRange);
		ensure!(key.owner != bidder.owner, Error::<T>::SelfLiquidation);
		let sale = Self::on_sale(eyes, &key)?;
		// Bounded by 128.
		*positions = sale.account.positions.len() as u32;
		ensure!(sale.is_fresh, Error::<T>::PricesStale);
		if let Some(mut sale) = Self::conclude_sale(eyes, sale)? {
			let phase = sale.phase(eyes)?;
			Self::enter(&mut sale, &phase);
			Self::bid_on(eyes, sale, &phase, bidder, max_share, limit)?;
		}
		Ok(())
	}

	fn bid_on(
		eyes: &mut Eyes<T>,
		sale: crate::auction::OnSale<T>,
		phase: &AuctionPhase,
		bidder: KeyOf<T>,
		max_share: Ppb,
		limit: MicroUsd,
	) -> DispatchResult {
		let accept = |offer: &Offer| {
			ensure!(is_within(offer, max_share, limit), Error::<T>::LimitExceeded);
			Ok(())
		};
		let taken = Self::take_slice(eyes, &sale, phase, &bidder, max_share, &accept)?;
		let Taken { offer: Offer { share, equity, price }, target } = taken;
		Self::deposit_event(Event::BidTaken {
			account: sale.key,
			bidder,
			share,
			equity,
			price,
			target,
		});
		Ok(())
	}
}

/// Whether an offer costs at most `limit` in proportion to the share that was asked for.
fn is_within(offer: &Offer, asked: Ppb, limit: MicroUsd) -> bool {
	let exact = |money: MicroUsd, share: Ppb| money.checked_mul(share.0.into());
	match (exact(offer.price, asked), exact(limit, offer.share)) {
		(Some(price), Some(limit)) => price <= limit,
		// A limit beyond what can be counted is none, above as below zero.
		_ => limit > 0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn offer(share: i64, price: MicroUsd) -> Offer {
		Offer { share: Ppb(share), equity: 0, price }
	}

	#[test]
	fn limit_should_hold_in_proportion_when_less_is_sold() {
		let half = Ppb(500_000_000);
		assert!(is_within(&offer(500_000_000, 100), half, 100));
		assert!(!is_within(&offer(500_000_000, 101), half, 100));
		assert!(is_within(&offer(250_000_000, 50), half, 100));
		assert!(!is_within(&offer(250_000_000, 51), half, 100));
	}

	#[test]
	fn limit_should_ask_for_a_payment_when_it_is_below_zero() {
		assert!(is_within(&offer(1_000_000_000, -100), Ppb::ONE, -100));
		assert!(!is_within(&offer(1_000_000_000, -99), Ppb::ONE, -100));
		assert!(is_within(&offer(500_000_000, -50), Ppb::ONE, -100));
		assert!(!is_within(&offer(500_000_000, 0), Ppb::ONE, -100));
	}

	#[test]
	fn limit_should_be_none_when_it_is_the_largest_number() {
		assert!(is_within(&offer(1, 1_000_000_000_000_000_000), Ppb::ONE, MicroUsd::MAX));
		assert!(!is_within(&offer(1, 1), Ppb::ONE, MicroUsd::MIN));
	}
}
