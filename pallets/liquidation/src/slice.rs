// SPDX-License-Identifier: Apache-2.0
//! One slice of a book: taken out, priced, paid, handed over.

use crate::{
	auction::{target, whole_lots, OnSale},
	look::Eyes,
	pallet::*,
	EndReason,
};
use ballast_exchange::{Account, Clearing, Custody, MicroUsd, Ppb};
use ballast_risk::{AuctionPhase, Margin};
use frame_support::{ensure, pallet_prelude::*, storage::with_storage_layer};

/// How often the vault tries with half the slice.
pub(crate) const VAULT_TRIES: u32 = 3;

const BILLION: i128 = 1_000_000_000;

/// A slice as it is offered to who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
	/// The share of the whole book.
	pub share: Ppb,
	/// What the slice is worth.
	pub equity: MicroUsd,
	/// What it costs; below zero it is paid for by the insurance fund.
	pub price: MicroUsd,
}

/// A slice that changed hands.
pub(crate) struct Taken {
	pub offer: Offer,
	/// What still has to reach zero.
	pub target: MicroUsd,
}

impl<T: Config> Pallet<T> {
	/// Hands `asked` of a book, as far as it is for sale, to an account that `accept`s the price.
	///
	/// If lots round so that the share for sale would not help the account, whoever asked for the whole book is
	/// offered it.
	pub(crate) fn take_slice(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		phase: &AuctionPhase,
		taker: &KeyOf<T>,
		asked: Ppb,
		accept: &dyn Fn(&Offer) -> DispatchResult,
	) -> Result<Taken, DispatchError> {
		let for_sale = match phase {
			AuctionPhase::Solvent(quote) => quote.max_share,
			_ => Ppb::ONE,
		};
		let share = whole_lots(&sale.account, asked, false).min(for_sale);
		ensure!(share > Ppb::ZERO, Error::<T>::ShareTooSmall);
		let does_not_help: DispatchError = Error::<T>::SliceDoesNotHelp.into();
		match with_storage_layer(|| Self::try_slice(eyes, sale, phase, taker, share, accept)) {
			Err(error) if error == does_not_help && share < Ppb::ONE && asked == Ppb::ONE => {
				with_storage_layer(|| Self::try_slice(eyes, sale, phase, taker, asked, accept))
			},
			taken => taken,
		}
	}

	fn try_slice(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		phase: &AuctionPhase,
		taker_key: &KeyOf<T>,
		share: Ppb,
		accept: &dyn Fn(&Offer) -> DispatchResult,
	) -> Result<Taken, DispatchError> {
		// Two at most in a bid.
		eyes.slices = eyes.slices.saturating_add(1);
		let (key, mut account) = (&sale.key, sale.account.clone());
		let before = T::Custody::load(taker_key)?;
		let mut taker = before.clone();
		let part = T::Custody::split(&mut account, share, sale.auction.reserved)?;
		let worth = T::Custody::margin(&mut eyes.prices, &part)?;
		// Whoever takes debts over owes them; nobody borrows the price.
		let owed_with = owed(before.cash).saturating_add(owed(part.cash));
		T::Custody::merge(key, part, taker_key, &mut taker)?;
		let price = match phase {
			AuctionPhase::Solvent(quote) => {
				let price =
					solvent_price(&worth, quote.discount).ok_or(Error::<T>::AmountTooLarge)?;
				T::Custody::pay(price, (taker_key, &mut taker), (key, &mut account))?;
				price
			},
			_ => Self::pay_taker(eyes, sale, &worth, share, taker_key, &mut taker)?,
		};
		let offer = Offer { share, equity: worth.equity, price };
		accept(&offer)?;
		ensure!(owed(taker.cash) <= owed_with, Error::<T>::BidderLacksCash);
		T::Custody::check_takeover(&mut eyes.prices, &before, &taker)?;
		let margin = T::Custody::margin(&mut eyes.prices, &account)?;
		let target = target(eyes, &margin)?;
		ensure!(target > sale.target(eyes)? || target >= 0, Error::<T>::SliceDoesNotHelp);
		T::Custody::store(taker_key, taker)?;
		Self::keep_or_end(sale, account, margin, target, price.max(0))?;
		Ok(Taken { offer, target })
	}

	/// Stores what is left of an account, and ends its auction if that is enough.
	fn keep_or_end(
		sale: &OnSale<T>,
		account: Account,
		margin: Margin,
		target: MicroUsd,
		paid: MicroUsd,
	) -> DispatchResult {
		let mut auction = sale.auction;
		let reserved = auction.reserved.checked_add(paid);
		auction.reserved = reserved.ok_or(Error::<T>::AmountTooLarge)?;
		auction.missing = owed(target);
		let rest = OnSale { key: sale.key.clone(), account, auction, margin, is_fresh: true };
		if rest.is_bare() {
			return Self::settle_bare(rest);
		}
		if target >= 0 && !margin.is_liquidatable() {
			return Self::end_auction(rest, EndReason::TargetReached);
		}
		Auctions::<T>::insert(&rest.key, rest.auction);
		T::Custody::store(&rest.key, rest.account)?;
		// Known as it is now; the auction is looked after anyway.
		Due::<T>::remove(&rest.key);
		Ok(())
	}

	/// Pays whoever takes a slice of an insolvent book: what the slice is short of nothing, and the premium.
	fn pay_taker(
		eyes: &Eyes<T>,
		sale: &OnSale<T>,
		worth: &Margin,
		share: Ppb,
		taker_key: &KeyOf<T>,
		taker: &mut Account,
	) -> Result<MicroUsd, DispatchError> {
		let rules = &eyes.parameters.auction;
		let payment = |elapsed| rules.insolvent_payment(&sale.state(), elapsed, share);
		let premium = payment(sale.auction.insolvent_millis)
			.and_then(|now| Ok(now - payment(0)?))
			.map_err(|_| Error::<T>::AmountTooLarge)?;
		let due = premium.max(0).saturating_sub(worth.equity.min(0));
		let paid = Self::draw(&sale.key, due.unsigned_abs(), taker_key, taker)?;
		Ok(MicroUsd::try_from(paid).map_err(|_| Error::<T>::AmountTooLarge)?.saturating_neg())
	}

	/// Draws on the insurance fund for an insolvent account; how much there was.
	pub(crate) fn draw(
		key: &KeyOf<T>,
		amount: u128,
		to: &KeyOf<T>,
		into: &mut Account,
	) -> Result<u128, DispatchError> {
		if amount == 0 || T::Custody::insurance() == 0 {
			return Ok(0);
		}
		let amount = T::Custody::draw_insurance(amount, to, into)?;
		let (account, to) = (key.clone(), to.clone());
		let left = T::Custody::insurance();
		Self::deposit_event(Event::InsurancePaid { account, to, amount, left });
		Ok(amount)
	}
}

/// `equity discount`, rounded up; a slice that is worth nothing costs nothing.
fn solvent_price(worth: &Margin, discount: Ppb) -> Option<MicroUsd> {
	let exact = worth.equity.max(0).checked_mul(discount.0.into())?;
	Some(-(-exact).div_euclid(BILLION))
}

pub(crate) fn owed(cash: MicroUsd) -> u128 {
	cash.min(0).unsigned_abs()
}
