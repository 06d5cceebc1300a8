// SPDX-License-Identifier: Apache-2.0
//! Settlement: every account of an expiry that has its price, one at a time, as the block has room.

use crate::{accounts::Size, pallet::*, weights::WeightInfo, SettlementProgress, LOG_TARGET};
use ballast_exchange::{
	Account, AccountKey, ExpiryId, Lots, Markets, MicroUsd, Position, Price, Settling,
	MAX_POSITIONS, MAX_RESTING_ORDERS,
};
use ballast_pricing::black76::payoff;
use frame_support::{pallet_prelude::*, storage::with_storage_layer, weights::WeightMeter};

pub(crate) const PICO_PER_MICRO: i128 = 1_000_000;

impl<T: Config> Pallet<T> {
	/// Settles accounts of expiries that have a settlement price, as many as the meter has room for.
	///
	/// One unit is one account. An account that cannot be settled is skipped and reported.
	pub fn after_inherents(meter: &mut WeightMeter) {
		let mut last = None;
		while meter.try_consume(T::WeightInfo::next_settling()).is_ok() {
			let Some(settling) = T::Markets::next_settling() else { return };
			let expiry = (settling.underlying, settling.expiry);
			if last == Some(expiry) {
				log::error!(target: LOG_TARGET, "expiry {expiry:?} is settled and comes again");
				return;
			}
			last = Some(expiry);
			if !Self::settle_expiry(&settling, meter) {
				return;
			}
		}
	}

	/// Room that whatever comes before settlement in a block has to leave, so that it goes on by at least one account; nothing
	/// while there is nothing to settle.
	pub fn kept_for_settlement(meter: &mut WeightMeter) -> Weight {
		let next = T::WeightInfo::next_settling();
		if meter.try_consume(next).is_err() || T::Markets::next_settling().is_none() {
			return Weight::zero();
		}
		next.saturating_add(Self::most_settled())
	}

	/// The most that one account takes, or the end of an expiry.
	fn most_settled() -> Weight {
		T::WeightInfo::settle_account(MAX_POSITIONS, MAX_RESTING_ORDERS)
			.max(T::WeightInfo::finish_settlement())
	}

	/// Settles accounts of one expiry; whether none is left.
	fn settle_expiry(settling: &Settling, meter: &mut WeightMeter) -> bool {
		let expiry = (settling.underlying, settling.expiry);
		let most = Self::most_settled();
		let mut holders = Holders::<T>::iter_key_prefix(expiry);
		loop {
			if !meter.can_consume(most) {
				return false;
			}
			let Some(key) = holders.next() else {
				meter.consume(T::WeightInfo::finish_settlement());
				Self::finish(expiry);
				return true;
			};
			meter.consume(Self::settle_or_skip(settling, &key));
		}
	}

	/// Settles one account, and takes it out of the index whatever happens. Returns the weight of it.
	pub(crate) fn settle_or_skip(settling: &Settling, key: &AccountKey<T::AccountId>) -> Weight {
		let expiry = (settling.underlying, settling.expiry);
		let settled = with_storage_layer(|| Self::settle_account(settling, key));
		// The account's own store has removed it already if it was settled.
		Holders::<T>::remove(expiry, key);
		Settlements::<T>::mutate(expiry, |entry| {
			let progress = entry.get_or_insert_default();
			// Counts for the report alone.
			match &settled {
				Ok(_) => progress.accounts = progress.accounts.saturating_add(1),
				Err(_) => progress.skipped = progress.skipped.saturating_add(1),
			}
		});
		match settled {
			Ok((positions, orders)) => T::WeightInfo::settle_account(positions, orders),
			Err(error) => {
				log::error!(target: LOG_TARGET, "{key:?} cannot be settled: {error:?}");
				Unsettled::<T>::insert(expiry, key, settling.price);
				let (underlying, expiry) = expiry;
				let account = key.clone();
				Self::deposit_event(Event::SettlementSkipped {
					account,
					underlying,
					expiry,
					error,
				});
				T::WeightInfo::settle_account(MAX_POSITIONS, MAX_RESTING_ORDERS)
			},
		}
	}

	/// Pays an account's positions of an expiry out and drops its orders; how many it had in all.
	pub(crate) fn settle_account(
		settling: &Settling,
		key: &AccountKey<T::AccountId>,
	) -> Result<(u32, u32), DispatchError> {
		let expiry = (settling.underlying, settling.expiry);
		let mut account = Accounts::<T>::get(key).ok_or(Error::<T>::AccountNotFound)?;
		let size = crate::accounts::size(&account);
		let due = |position: &&Position| position.series.expiry_id() == expiry;
		let positions: alloc::vec::Vec<Position> =
			account.positions.iter().filter(due).copied().collect();
		account.positions.retain(|position| !due(&position));
		let mut progress = Settlements::<T>::get(expiry).unwrap_or_default();
		for position in &positions {
			let change = Self::settle_position(settling.price, position, key, &mut account)?;
			let suspense = progress.suspense.checked_sub(change);
			progress.suspense = suspense.ok_or(Error::<T>::AmountTooLarge)?;
			progress.count(&position.series, position.lots);
		}
		Self::drop_orders(expiry, key, &mut account);
		Settlements::<T>::insert(expiry, progress);
		Self::do_store(key, account)?;
		Ok(size)
	}

