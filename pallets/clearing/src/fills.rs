// SPDX-License-Identifier: Apache-2.0
//! Fills: lots, premium and fees between two accounts.

use crate::{
	fees,
	funds::add,
	pallet::*,
	types::{add_cash, add_lots},
};
use ballast_exchange::{
	Account, Fees, Fill, Lots, MarketTerms, Markets, MicroUsd, SeriesId, Side, UnderlyingId,
};
use ballast_risk::MAX_LOTS;
use frame_support::{ensure, pallet_prelude::*};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_fill(
		fill: &Fill,
		maker: &mut Account,
		taker: &mut Account,
	) -> Result<Fees, DispatchError> {
		ensure!((1..=MAX_LOTS).contains(&fill.lots) && fill.price > 0, Error::<T>::InvalidFill);
		let (terms, fees) = Self::terms_and_fees(fill)?;
		let (floor, ceil) = terms.cost(fill.lots, fill.price).ok_or(Error::<T>::AmountTooLarge)?;
		let (taker_side, maker_side) = (fill.taker_side, fill.taker_side.opposite());
		// The buyer pays the cost rounded up, the seller gets it rounded down.
		let net = |side, fee: MicroUsd| {
			let change = if side == Side::Buy { -ceil } else { floor };
			change.checked_sub(fee).ok_or(Error::<T>::AmountTooLarge)
		};
		let (maker_net, taker_net) = (net(maker_side, fees.maker)?, net(taker_side, fees.taker)?);
		for (account, change) in [(&*maker, maker_net), (&*taker, taker_net)] {
			add_cash(account.cash, change).map_err(Error::<T>::from)?;
		}
		let (seller, buyer) = match taker_side {
			Side::Buy => (&mut *maker, &mut *taker),
			Side::Sell => (&mut *taker, &mut *maker),
		};
		Self::hand_over(&fill.series, fill.lots, terms.max_open_interest, seller, buyer)?;
		Self::change_cash(maker, maker_net)?;
		Self::change_cash(taker, taker_net)?;
		// What leaves the two accounts: both fees, and the dust of a cost that is no whole number.
		let taken = maker_net.checked_add(taker_net).ok_or(Error::<T>::AmountTooLarge)?;
		Self::take_fees(taken)?;
		Ok(fees)
	}

	/// Moves lots above zero. An error leaves both accounts as they were: the book may go on with another order.
	pub(crate) fn hand_over(
		series: &SeriesId,
		lots: Lots,
		bound: Lots,
		seller: &mut Account,
		buyer: &mut Account,
	) -> DispatchResult {
		let of_seller = add_lots(seller, *series, -lots).map_err(Error::<T>::from)?;
		let of_buyer = match add_lots(buyer, *series, lots) {
			Ok(more) => more,
			Err(error) => {
				// What was just taken can be added again.
				let _ = add_lots(seller, *series, lots);
				return Err(Error::<T>::from(error).into());
			},
		};
		// Both within 2^41.
		let more = of_seller.saturating_add(of_buyer);
		Self::change_open_interest(series, more, bound).inspect_err(|_| {
			let _ = add_lots(seller, *series, lots);
			let _ = add_lots(buyer, *series, -lots);
		})
	}

	fn terms_and_fees(fill: &Fill) -> Result<(MarketTerms, Fees), DispatchError> {
		let underlying: UnderlyingId = fill.series.underlying;
		let terms = T::Markets::terms(underlying).ok_or(Error::<T>::UnknownUnderlying)?;
		// A fee on an old spot harms nobody, and reductions go on without fresh prices.
		let spot = T::Markets::spot(underlying).ok_or(Error::<T>::PricesMissing)?;
		let spot = spot.regardless_of_age().price;
		let fees = fees::of_fill(&terms, spot, fill.lots, fill.price);
		Ok((terms, fees.ok_or(Error::<T>::AmountTooLarge)?))
	}

	/// Changes the open interest of a series; only an increase has a bound.
	pub(crate) fn change_open_interest(
		series: &SeriesId,
		more: Lots,
		bound: Lots,
	) -> DispatchResult {
		if more == 0 {
			return Ok(());
		}
		OpenInterest::<T>::try_mutate_exists(series, |entry| {
			let after = entry.unwrap_or(0).checked_add(more).ok_or(Error::<T>::AmountTooLarge)?;
			ensure!(more < 0 || after <= bound, Error::<T>::OpenInterestReached);
			ensure!(after >= 0, Error::<T>::CorruptLedger);
			*entry = (after > 0).then_some(after);
			Ok(())
		})
	}

	/// Adds to the fees what accounts have paid: `change` is the change of their cash, zero or below.
	fn take_fees(change: MicroUsd) -> DispatchResult {
		ensure!(change <= 0, Error::<T>::CorruptLedger);
		if change == 0 {
			return Ok(());
		}
		FeesCollected::<T>::try_mutate(|fees| {
			add(fees, change.unsigned_abs()).ok_or(Error::<T>::AmountTooLarge)
		})?;
		Ok(())
	}
}
