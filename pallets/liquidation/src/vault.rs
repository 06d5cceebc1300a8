// SPDX-License-Identifier: Apache-2.0
//! The backstop vault: a margin account that anyone funds for shares, and leaves through a queue.
//!
//! Shares are valued with virtual ones and a virtual micro-USD beside the real: a donation before the first
//! deposit costs its giver more than it can take from the next depositor.

use crate::{
	auction::OnSale,
	look::Eyes,
	pallet::*,
	slice::{Offer, VAULT_TRIES},
	weights::WeightInfo,
	Leaving,
};
use ballast_exchange::{Account, AccountKey, Clearing, Custody, Ppb, Safety, MAX_POSITIONS};
use ballast_risk::AuctionPhase;
use frame_support::{
	ensure, pallet_prelude::*, storage::with_storage_layer, traits::Time, weights::WeightMeter,
};
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding, traits::AccountIdConversion, Rounding,
};

/// Shares that exist beside the real ones.
pub(crate) const VIRTUAL_SHARES: u128 = 1_000;
/// Micro-USD that exist beside the real ones.
pub(crate) const VIRTUAL_ASSETS: u128 = 1;
/// Most tickets that a block visits.
const TICKETS_PER_BLOCK: u32 = 8;

/// Shares for a deposit into a vault worth `equity` with `total` shares, rounded down.
pub(crate) fn shares_for(amount: u128, equity: u128, total: u128) -> Option<u128> {
	let (shares, assets) =
		(total.checked_add(VIRTUAL_SHARES)?, equity.checked_add(VIRTUAL_ASSETS)?);
	multiply_by_rational_with_rounding(amount, shares, assets, Rounding::Down)
}

/// What shares of a vault worth `equity` with `total` shares are worth, micro-USD, rounded down.
pub(crate) fn worth_for(shares: u128, equity: u128, total: u128) -> Option<u128> {
	let (all, assets) = (total.checked_add(VIRTUAL_SHARES)?, equity.checked_add(VIRTUAL_ASSETS)?);
	multiply_by_rational_with_rounding(shares, assets, all, Rounding::Down)
}

impl<T: Config> Pallet<T> {
	/// The margin account of the vault.
	pub fn vault_key() -> KeyOf<T> {
		AccountKey { owner: T::PalletId::get().into_account_truncating(), index: 0 }
	}

	/// The most that a deposit can weigh.
	pub(crate) fn most_vault_deposit() -> Weight {
		T::WeightInfo::vault_deposit().saturating_add(T::Custody::safety_weight(MAX_POSITIONS))
	}

	/// The most that one try of the vault to take a slice can weigh.
	pub(crate) fn most_vault_try() -> Weight {
		// A slice that does not help is tried again as the whole book.
		Self::slice_weight(MAX_POSITIONS)
			.saturating_mul(2)
			.saturating_add(T::Custody::safety_weight(MAX_POSITIONS))
	}

	/// The vault's account with its margin, if that can be told now.
	fn vault(eyes: &mut Eyes<T>) -> Result<(Account, Safety), DispatchError> {
		let account = T::Custody::peek(&Self::vault_key()).ok_or(Error::<T>::VaultInsolvent)?;
		ensure!(!account.frozen, Error::<T>::VaultFrozen);
		let safety = T::Custody::safety(&mut eyes.prices, &account)?;
		ensure!(eyes.is_true(&safety), Error::<T>::PricesStale);
		Ok((account, safety))
	}

	/// What the vault is worth; an error while it owes more than it holds.
	fn vault_equity(safety: &Safety) -> Result<u128, Error<T>> {
		u128::try_from(safety.margin.equity).map_err(|_| Error::VaultInsolvent)
	}

	pub(crate) fn do_vault_deposit(
		who: T::AccountId,
		amount: u128,
	) -> Result<Weight, DispatchError> {
		ensure!(amount >= T::MinVaultDeposit::get(), Error::<T>::DepositTooSmall);
		let key = Self::vault_key();
		if T::Custody::peek(&key).is_none() {
			T::Custody::open_own(&key)?;
		}
		let mut eyes = Eyes::<T>::new();
		let (mut account, safety) = Self::vault(&mut eyes)?;
		let (equity, total) = (Self::vault_equity(&safety)?, TotalShares::<T>::get());
		// Shares of a vault without anything in it are worth nothing; a deposit would be given to them.
		ensure!(equity > 0 || total == 0, Error::<T>::VaultInsolvent);
		let shares = shares_for(amount, equity, total).ok_or(Error::<T>::AmountTooLarge)?;
		ensure!(shares > 0, Error::<T>::DepositTooSmall);
		T::Custody::pay_in(&who, amount, &key, &mut account)?;
		T::Custody::store(&key, account)?;
		let total = total.checked_add(shares).ok_or(Error::<T>::AmountTooLarge)?;
		TotalShares::<T>::put(total);
		// No more than the total.
		Shares::<T>::mutate(&who, |held| *held = held.saturating_add(shares));
		Self::deposit_event(Event::VaultDeposited { who, amount, shares });
		Ok(T::WeightInfo::vault_deposit().saturating_add(eyes.work()))
	}

