// SPDX-License-Identifier: Apache-2.0
//! Auctions: opened, looked after, ended.

use crate::{look::Eyes, pallet::*, slice::owed, weights::WeightInfo, Auction, EndReason, Stage};
use ballast_exchange::{
	Account, Clearing, Custody, Markets, MicroUsd, OrderCanceller, Ppb, MAX_POSITIONS,
};
use ballast_risk::{AuctionPhase, AuctionState, Margin, Quote};
use frame_support::{
	pallet_prelude::*, storage::with_storage_layer, traits::Get, weights::WeightMeter,
};

/// An account on auction, as it stands.
pub(crate) struct OnSale<T: Config> {
	pub key: KeyOf<T>,
	pub account: Account,
	pub auction: Auction,
	pub margin: Margin,
	/// Whether every price is fresh: otherwise nothing happens to it.
	pub is_fresh: bool,
}

impl<T: Config> OnSale<T> {
	pub fn state(&self) -> AuctionState {
		AuctionState {
			mark: self.margin.equity,
			maintenance: self.margin.maintenance,
			reserved: self.auction.reserved,
		}
	}

	/// What has to reach zero.
	pub fn target(&self, eyes: &Eyes<T>) -> Result<MicroUsd, Error<T>> {
		target(eyes, &self.margin)
	}

	pub fn is_bare(&self) -> bool {
		self.account.positions.is_empty() && self.account.collateral.is_empty()
	}

	/// What the auction does now, with a share that moves at least one lot.
	pub fn phase(&self, eyes: &Eyes<T>) -> Result<AuctionPhase, Error<T>> {
		if self.target(eyes)? >= 0 && !self.margin.is_liquidatable() {
			return Ok(AuctionPhase::Complete);
		}
		let rules = &eyes.parameters.auction;
		let discount = rules.discount(self.auction.elapsed_millis);
		if self.margin.equity <= 0 || discount == Ppb::ZERO {
			return Ok(AuctionPhase::Insolvent);
		}
		let max_share = rules.max_share(&self.state(), discount);
		let max_share = max_share.map_err(|_| Error::<T>::AmountTooLarge)?;
		// Rounding towards nothing would leave the account short of its target.
		let max_share = whole_lots(&self.account, max_share, true);
		Ok(AuctionPhase::Solvent(Quote { discount, max_share }))
	}
}

/// `maintenance + (maintenance - equity) buffer`.
pub(crate) fn target<T: Config>(eyes: &Eyes<T>, margin: &Margin) -> Result<MicroUsd, Error<T>> {
	let state = AuctionState { mark: margin.equity, maintenance: margin.maintenance, reserved: 0 };
	eyes.parameters.auction.target(&state).map_err(|_| Error::AmountTooLarge)
}

/// The share nearest to `share`, above or below it, that is a whole number of lots of the largest position: of
/// at least one if above, so that a book of single lots is sold as a whole. Without positions, of units of the
/// largest collateral.
pub(crate) fn whole_lots(account: &Account, share: Ppb, above: bool) -> Ppb {
	const BILLION: u128 = 1_000_000_000;
	let lots = account.positions.iter().map(|position| u128::from(position.lots.unsigned_abs()));
	let units = account.collateral.iter().map(|(_, units)| *units);
	// Finer than a billionth is no share.
	let most = lots.max().or(units.max()).unwrap_or(1).clamp(1, BILLION * BILLION);
	let exact = most * u128::from(share.0.clamp(0, Ppb::ONE.0).unsigned_abs());
	let whole = if above { exact.div_ceil(BILLION).max(1) } else { exact / BILLION };
	let share = (whole * BILLION).div_ceil(most).min(BILLION);
	Ppb(i64::try_from(share).unwrap_or(Ppb::ONE.0))
}

