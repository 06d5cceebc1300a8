// SPDX-License-Identifier: Apache-2.0
//! An order meets the other side of its book: best price first, at one price the oldest first.
//!
//! Each resting order that is looked at is a step, filled or not, and steps are counted: whatever
//! others have put into the book, a call does a bounded amount of work.

use crate::{
	book::OpenBook,
	placing::Incoming,
	session::{forget, is_full_for, reducible, Session},
	types::{is_over, CancelReason, Level, OrderKind, OrderRef, SelfTrade},
	AccountIdOf, Config, Error, Event, Pallet,
};
use ballast_exchange::{
	Account, Clearing, Fees, Fill, Lots, MarketTerms, Markets, OpenOrder, OptionPrice, Side,
};
use frame_support::storage::with_storage_layer;
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

type LevelOf<T> = Level<AccountIdOf<T>>;
type RefOf<T> = OrderRef<AccountIdOf<T>>;

/// A resting order that is to be filled.
struct Maker<T: Config> {
	reference: RefOf<T>,
	order: OpenOrder,
	before: Account,
}

/// Why a fill did not happen.
enum Refused {
	/// Clearing could not do it.
	Fill(DispatchError),
	/// The resting side would have had too little margin, or prices are too old to tell.
	Margin,
}

impl From<DispatchError> for Refused {
	fn from(error: DispatchError) -> Self {
		Self::Fill(error)
	}
}

impl<T: Config> Session<T> {
	/// Fills `incoming` as far as it goes. `Some`: it has to stop though there is more it crosses.
	pub fn match_book(
		&mut self,
		book: &mut OpenBook<T>,
		terms: &MarketTerms,
		incoming: &mut Incoming,
	) -> Result<Option<CancelReason>, DispatchError> {
		let limit = book.tick(incoming.order.price)?;
		let side = incoming.order.side.opposite();
		while incoming.order.lots > 0 {
			let Some(tick) = book.best_within(side, limit) else { return Ok(None) };
			let mut level = book.level(side, tick).ok_or(Error::<T>::CorruptBook)?;
			let stopped = self.match_level(book, terms, &mut level, incoming)?;
			book.put_level(side, tick, level);
			if stopped.is_some() {
				return Ok(stopped);
			}
		}
		Ok(None)
	}

	fn match_level(
		&mut self,
		book: &OpenBook<T>,
		terms: &MarketTerms,
		level: &mut LevelOf<T>,
		incoming: &mut Incoming,
	) -> Result<Option<CancelReason>, DispatchError> {
		while incoming.order.lots > 0 && level.count > 0 {
			let head = level.front.first().cloned().ok_or(Error::<T>::CorruptBook)?;
			if !self.take_step() {
				return Ok(Some(CancelReason::MatchLimit));
			}
			let stopped = self.meet(book, terms, level, head, incoming)?;
			if stopped.is_some() {
				return Ok(stopped);
			}
		}
		Ok(None)
	}

	/// Deals with the resting order whose turn it is: fills it, or takes it out of the book.
	fn meet(
		&mut self,
		book: &OpenBook<T>,
		terms: &MarketTerms,
		level: &mut LevelOf<T>,
		head: RefOf<T>,
		incoming: &mut Incoming,
	) -> Result<Option<CancelReason>, DispatchError> {
		let Some(mut maker) = self.maker(head.clone()) else {
			Self::drop_unknown(book, level, &head, incoming)?;
			return Ok(None);
		};
		if is_over(&maker.order, self.now) {
			return self.drop_resting(book, level, &maker, CancelReason::Expired);
		}
		if head.account.owner == self.key.owner {
			return match incoming.self_trade {
				SelfTrade::CancelIncoming => Ok(Some(CancelReason::SelfTrade)),
				SelfTrade::CancelResting => {
					self.drop_resting(book, level, &maker, CancelReason::SelfTrade)
				},
			};
		}
		if maker.order.reduce_only && !self.cap(level, &mut maker)? {
			return self.drop_resting(book, level, &maker, CancelReason::ReduceOnly);
		}
		if incoming.kind == OrderKind::PostOnly {
			return Err(Error::<T>::WouldCross.into());
		}
		if !self.can_check(&maker.before) {
			return Ok(Some(CancelReason::MatchLimit));
		}
		match self.trade(book, terms, level, &maker, incoming) {
			Ok(()) => Ok(None),
			Err(Refused::Margin) if Self::is_stale(&maker.order) => {
				Ok(Some(CancelReason::PricesStale))
			},
			// Nothing is known against the resting side: its order has to stay.
			Err(Refused::Margin) if !T::Clearing::is_swept(maker.order.series.underlying) => {
				Ok(Some(CancelReason::SweepUnfinished))
			},
			Err(Refused::Margin) => self.drop_resting(book, level, &maker, CancelReason::Margin),
			Err(Refused::Fill(_)) if is_full_for(&maker.before, &maker.order) => {
				self.drop_resting(book, level, &maker, CancelReason::PositionLimit)
			},
			Err(Refused::Fill(error)) => Err(error),
		}
	}

	fn maker(&mut self, reference: RefOf<T>) -> Option<Maker<T>> {
		let account = self.account_of(&reference.account)?;
		let order = *account.order(reference.id)?;
		Some(Maker { reference, order, before: account.clone() })
	}