	pub(crate) fn do_vault_request_withdraw(who: T::AccountId, shares: u128) -> DispatchResult {
		ensure!(shares > 0, Error::<T>::SharesZero);
		let left = Shares::<T>::get(&who).checked_sub(shares).ok_or(Error::<T>::NotEnoughShares)?;
		let before = Leavers::<T>::get(&who);
		let in_queue = before.map_or(0, |leaving| leaving.shares);
		let shares = in_queue.checked_add(shares).ok_or(Error::<T>::AmountTooLarge)?;
		if let Some(leaving) = before {
			Tickets::<T>::remove(leaving.ticket);
		}
		if left == 0 {
			Shares::<T>::remove(&who);
		} else {
			Shares::<T>::insert(&who, left);
		}
		let delay = ParametersInForce::<T>::get().house.vault_delay_millis;
		// A moment half a billion years from now is as good as never.
		let ready_at = T::Time::now().saturating_add(delay);
		Self::queue_up(&who, shares, ready_at);
		Self::deposit_event(Event::VaultLeaving { who, shares, ready_at });
		Ok(())
	}

	/// Puts someone at the end of the queue.
	fn queue_up(who: &T::AccountId, shares: u128, ready_at: u64) {
		let ticket = VaultQueue::<T>::mutate(|queue| {
			let ticket = queue.tail;
			// One a microsecond would last for half a million years.
			queue.tail = queue.tail.saturating_add(1);
			ticket
		});
		Tickets::<T>::insert(ticket, who);
		Leavers::<T>::insert(who, Leaving { ticket, shares, ready_at });
	}

	/// Pays those at the head of the queue who may leave, as far as the vault's cash and margin go.
	pub(crate) fn pay_leavers(eyes: &mut Eyes<T>, meter: &mut WeightMeter) {
		let most =
			T::WeightInfo::pay_leaver().saturating_add(T::Custody::safety_weight(MAX_POSITIONS));
		for _ in 0..TICKETS_PER_BLOCK {
			let queue = VaultQueue::<T>::get();
			if queue.head >= queue.tail || !meter.can_consume(most) {
				return;
			}
			let goes_on = Self::pay_ticket(eyes, queue.head);
			eyes.charge(meter, T::WeightInfo::pay_leaver());
			if !goes_on {
				return;
			}
		}
	}

	/// Serves one ticket; whether the next one's turn has come.
	fn pay_ticket(eyes: &mut Eyes<T>, ticket: u64) -> bool {
		let leaving =
			Tickets::<T>::get(ticket).and_then(|who| Some((Leavers::<T>::get(&who)?, who)));
		let Some((leaving, who)) = leaving else {
			// Given back for a later one.
			Self::pass(ticket);
			return true;
		};
		if leaving.ready_at > eyes.now {
			return false;
		}
		match with_storage_layer(|| Self::pay_leaver(eyes, &who, &leaving)) {
			Ok(is_paid) => is_paid,
			Err(error) if is_of_the_vault::<T>(&error) => false,
			Err(error) => {
				Self::pass(ticket);
				Self::queue_up(&who, leaving.shares, leaving.ready_at);
				Self::deposit_event(Event::VaultPayoutPostponed { who, error });
				// What went wrong may be that the exchange has no cash: one try a block is enough.
				false
			},
		}
	}

	fn pass(ticket: u64) {
		Tickets::<T>::remove(ticket);
		VaultQueue::<T>::mutate(|queue| queue.head = queue.head.max(ticket.saturating_add(1)));
	}

	/// Pays as many shares of a leaver as the vault has cash and margin for; whether those were all.
	fn pay_leaver(
		eyes: &mut Eyes<T>,
		who: &T::AccountId,
		leaving: &Leaving,
	) -> Result<bool, DispatchError> {
		let (mut account, safety) = Self::vault(eyes)?;
		let (equity, total) = (Self::vault_equity(&safety)?, TotalShares::<T>::get());
		let worth = worth_for(leaving.shares, equity, total).ok_or(Error::<T>::AmountTooLarge)?;
		// Initial margin falls with cash, one by one.
		let free = u128::try_from(account.cash.min(safety.margin.initial)).unwrap_or(0);
		let (shares, amount) = if worth <= free {
			(leaving.shares, worth)
		} else {
			let shares =
				multiply_by_rational_with_rounding(leaving.shares, free, worth, Rounding::Down);
			let shares = shares.unwrap_or(0);
			(shares, worth_for(shares, equity, total).ok_or(Error::<T>::AmountTooLarge)?)
		};
		let left = leaving.shares.checked_sub(shares).ok_or(Error::<T>::CorruptRecords)?;
		// Shares of a vault without anything in it stay until it has something, or forever.
		if shares == 0 || (amount == 0 && equity == 0) {
			return Ok(false);
		}
		if amount > 0 {
			let key = Self::vault_key();
			T::Custody::pay_out(who, amount, &key, &mut account)?;
			T::Custody::store(&key, account)?;
		}
		TotalShares::<T>::put(total.checked_sub(shares).ok_or(Error::<T>::CorruptRecords)?);
		if left == 0 {
			Leavers::<T>::remove(who);
			Self::pass(leaving.ticket);
		} else {
			Leavers::<T>::insert(who, Leaving { shares: left, ..*leaving });
		}
		Self::deposit_event(Event::VaultLeft { who: who.clone(), shares, amount, left });
		Ok(left == 0)
	}