	/// Pays one position out; the change of the account's cash.
	fn settle_position(
		price: Price,
		position: &Position,
		key: &AccountKey<T::AccountId>,
		account: &mut Account,
	) -> Result<MicroUsd, DispatchError> {
		let Position { series, lots } = *position;
		let terms = T::Markets::terms(series.underlying).ok_or(Error::<T>::UnknownUnderlying)?;
		let strike = series.strike_price().ok_or(Error::<T>::AmountTooLarge)?;
		let value = payoff(series.kind, price, strike);
		let payoff = settlement_cash(lots, value, terms.lots_per_contract)
			.ok_or(Error::<T>::CorruptLedger)?;
		Self::change_cash(account, payoff)?;
		if lots > 0 {
			OpenInterest::<T>::try_mutate_exists(series, |entry| {
				let rest = entry.unwrap_or(0).checked_sub(lots).filter(|rest| *rest >= 0);
				let rest = rest.ok_or(Error::<T>::CorruptLedger)?;
				*entry = (rest > 0).then_some(rest);
				Ok::<(), Error<T>>(())
			})?;
		}
		let account = key.clone();
		Self::deposit_event(Event::PositionSettled { account, series, lots, payoff });
		Ok(payoff)
	}

	fn drop_orders(expiry: ExpiryId, key: &AccountKey<T::AccountId>, account: &mut Account) {
		let mut orders = BoundedVec::new();
		account.orders.retain(|order| {
			let gone = order.series.expiry_id() == expiry;
			if gone {
				// As many as an account can have: there is room for each.
				let _ = orders.try_push(order.id);
			}
			!gone
		});
		if !orders.is_empty() {
			let (underlying, expiry) = expiry;
			let account = key.clone();
			Self::deposit_event(Event::OrdersExpired { account, underlying, expiry, orders });
		}
	}

	/// Every account was visited.
	pub(crate) fn finish(expiry: ExpiryId) {
		let SettlementProgress { accounts, skipped, .. } =
			Settlements::<T>::get(expiry).unwrap_or_default();
		let dust = Self::close_books(expiry);
		let (underlying, expiry) = expiry;
		T::Markets::settled(underlying, expiry);
		Self::deposit_event(Event::ExpirySettled { underlying, expiry, accounts, skipped, dust });
	}

	/// Gives what rounding left to the insurance fund; how much it was.
	///
	/// With an account skipped the rest is not dust: the record stays until each is settled. It stays as well where longs
	/// and shorts were not the same lots: who was paid too much or too little is for governance to find out, and nobody
	/// adds risk on the underlying until then.
	fn close_books(expiry: ExpiryId) -> u128 {
		let progress = Settlements::<T>::get(expiry).unwrap_or_default();
		let dust = progress.suspense.unsigned_abs();
		let is_even = progress.suspense >= 0 && progress.uneven == 0;
		if progress.skipped == 0 && is_even && Self::add_insurance(dust).is_ok() {
			Settlements::<T>::remove(expiry);
			return dust;
		}
		log::error!(target: LOG_TARGET, "expiry {expiry:?} is left with {progress:?}");
		if progress.skipped == 0 {
			let (underlying, expiry) = expiry;
			let suspense = progress.suspense;
			T::Markets::freeze(underlying);
			Self::deposit_event(Event::SettlementUneven { underlying, expiry, suspense });
		}
		0
	}

	/// Settles an account that its settlement has left behind, at the price of that settlement.
	pub(crate) fn do_retry_settlement(
		key: AccountKey<T::AccountId>,
		expiry: ExpiryId,
	) -> Result<Size, DispatchError> {
		let price = Unsettled::<T>::take(expiry, &key).ok_or(Error::<T>::NotUnsettled)?;
		let (underlying, moment) = expiry;
		let settling = Settling { underlying, expiry: moment, price };
		let size = Self::settle_account(&settling, &key)?;
		Settlements::<T>::try_mutate(expiry, |entry| {
			let progress = entry.as_mut().ok_or(Error::<T>::CorruptLedger)?;
			let skipped = progress.skipped.checked_sub(1);
			progress.skipped = skipped.ok_or(Error::<T>::CorruptLedger)?;
			// Counts for the report alone.
			progress.accounts = progress.accounts.saturating_add(1);
			Ok::<(), Error<T>>(())
		})?;
		// What others have paid in belongs to those whom the settlement still has to visit.
		let is_under_way = Holders::<T>::iter_key_prefix(expiry).next().is_some();
		let dust = if is_under_way { 0 } else { Self::close_books(expiry) };
		let (account, expiry) = (key, moment);
		Self::deposit_event(Event::SettlementRetried { account, underlying, expiry, dust });
		Ok(size)
	}
}

/// What lots are paid (long, rounded down) or pay (short, rounded up) at a value per contract, micro-USD.
pub(crate) fn settlement_cash(
	lots: Lots,
	value: Price,
	lots_per_contract: u32,
) -> Option<MicroUsd> {
	// 2^63 * 2^63 fits. The floor of a negative payoff is a short's payment rounded up.
	let total = i128::from(lots) * i128::from(value.pico_usd());
	total.checked_div_euclid(PICO_PER_MICRO * i128::from(lots_per_contract))
}