impl<T: Config> Pallet<T> {
	/// Takes an account out of its owner's hands and puts its book on auction.
	pub(crate) fn open_auction(
		eyes: &Eyes<T>,
		key: &KeyOf<T>,
		mut account: Account,
		margin: &Margin,
	) -> DispatchResult {
		let orders = T::Orders::cancel_all(key, &mut account);
		if orders > 0 {
			Self::deposit_event(Event::OrdersCancelled { account: key.clone(), orders });
		}
		account.frozen = true;
		T::Custody::store(key, account)?;
		Due::<T>::remove(key);
		let target = target(eyes, margin)?;
		let (opened_at, missing) = (eyes.now, owed(target));
		let seen_at = opened_at;
		Auctions::<T>::insert(key, Auction { opened_at, seen_at, missing, ..Default::default() });
		Self::deposit_event(Event::AuctionOpened {
			account: key.clone(),
			equity: margin.equity,
			maintenance: margin.maintenance,
			target,
		});
		Ok(())
	}

	/// The auction of an account with its time counted up to now. Nothing is written.
	pub(crate) fn on_sale(eyes: &mut Eyes<T>, key: &KeyOf<T>) -> Result<OnSale<T>, DispatchError> {
		let mut auction = Auctions::<T>::get(key).ok_or(Error::<T>::NoAuction)?;
		let account = T::Custody::peek(key).ok_or(Error::<T>::CorruptRecords)?;
		let safety = T::Custody::safety(&mut eyes.prices, &account)?;
		let is_fresh = eyes.is_true(&safety);
		auction.has_failed = false;
		auction.advance(eyes.now, is_fresh, T::Markets::max_price_age_millis());
		if is_fresh {
			auction.missing = owed(target(eyes, &safety.margin)?);
		}
		Ok(OnSale { key: key.clone(), account, auction, margin: safety.margin, is_fresh })
	}

	/// Ends an auction whose account is back at its target or has nothing left; whether it did.
	pub(crate) fn conclude(eyes: &mut Eyes<T>, key: &KeyOf<T>) -> Result<bool, DispatchError> {
		let sale = Self::on_sale(eyes, key)?;
		Self::conclude_sale(eyes, sale).map(|sale| sale.is_none())
	}

	/// The same for one that has been read; gives it back if it goes on.
	pub(crate) fn conclude_sale(
		eyes: &Eyes<T>,
		sale: OnSale<T>,
	) -> Result<Option<OnSale<T>>, DispatchError> {
		if !sale.is_fresh {
			return Ok(Some(sale));
		}
		if sale.is_bare() {
			Self::settle_bare(sale)?;
			return Ok(None);
		}
		if sale.phase(eyes)? == AuctionPhase::Complete {
			Self::end_auction(sale, EndReason::TargetReached)?;
			return Ok(None);
		}
		Ok(Some(sale))
	}

	/// Gives an account back to its owner.
	pub(crate) fn end_auction(mut sale: OnSale<T>, reason: EndReason) -> DispatchResult {
		sale.account.frozen = false;
		T::Custody::store(&sale.key, sale.account)?;
		Self::forget_auction(&sale.key, &sale.auction, reason, &sale.margin);
		Ok(())
	}

	pub(crate) fn forget_auction(
		key: &KeyOf<T>,
		auction: &Auction,
		reason: EndReason,
		margin: &Margin,
	) {
		Auctions::<T>::remove(key);
		Plans::<T>::remove(key);
		Self::deposit_event(Event::AuctionEnded {
			account: key.clone(),
			reason,
			equity: margin.equity,
			maintenance: margin.maintenance,
			reserved: auction.reserved,
		});
	}

