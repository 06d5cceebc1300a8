// SPDX-License-Identifier: Apache-2.0
//! An order comes in: it is checked, matched, and what is left rests or is cancelled.

use crate::{
	admission,
	book::OpenBook,
	session::{self, Session},
	types::{CancelReason, NewOrder, OrderKind, SelfTrade},
	Config, Error, Event, Pallet,
};
use ballast_exchange::{MarketTerms, OpenOrder, OrderId};
use frame_support::ensure;
use sp_runtime::DispatchResult;

/// An order on its way through the book.
pub struct Incoming {
	/// The order as it would rest; its lots are what is left of it.
	pub order: OpenOrder,
	/// What happens to the part that does not fill.
	pub kind: OrderKind,
	/// What happens when it meets an order of the same owner.
	pub self_trade: SelfTrade,
}

impl Incoming {
	fn new(new: &NewOrder, id: OrderId) -> Self {
		let NewOrder { series, side, price, lots, reduce_only, good_till, client_id, .. } = *new;
		let order = OpenOrder { id, client_id, series, side, price, lots, reduce_only, good_till };
		Self { order, kind: new.kind, self_trade: new.self_trade }
	}
}

impl<T: Config> Session<T> {
	/// Places a new order.
	pub fn place(&mut self, new: &NewOrder) -> DispatchResult {
		let terms = admission::market::<T>(&new.series, new.reduce_only)?;
		admission::margin::<T>(self.account.margin, &new.series)?;
		admission::price_and_size::<T>(&terms, new.price, new.lots)?;
		admission::time::<T>(new.good_till, self.now)?;
		if let Some(client_id) = new.client_id {
			ensure!(!self.account.knows(client_id), Error::<T>::DuplicateClientOrderId);
			self.account.remember(client_id);
		}
		let id = self.next_order_id()?;
		self.execute(&terms, Incoming::new(new, id))
	}

	/// Matches an order that has been checked, and rests or cancels what is left.
	pub fn execute(&mut self, terms: &MarketTerms, mut incoming: Incoming) -> DispatchResult {
		self.adds_risk = true;
		self.work.placed = self.work.placed.saturating_add(1);
		self.begin_order();
		if incoming.order.reduce_only {
			let most = session::reducible(&self.account, &incoming.order);
			ensure!(most > 0, Error::<T>::NothingToReduce);
			incoming.order.lots = incoming.order.lots.min(most);
		}
		let lots = incoming.order.lots;
		let mut book = OpenBook::<T>::open(&incoming.order.series, terms.tick);
		let stopped = self.match_book(&mut book, terms, &mut incoming)?;
		if incoming.order.reduce_only && incoming.order.lots < lots {
			self.work.reductions = self.work.reductions.saturating_add(1);
		}
		if incoming.order.lots > 0 {
			self.conclude(&mut book, &incoming, stopped)?;
		}
		book.save();
		Ok(())
	}

	fn conclude(
		&mut self,
		book: &mut OpenBook<T>,
		incoming: &Incoming,
		stopped: Option<CancelReason>,
	) -> DispatchResult {
		let order = &incoming.order;
		let reason = match (incoming.kind, stopped) {
			(OrderKind::FillOrKill, _) => return Err(Error::<T>::NotFilled.into()),
			(_, Some(reason)) => reason,
			(OrderKind::ImmediateOrCancel, None) => CancelReason::ImmediateRemainder,
			(OrderKind::Limit | OrderKind::PostOnly, None) => return self.rest(book, order),
		};
		Self::report_cancelled(&self.reference(order.id), order, order.lots, reason);
		Ok(())
	}

	fn rest(&mut self, book: &mut OpenBook<T>, order: &OpenOrder) -> DispatchResult {
		book.rest(self.reference(order.id), order)?;
		session::note::<T>(&mut self.account, *order)?;
		self.work.rested = self.work.rested.saturating_add(1);
		Pallet::<T>::deposit_event(Event::OrderPlaced { account: self.key.clone(), order: *order });
		Ok(())
	}
}
