// SPDX-License-Identifier: Apache-2.0
//! Orders leave the book by their owner's wish, or because their time is over.

use crate::{
	book::OpenBook,
	session::{forget, Session},
	types::{is_over, CancelReason, OrderRef},
	AccountIdOf, Config, Error, Pallet,
};
use alloc::vec::Vec;
use ballast_exchange::{
	Account, AccountKey, ClientOrderId, OpenOrder, OrderCanceller, OrderId, SeriesId,
};
use frame_support::{ensure, traits::Time};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Session<T> {
	/// Cancels one order.
	pub fn cancel(&mut self, id: OrderId) -> DispatchResult {
		let order = self.order(id)?;
		self.cancel_order(&order, CancelReason::Owner);
		Ok(())
	}

	/// Cancels the order with a number of the client's.
	pub fn cancel_by_client_id(&mut self, client_id: ClientOrderId) -> DispatchResult {
		let is_meant = |order: &&OpenOrder| order.client_id == Some(client_id);
		let order = *self.account.orders.iter().find(is_meant).ok_or(Error::<T>::UnknownOrder)?;
		self.cancel_order(&order, CancelReason::Owner);
		Ok(())
	}

	/// Cancels every order, of one series or of all. None is no fault.
	pub fn cancel_many(&mut self, series: Option<&SeriesId>) {
		let is_meant = |order: &&OpenOrder| series.is_none_or(|series| order.series == *series);
		let orders: Vec<OpenOrder> = self.account.orders.iter().filter(is_meant).copied().collect();
		for order in &orders {
			self.cancel_order(order, CancelReason::Owner);
		}
	}

	/// An order of the caller that rests.
	pub fn order(&self, id: OrderId) -> Result<OpenOrder, DispatchError> {
		self.account.order(id).copied().ok_or(Error::<T>::UnknownOrder.into())
	}

	fn cancel_order(&mut self, order: &OpenOrder, reason: CancelReason) {
		self.withdraw(order);
		Self::report_cancelled(&self.reference(order.id), order, order.lots, reason);
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_remove_expired(
		key: AccountKey<AccountIdOf<T>>,
		id: OrderId,
	) -> DispatchResult {
		let mut session = Session::<T>::load(key, 0)?;
		let order = session.order(id)?;
		ensure!(is_over(&order, T::Time::now()), Error::<T>::NotExpired);
		session.cancel_order(&order, CancelReason::Expired);
		session.finish()
	}
}

/// For a liquidation, which has loaded the account and stores it.
impl<T: Config> OrderCanceller<AccountIdOf<T>> for Pallet<T> {
	fn cancel_all(key: &AccountKey<AccountIdOf<T>>, account: &mut Account) -> u32 {
		let orders = account.orders.clone();
		for order in &orders {
			let reference = OrderRef { account: key.clone(), id: order.id };
			if let Some(mut book) = OpenBook::<T>::existing(&order.series) {
				book.withdraw(&reference, order);
				book.save();
			}
			forget(account, order.id);
			let reason = CancelReason::Liquidation;
			Session::<T>::report_cancelled(&reference, order, order.lots, reason);
		}
		// At most 64.
		orders.len() as u32
	}
}
