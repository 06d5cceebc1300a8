// SPDX-License-Identifier: Apache-2.0
//! How others ask clearing to move money.

use crate::{
	Account, AccountKey, Lots, Margin, MicroUsd, OptionPrice, SeriesId, Side, UnderlyingId,
};
use sp_runtime::DispatchError;
use sp_weights::Weight;

/// One match of two orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
	/// The series.
	pub series: SeriesId,
	/// The side of the order that takes.
	pub taker_side: Side,
	/// Price of the resting order, micro-USD per contract.
	pub price: OptionPrice,
	/// Size, above zero.
	pub lots: Lots,
}

/// What a fill costs each side, micro-USD, zero or above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fees {
	/// Of the resting side.
	pub maker: MicroUsd,
	/// Of the side that takes.
	pub taker: MicroUsd,
}

/// What `clearing` does for the order book.
///
/// A call loads accounts, changes them in memory through these functions, has the margin of each
/// checked, and stores them. Nothing is written before [`Clearing::store`] but fees, open interest
/// and events; a call that ends in an error is rolled back whole.
pub trait Clearing<AccountId> {
	/// Prices loaded during one call, so that each expiry is read once.
	type Prices: Default;

	/// An account whose owner may trade: it exists and is not frozen.
	fn load(key: &AccountKey<AccountId>) -> Result<Account, DispatchError>;

	/// Writes an account back and registers it for the settlement of its expiries.
	///
	/// Fails if it has positions or orders in more than [`crate::MAX_ACCOUNT_EXPIRIES`] expiries.
	fn store(key: &AccountKey<AccountId>, account: Account) -> Result<(), DispatchError>;

	/// Moves lots, premium and fees between two accounts. Orders are the caller's to change.
	fn fill(fill: &Fill, maker: &mut Account, taker: &mut Account) -> Result<Fees, DispatchError>;

	/// Largest fee of a complete fill of an order, as margin counts it.
	fn fee_of(
		prices: &mut Self::Prices,
		series: &SeriesId,
		lots: Lots,
		price: OptionPrice,
	) -> MicroUsd;

	/// The account's margin now, resting orders counted by their worst case, whatever the age of prices.
	fn margin(prices: &mut Self::Prices, account: &Account) -> Result<Margin, DispatchError>;

	/// Whether the account may be left as it is: prices are fresh and initial margin is zero or above,
	/// or else neither initial nor maintenance margin is below what it was in `before`.
	///
	/// The error says which it was: stale prices, or too little margin.
	fn check(
		prices: &mut Self::Prices,
		before: &Account,
		after: &Account,
	) -> Result<(), DispatchError>;

	/// Whether every account in danger on an underlying has been found since its prices changed: if not,
	/// [`Clearing::check`] takes nothing that adds risk on it.
	fn is_swept(_underlying: UnderlyingId) -> bool {
		true
	}

	/// Measured weight of the margin work done through `prices` so far: what was loaded, each thing once, and
	/// each evaluation by the size of its account.
	fn margin_work(prices: &Self::Prices) -> Weight;

	/// The least that one check can weigh: an account with one order in an expiry of one strike.
	fn least_check() -> Weight;

	/// The most that the checks of `accounts` accounts in one call can weigh.
	fn most_checks(accounts: u32) -> Weight;

	/// The most that a check can weigh whose account is `before` until a fill changes one position of it, with what
	/// is loaded already. Never more than `most_checks(1)`.
	fn most_check_of(prices: &Self::Prices, before: &Account) -> Weight;
}