	/// Brings the stage in line with the phase.
	pub(crate) fn enter(sale: &mut OnSale<T>, phase: &AuctionPhase) {
		let is_insolvent = matches!(phase, AuctionPhase::Insolvent);
		match (sale.auction.stage, is_insolvent) {
			(Stage::Solvent, true) => {
				sale.auction.stage = Stage::Insolvent;
				// What bidders paid goes with the book: the fund pays only for what it does not cover.
				sale.auction.reserved = 0;
				Self::deposit_event(Event::AuctionInsolvent {
					account: sale.key.clone(),
					equity: sale.margin.equity,
					maintenance: sale.margin.maintenance,
				});
			},
			(Stage::Insolvent | Stage::Deleveraging, false) => {
				sale.auction.stage = Stage::Solvent;
				Plans::<T>::remove(&sale.key);
			},
			_ => {},
		}
	}

	/// The most that looking after one auction weighs before it asks for room again.
	pub fn most_visit() -> Weight {
		T::WeightInfo::visit_auction()
			.saturating_add(T::Custody::safety_weight(MAX_POSITIONS))
			.saturating_add(Self::most_vault_try().max(Self::most_close()))
	}

	/// Looks after auctions in turn, as the block has room.
	pub(crate) fn look_after_auctions(eyes: &mut Eyes<T>, meter: &mut WeightMeter) {
		let most = Self::most_visit();
		let count = Auctions::<T>::count().min(T::MaxAuctionVisits::get());
		let mut last = AuctionCursor::<T>::get();
		for _ in 0..count {
			if !meter.can_consume(most) {
				break;
			}
			let next = match &last {
				Some(key) => Auctions::<T>::iter_from(Auctions::<T>::hashed_key_for(key)).next(),
				None => None,
			};
			// Behind the last one comes the first one.
			let Some((key, _)) = next.or_else(|| Auctions::<T>::iter().next()) else { break };
			Self::visit_or_skip(eyes, &key, meter);
			last = Some(key);
		}
		if count > 0 {
			AuctionCursor::<T>::set(last);
		}
	}

	pub(crate) fn visit_or_skip(eyes: &mut Eyes<T>, key: &KeyOf<T>, meter: &mut WeightMeter) {
		if let Err(error) = with_storage_layer(|| Self::visit(eyes, key, meter)) {
			Self::visit_failed(key, error);
		}
		eyes.charge(meter, T::WeightInfo::visit_auction());
	}

	/// Marks the auction of a visit that failed: the next one that succeeds forgets it.
	pub(crate) fn visit_failed(key: &KeyOf<T>, error: DispatchError) {
		let Some(auction) = Auctions::<T>::get(key) else { return };
		let is_known = auction.has_failed;
		if !is_known {
			Auctions::<T>::insert(key, Auction { has_failed: true, ..auction });
		}
		Self::step_failed(key, error, is_known);
	}

	/// Moves an auction on.
	fn visit(eyes: &mut Eyes<T>, key: &KeyOf<T>, meter: &mut WeightMeter) -> DispatchResult {
		if T::Custody::peek(key).is_none() {
			let auction = Auctions::<T>::get(key).unwrap_or_default();
			Self::forget_auction(key, &auction, EndReason::AccountGone, &Margin::default());
			return Ok(());
		}
		let sale = Self::on_sale(eyes, key)?;
		let Some(mut sale) = Self::conclude_sale(eyes, sale)? else { return Ok(()) };
		if !sale.is_fresh {
			Auctions::<T>::insert(key, sale.auction);
			return Ok(());
		}
		let phase = sale.phase(eyes)?;
		Self::enter(&mut sale, &phase);
		Auctions::<T>::insert(key, sale.auction);
		let is_taken =
			Self::wants_vault(eyes, &phase) && Self::vault_takes(eyes, &sale, &phase, meter);
		if !is_taken && phase == AuctionPhase::Insolvent {
			Self::deleverage_if_due(eyes, sale, meter)?;
		}
		Ok(())
	}

	fn wants_vault(eyes: &Eyes<T>, phase: &AuctionPhase) -> bool {
		match phase {
			AuctionPhase::Solvent(quote) => quote.discount <= eyes.parameters.house.vault_discount,
			AuctionPhase::Insolvent => true,
			AuctionPhase::Complete => false,
		}
	}
}
