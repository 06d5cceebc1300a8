// SPDX-License-Identifier: Apache-2.0
//! A resting order gets another price or size and keeps its number.

use crate::{
	admission,
	book::OpenBook,
	placing::Incoming,
	session::Session,
	types::{OrderKind, SelfTrade},
	Config, Error, Event, Pallet,
};
use ballast_exchange::{Lots, Markets, OpenOrder, OptionPrice, OrderId};
use sp_runtime::DispatchResult;

impl<T: Config> Session<T> {
	/// Gives an order a new price and a new open size.
	///
	/// At the same price and no larger it keeps its place. Otherwise it leaves the book and comes in
	/// anew, as a limit order with the same number.
	pub fn replace(&mut self, id: OrderId, price: OptionPrice, lots: Lots) -> DispatchResult {
		let order = self.order(id)?;
		if price == order.price && lots <= order.lots {
			return self.shrink(&order, lots);
		}
		let terms = admission::market::<T>(&order.series, order.reduce_only)?;
		admission::price_and_size::<T>(&terms, price, lots)?;
		admission::time::<T>(order.good_till, self.now)?;
		self.withdraw(&order);
		self.report_replaced(&order, price, lots, false);
		let order = OpenOrder { price, lots, ..order };
		let incoming =
			Incoming { order, kind: OrderKind::Limit, self_trade: SelfTrade::CancelResting };
		self.execute(&terms, incoming)
	}

	/// Less of an order never needs margin, nor a market that takes orders.
	fn shrink(&mut self, order: &OpenOrder, lots: Lots) -> DispatchResult {
		let terms = T::Markets::terms(order.series.underlying).ok_or(Error::<T>::UnknownSeries)?;
		// What is left of an order that has filled in part may be below the smallest order already.
		if lots < order.lots {
			admission::size::<T>(&terms, lots)?;
		}
		if let Some(mut book) = OpenBook::<T>::existing(&order.series) {
			book.shrink(order, order.lots.saturating_sub(lots));
			book.save();
		}
		if let Some(held) = self.account.orders.iter_mut().find(|held| held.id == order.id) {
			held.lots = lots;
		}
		self.report_replaced(order, order.price, lots, true);
		Ok(())
	}

	fn report_replaced(
		&self,
		order: &OpenOrder,
		price: OptionPrice,
		lots: Lots,
		keeps_place: bool,
	) {
		Pallet::<T>::deposit_event(Event::OrderReplaced {
			account: self.key.clone(),
			order: order.id,
			series: order.series,
			price,
			lots,
			keeps_place,
		});
	}
}