	/// Has the vault take a slice at its own price, or half of it, or a quarter; whether it did.
	pub(crate) fn vault_takes(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		phase: &AuctionPhase,
		meter: &mut WeightMeter,
	) -> bool {
		let vault = Self::vault_key();
		let has_cash = T::Custody::peek(&vault).is_some_and(|account| account.cash > 0);
		if sale.key == vault || !has_cash {
			return false;
		}
		let mut asked = match phase {
			AuctionPhase::Solvent(quote) => quote.max_share,
			_ => Ppb::ONE,
		};
		let rest = Ppb::ONE.0.saturating_sub(eyes.parameters.house.vault_discount.0);
		let distance = sale.margin.equity.saturating_sub(sale.margin.maintenance).max(0);
		let accept = |offer: &Offer| {
			ensure!(is_worth_it(offer, distance, Ppb(rest)), Error::<T>::LimitExceeded);
			Ok(())
		};
		// Positions are at most 128.
		let slice = Self::slice_weight(sale.account.positions.len() as u32);
		for _ in 0..VAULT_TRIES {
			if !meter.can_consume(Self::most_vault_try()) {
				return false;
			}
			let before = eyes.slices;
			let taken =
				with_storage_layer(|| Self::take_slice(eyes, sale, phase, &vault, asked, &accept));
			let tries = eyes.slices.saturating_sub(before);
			eyes.charge(meter, slice.saturating_mul(tries.into()));
			if let Ok(taken) = taken {
				let Offer { share, equity, price } = taken.offer;
				let (account, target) = (sale.key.clone(), taken.target);
				Self::deposit_event(Event::VaultTook { account, share, equity, price, target });
				return true;
			}
			asked = Ppb(asked.0 / 2);
		}
		false
	}

	/// What shares are worth now, if that can be told.
	pub fn worth_of(shares: u128) -> Option<u128> {
		let (_, safety) = Self::vault(&mut Eyes::<T>::new()).ok()?;
		worth_for(shares, Self::vault_equity(&safety).ok()?, TotalShares::<T>::get())
	}
}

/// Whether the vault gains at least what its discount leaves: of the slice's value where it pays, of the slice's
/// distance to maintenance margin where it is paid.
fn is_worth_it(offer: &Offer, distance: i128, rest: Ppb) -> bool {
	if offer.price >= 0 && offer.equity > 0 {
		// The discount is at the vault's limit already.
		return true;
	}
	let gain = offer.equity.saturating_sub(offer.price);
	let share = distance.saturating_mul(offer.share.0.into()) / 1_000_000_000;
	gain >= share.saturating_mul(rest.0.into()) / 1_000_000_000
}

/// Whether an error is about the vault and not about who leaves it.
fn is_of_the_vault<T: Config>(error: &DispatchError) -> bool {
	[Error::<T>::VaultInsolvent, Error::VaultFrozen, Error::PricesStale]
		.into_iter()
		.any(|own| DispatchError::from(own) == *error)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn first_deposit_should_get_shares_when_the_vault_is_empty() {
		assert_eq!(shares_for(1_000_000, 0, 0), Some(1_000_000_000));
		assert_eq!(worth_for(1_000_000_000, 1_000_000, 1_000_000_000), Some(1_000_000));
	}

	proptest! {
		#[test]
		fn round_trip_should_never_gain(
			amount in 1..1_000_000_000_000_000u128,
			equity in 0..1_000_000_000_000_000u128,
			total in 0..1_000_000_000_000_000_000u128,
		) {
			let shares = shares_for(amount, equity, total).unwrap();
			let worth = worth_for(shares, equity + amount, total + shares).unwrap();
			prop_assert!(worth <= amount);
		}

		#[test]
		fn leaver_should_never_take_from_those_who_stay(
			shares in 1..1_000_000_000_000u128,
			others in 1..1_000_000_000_000u128,
			equity in 1..1_000_000_000_000_000u128,
		) {
			let total = shares + others;
			let before = worth_for(others, equity, total).unwrap();
			let paid = worth_for(shares, equity, total).unwrap();
			let after = worth_for(others, equity - paid, total - shares).unwrap();
			prop_assert!(after >= before);
		}
	}
}