	/// Makes a reduce-only order no larger than the position; `false` if there is no position.
	fn cap(&mut self, level: &mut LevelOf<T>, maker: &mut Maker<T>) -> Result<bool, DispatchError> {
		let most = reducible(&maker.before, &maker.order);
		let cut = maker.order.lots.saturating_sub(most);
		if most == 0 || cut <= 0 {
			return Ok(most > 0);
		}
		level.lots = level.lots.checked_sub(cut).ok_or(Error::<T>::CorruptBook)?;
		maker.order.lots = most;
		let account = self.account_of(&maker.reference.account).ok_or(Error::<T>::CorruptBook)?;
		set_lots(account, &maker.order, most);
		maker.before = account.clone();
		Pallet::<T>::deposit_event(Event::OrderReduced {
			account: maker.reference.account.clone(),
			order: maker.reference.id,
			series: maker.order.series,
			lots: most,
		});
		Ok(true)
	}

	fn trade(
		&mut self,
		book: &OpenBook<T>,
		terms: &MarketTerms,
		level: &mut LevelOf<T>,
		maker: &Maker<T>,
		incoming: &mut Incoming,
	) -> Result<(), Refused> {
		let lots = maker.order.lots.min(incoming.order.lots);
		let left = maker.order.lots.saturating_sub(lots);
		let taker_side = incoming.order.side;
		let OpenOrder { series, price, .. } = maker.order;
		let fill = Fill { series, taker_side, price, lots };
		let mut after = maker.before.clone();
		let mut taker = self.account.clone();
		let fees = self.clear(&fill, maker, left, &mut after, &mut taker)?;
		self.account = taker;
		if let Some(account) = self.account_of(&maker.reference.account) {
			*account = after;
		}
		if left > 0 {
			// The level's lots are a sum that contains the order's.
			level.lots = level.lots.saturating_sub(lots);
		} else if !book.take_out(level, &maker.reference, lots) {
			return Err(Refused::Fill(Error::<T>::CorruptBook.into()));
		}
		// `lots` is at most what is left.
		incoming.order.lots = incoming.order.lots.saturating_sub(lots);
		self.add_premium(taker_side, terms, price, lots)?;
		self.report_filled(&fill, maker, left, incoming, fees);
		Ok(())
	}

	/// Has clearing do the fill, and undoes it if the resting side has too little margin for it.
	fn clear(
		&mut self,
		fill: &Fill,
		maker: &Maker<T>,
		left: Lots,
		after: &mut Account,
		taker: &mut Account,
	) -> Result<Fees, Refused> {
		with_storage_layer(|| {
			let fees = T::Clearing::fill(fill, after, taker)?;
			set_lots(after, &maker.order, left);
			self.check_other(&maker.before, after).map_err(|_| Refused::Margin)?;
			Ok(fees)
		})
	}

	/// Prices that are too old say nothing about the resting side: its order has to stay.
	fn is_stale(order: &OpenOrder) -> bool {
		T::Markets::spot(order.series.underlying)
			.is_none_or(|spot| spot.age_millis() > T::Markets::max_price_age_millis())
	}

	fn add_premium(
		&mut self,
		side: Side,
		terms: &MarketTerms,
		price: OptionPrice,
		lots: Lots,
	) -> DispatchResult {
		let overflow = DispatchError::Arithmetic(ArithmeticError::Overflow);
		let (floor, ceil) = terms.cost(lots, price).ok_or(overflow)?;
		let paid = match side {
			Side::Buy => ceil,
			Side::Sell => -floor,
		};
		self.premium = self.premium.checked_add(paid).ok_or(overflow)?;
		Ok(())
	}

	/// Takes a resting order out of book and account.
	fn drop_resting(
		&mut self,
		book: &OpenBook<T>,
		level: &mut LevelOf<T>,
		maker: &Maker<T>,
		reason: CancelReason,
	) -> Result<Option<CancelReason>, DispatchError> {
		let Maker { reference, order, .. } = maker;
		if !book.take_out(level, reference, order.lots) {
			return Err(Error::<T>::CorruptBook.into());
		}
		if let Some(account) = self.account_of(&reference.account) {
			forget(account, reference.id);
		}
		Self::report_cancelled(reference, order, order.lots, reason);
		Ok(None)
	}

	/// Takes out an entry whose account cannot be loaded or does not know the order.
	fn drop_unknown(
		book: &OpenBook<T>,
		level: &mut LevelOf<T>,
		reference: &RefOf<T>,
		incoming: &Incoming,
	) -> DispatchResult {
		log::warn!(target: crate::LOG_TARGET, "no order for the entry {:?} of the book", reference);
		// Its size is not known: the level's sum stays too high by it until the level is empty.
		if !book.take_out(level, reference, 0) {
			return Err(Error::<T>::CorruptBook.into());
		}
		Self::report_cancelled(reference, &incoming.order, 0, CancelReason::Unavailable);
		Ok(())
	}

	fn report_filled(
		&self,
		fill: &Fill,
		maker: &Maker<T>,
		maker_left: Lots,
		incoming: &Incoming,
		fees: Fees,
	) {
		Pallet::<T>::deposit_event(Event::Filled {
			series: fill.series,
			price: fill.price,
			lots: fill.lots,
			taker_side: fill.taker_side,
			maker: maker.reference.account.clone(),
			maker_order: maker.reference.id,
			maker_left,
			taker: self.key.clone(),
			taker_order: incoming.order.id,
			taker_left: incoming.order.lots,
			maker_fee: fees.maker,
			taker_fee: fees.taker,
		});
	}
}

/// Sets what is left of an order in the record of its account; nothing left: removes it.
fn set_lots(account: &mut Account, order: &OpenOrder, lots: Lots) {
	if lots == 0 {
		return forget(account, order.id);
	}
	if let Some(held) = account.orders.iter_mut().find(|held| held.id == order.id) {
		held.lots = lots;
	}
}
