// SPDX-License-Identifier: Apache-2.0
//! What one call holds in memory: the caller's account, the accounts it meets, prices, and a count of
//! the work done. Each account is loaded once and stored once.

use crate::{
	book::OpenBook,
	metering::{self, Work},
	types::{CancelReason, OrderRef},
	AccountIdOf, Config, Error, Event, Pallet,
};
use alloc::collections::BTreeMap;
use ballast_exchange::{
	Account, AccountKey, Clearing, MicroUsd, Moment, OpenOrder, OrderId, MAX_POSITIONS,
};
use frame_support::{
	traits::{Get, Time},
	weights::Weight,
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

/// The accounts met by a call, by their keys.
type Accounts<T> = BTreeMap<AccountKey<AccountIdOf<T>>, Account>;
/// Prices that clearing has loaded.
pub type PricesOf<T> = <<T as Config>::Clearing as Clearing<AccountIdOf<T>>>::Prices;

/// One call's work on the books.
pub struct Session<T: Config> {
	/// The caller's account.
	pub key: AccountKey<AccountIdOf<T>>,
	/// It as it is now.
	pub account: Account,
	/// It as it was loaded.
	before: Account,
	/// Accounts met by the steps that are done.
	met: Accounts<T>,
	/// Accounts met by the step under way.
	touched: Accounts<T>,
	/// Prices, read once.
	pub prices: PricesOf<T>,
	/// Now.
	pub now: Moment,
	/// Whether anything was done that may need margin.
	pub adds_risk: bool,
	/// Premium paid so far, without fees; negative is received.
	pub premium: MicroUsd,
	/// Work done.
	pub work: Work,
	/// Resting orders that the call may look at yet.
	steps_left: u32,
	/// Resting orders that the order at hand may look at yet.
	order_steps_left: u32,
	/// What checks of others may weigh yet.
	checks_left: Weight,
}

impl<T: Config> Session<T> {
	/// Loads the caller's account for a call that may look at `steps` resting orders.
	pub fn load(key: AccountKey<AccountIdOf<T>>, steps: u32) -> Result<Self, DispatchError> {
		let account = T::Clearing::load(&key)?;
		Ok(Self {
			key,
			before: account.clone(),
			account,
			met: Accounts::<T>::new(),
			touched: Accounts::<T>::new(),
			prices: Default::default(),
			now: T::Time::now(),
			adds_risk: false,
			premium: 0,
			work: Work::default(),
			steps_left: steps,
			order_steps_left: 0,
			checks_left: metering::makers_checks::<T>(),
		})
	}

	/// Checks the caller's margin if need be, and stores every account.
	pub fn finish(&mut self) -> DispatchResult {
		if self.adds_risk {
			T::Clearing::check(&mut self.prices, &self.before, &self.account)?;
		}
		self.keep();
		for (key, account) in core::mem::take(&mut self.met) {
			T::Clearing::store(&key, account)?;
		}
		T::Clearing::store(&self.key, self.account.clone())
	}

	/// Accepts what the step under way did to other accounts.
	pub fn keep(&mut self) {
		self.met.append(&mut self.touched);
	}

	/// Forgets what the step under way did to any account; the caller's goes back to `account`.
	pub fn discard(&mut self, account: Account) {
		self.touched.clear();
		self.account = account;
	}

	/// Gives the next order its steps.
	pub fn begin_order(&mut self) {
		self.order_steps_left = T::MaxMatches::get();
	}

	/// Counts a look at one resting order; `false` if no more are allowed.
	pub fn take_step(&mut self) -> bool {
		let (Some(steps), Some(order_steps)) =
			(self.steps_left.checked_sub(1), self.order_steps_left.checked_sub(1))
		else {
			return false;
		};
		self.steps_left = steps;
		self.order_steps_left = order_steps;
		self.work.steps = self.work.steps.saturating_add(1);
		true
	}

	/// Checks the margin of a resting side that a fill has changed.
	pub fn check_other(&mut self, before: &Account, after: &Account) -> DispatchResult {
		let done = T::Clearing::margin_work(&self.prices);
		let result = T::Clearing::check(&mut self.prices, before, after);
		let weight = T::Clearing::margin_work(&self.prices).saturating_sub(done);
		self.checks_left = self.checks_left.saturating_sub(weight);
		result
	}

	/// Whether there is weight to check a resting side, given as it is before its fill.
	pub fn can_check(&self, before: &Account) -> bool {
		T::Clearing::most_check_of(&self.prices, before).all_lte(self.checks_left)
	}

	/// The number of the caller's next order.
	pub fn next_order_id(&mut self) -> Result<OrderId, DispatchError> {
		let id = self.account.next_order;
		self.account.next_order = id.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Ok(id)
	}

	/// Names an order of the caller.
	pub fn reference(&self, id: OrderId) -> OrderRef<AccountIdOf<T>> {
		OrderRef { account: self.key.clone(), id }
	}

	/// An account, loaded if this is the first time the call meets it; `None` if it cannot trade.
	pub fn account_of(&mut self, key: &AccountKey<AccountIdOf<T>>) -> Option<&mut Account> {
		if *key == self.key {
			return Some(&mut self.account);
		}
		if !self.touched.contains_key(key) {
			let account = match self.met.get(key) {
				Some(account) => account.clone(),
				None => T::Clearing::load(key).ok()?,
			};
			self.touched.insert(key.clone(), account);
		}
		self.touched.get_mut(key)
	}

	/// Takes an order of the caller out of its book and account.
	pub fn withdraw(&mut self, order: &OpenOrder) {
		if let Some(mut book) = OpenBook::<T>::existing(&order.series) {
			book.withdraw(&self.reference(order.id), order);
			book.save();
		}
		forget(&mut self.account, order.id);
		self.work.removed = self.work.removed.saturating_add(1);
	}

	/// Says that `lots` of an order are cancelled.
	pub fn report_cancelled(
		reference: &OrderRef<AccountIdOf<T>>,
		order: &OpenOrder,
		lots: i64,
		reason: CancelReason,
	) {
		Pallet::<T>::deposit_event(Event::OrderCancelled {
			account: reference.account.clone(),
			order: reference.id,
			series: order.series,
			lots,
			reason,
		});
	}
}

/// Removes an order from the record of its account.
pub fn forget(account: &mut Account, id: OrderId) {
	if let Ok(index) = account.orders.binary_search_by(|order| order.id.cmp(&id)) {
		account.orders.remove(index);
	}
}

/// Puts an order into the record of its account, in order of its number.
pub fn note<T: Config>(account: &mut Account, order: OpenOrder) -> DispatchResult {
	let index = account.orders.partition_point(|held| held.id < order.id);
	account.orders.try_insert(index, order).map_err(|_full| Error::<T>::TooManyOrders.into())
}

/// Lots by which an order on `side` could make a position smaller.
pub fn reducible(account: &Account, order: &OpenOrder) -> i64 {
	let held = account.position(&order.series);
	match order.side {
		ballast_exchange::Side::Sell => held.max(0),
		// A position of `i64::MIN` lots cannot be: it would exceed every open interest.
		ballast_exchange::Side::Buy => held.saturating_neg().max(0),
	}
}

/// Whether an account has no room for a position in the series of `order`.
pub fn is_full_for(account: &Account, order: &OpenOrder) -> bool {
	account.positions.len() >= MAX_POSITIONS as usize && account.position(&order.series) == 0
}
