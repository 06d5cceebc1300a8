// SPDX-License-Identifier: Apache-2.0
//! How far an account is from maintenance margin, and what clearing does for those who take it over.

use crate::{Account, AccountKey, Clearing, ExpiryId, Lots, Margin, MicroUsd, Price, SeriesId};
use crate::{Ppb, UnderlyingId};
use alloc::vec::Vec;
use ballast_risk::ConcentrationParameters;
use sp_runtime::DispatchError;
use sp_weights::Weight;

/// What an account can lose on one underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// Spot when the account was looked at.
	pub spot: Price,
	/// Fall of maintenance margin per relative fall of spot, for a fall by the whole of it, micro-USD, rounded up.
	pub when_falling: MicroUsd,
	/// The same per relative rise.
	pub when_rising: MicroUsd,
	/// Fall of maintenance margin for a drift of one ([`crate::Markets::drift`]), and for a rise of
	/// [`MarginConditions::delay_move`] by one, micro-USD, rounded up, while that has risen by at most
	/// [`ballast_risk::DRIFT_DELAY_RANGE`].
	pub drift_fall: MicroUsd,
	/// The same while that has risen by at most [`ballast_risk::DRIFT_WIDE_DELAY_RANGE`]; `None` if the delay move does not
	/// count, and `drift_fall` holds however much it rises.
	pub wide_drift_fall: Option<MicroUsd>,
	/// What rounding can add to either, micro-USD.
	pub slack: MicroUsd,
	/// The most that maintenance margin can fall in all, whatever prices and parameters do, micro-USD, rounded up. `None` if
	/// nothing bounds it.
	pub most_fall: Option<MicroUsd>,
}

/// How far an account is from maintenance margin.
///
/// Maintenance margin stays at or above zero as long as the sum over the exposures of
/// `when_falling * fall of spot / spot + when_rising * rise of spot / spot + drift_fall * drift + slack` is at most what it
/// is now, while no spot is more than [`ballast_risk::DRIFT_SPOT_RANGE`] above the one here and the delay move has risen by
/// no more than `drift_fall` says: beyond that the account is to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
	/// Margin now, without resting orders: maintenance does not know them.
	pub margin: Margin,
	/// Whether every price under it is fresh.
	pub is_fresh: bool,
	/// What can make it fall, an entry for each underlying that positions or collateral depend on, ascending.
	/// Nothing: no price decides about the account.
	pub exposures: Vec<Exposure>,
}

/// What the margin of the accounts of one underlying gains from how the chain is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarginConditions {
	/// Relative move of spot that no one escapes, from the delay that the chain measures.
	pub delay_move: Ppb,
	/// Multiplier of initial margin, one or above.
	pub multiplier: Ppb,
	/// Charge on initial margin for holding much of a series. Not on maintenance: what others trade changes
	/// open interest, and must not bring an account into liquidation.
	pub concentration: ConcentrationParameters,
}

impl Default for MarginConditions {
	fn default() -> Self {
		Self {
			delay_move: Ppb::ZERO,
			multiplier: Ppb::ONE,
			concentration: ConcentrationParameters::default(),
		}
	}
}

/// What clearing tells the watch over accounts in danger, and asks it.
pub trait RiskWatch<AccountId> {
	/// The record of an account was written: its distance from maintenance margin is to be found anew. An account
	/// that is being closed comes here empty, just before it goes.
	fn changed(key: &AccountKey<AccountId>, account: &Account);
	/// Governance counts less of what accounts hold on an underlying from now on: every account that depends on it
	/// is to be looked at anew.
	fn rules_changed(_underlying: UnderlyingId) {}
	/// Whether every account in danger on an underlying has been found since its prices changed. If not, nothing
	/// that adds risk on it is taken.
	fn is_swept(underlying: UnderlyingId) -> bool;
	/// What the margin of the underlying's accounts gains at present.
	fn conditions(underlying: UnderlyingId) -> MarginConditions;
}

/// Nobody watches.
impl<AccountId> RiskWatch<AccountId> for () {
	fn changed(_key: &AccountKey<AccountId>, _account: &Account) {}

	fn is_swept(_underlying: UnderlyingId) -> bool {
		true
	}

	fn conditions(_underlying: UnderlyingId) -> MarginConditions {
		MarginConditions::default()
	}
}

/// Takes an account's orders out of their books.
pub trait OrderCanceller<AccountId> {
	/// Cancels every resting order of an account, frozen or not; says how many there were.
	fn cancel_all(key: &AccountKey<AccountId>, account: &mut Account) -> u32;
}

/// What clearing does for a liquidation: it moves what an account holds, and the insurance fund.
///
/// As with [`Clearing`], accounts are changed in memory and written by [`Clearing::store`], which takes
/// frozen ones as well. An error leaves the accounts it was given as they were.
pub trait Custody<AccountId>: Clearing<AccountId> {
	/// An account, frozen or not.
	fn peek(key: &AccountKey<AccountId>) -> Option<Account>;

	/// Margin and what can make it fall, with prices of any age.
	///
	/// Resting orders are left out: no price of a series that is only ordered has to be there.
	fn safety(prices: &mut Self::Prices, account: &Account) -> Result<Safety, DispatchError>;

	/// The margin that [`Custody::safety`] tells, and whether every price under it is fresh, without what can make it fall:
	/// for those that are looked at again with the next movement anyway. Weighs no more.
	fn glance(
		prices: &mut Self::Prices,
		account: &Account,
	) -> Result<(Margin, bool), DispatchError> {
		Self::safety(prices, account).map(|safety| (safety.margin, safety.is_fresh))
	}

	/// [`Clearing::check`] of an account that takes a part over, without a look at [`RiskWatch::is_swept`]: a
	/// liquidation goes on while accounts in danger are still being searched for.
	fn check_takeover(
		prices: &mut Self::Prices,
		before: &Account,
		after: &Account,
	) -> Result<(), DispatchError> {
		Self::check(prices, before, after)
	}

	/// Takes `share` of every position, of the collateral and of the cash beyond `reserved` out of an account.
	///
	/// Lots and units are rounded towards nothing, cash in the account's favour: of cash it keeps the part rounded
	/// up. A share of one with nothing reserved takes everything, a share of zero nothing, and a larger share never
	/// less of anything. The part has the account's margin rules and no orders; [`Clearing::margin`] says what it is
	/// worth. It has to be merged, into the same account if nobody takes it, or the storage rolled back: the sum of
	/// debts counts it.
	fn split(
		account: &mut Account,
		share: Ppb,
		reserved: MicroUsd,
	) -> Result<Account, DispatchError>;

	/// Adds such a part to an account. Open interest is kept: what was short here and long there closes.
	/// Says so with an event that names everything that moved.
	///
	/// Fails if the account cannot hold it: too many series or assets, series of another underlying in a portfolio
	/// account, an expiry that left accounts unsettled. Too many expiries show at [`Clearing::store`].
	fn merge(
		from: &AccountKey<AccountId>,
		part: Account,
		to: &AccountKey<AccountId>,
		into: &mut Account,
	) -> Result<(), DispatchError>;

	/// Moves lots of one series between two accounts at a price per contract, without fees: `lots` above zero go
	/// from `from` to `to`, which pays for them. Open interest changes as by a fill, within its bound. Payment is
	/// rounded up, receipt down; the rest goes to the insurance fund.
	fn transfer(
		series: &SeriesId,
		lots: Lots,
		price: Price,
		from: (&AccountKey<AccountId>, &mut Account),
		to: (&AccountKey<AccountId>, &mut Account),
	) -> Result<(), DispatchError>;

	/// Moves cash, zero or above, between two accounts. The payer's may fall below zero: margin is the caller's to
	/// check.
	fn pay(
		amount: MicroUsd,
		from: (&AccountKey<AccountId>, &mut Account),
		to: (&AccountKey<AccountId>, &mut Account),
	) -> Result<(), DispatchError>;

	/// What the insurance fund holds, micro-USD.
	fn insurance() -> u128;

	/// Pays up to `amount` micro-USD out of the insurance fund into an account, which covers its negative cash
	/// first; says how much it was.
	fn draw_insurance(
		amount: u128,
		key: &AccountKey<AccountId>,
		into: &mut Account,
	) -> Result<u128, DispatchError>;

	/// Accounts with positions or orders in an expiry, in the order of storage, beginning after `after`, at
	/// most `limit`.
	fn holders(
		expiry: ExpiryId,
		after: Option<&AccountKey<AccountId>>,
		limit: u32,
	) -> Vec<AccountKey<AccountId>>;

	/// Opens an account under standard margin, without a deposit, for a pallet's own funds. Fails if there is one.
	fn open_own(key: &AccountKey<AccountId>) -> Result<(), DispatchError>;

	/// Takes `amount` of the settlement asset from `who` into an account.
	fn pay_in(
		who: &AccountId,
		amount: u128,
		key: &AccountKey<AccountId>,
		into: &mut Account,
	) -> Result<(), DispatchError>;

	/// Gives `amount` of the settlement asset out of an account to `who`. Cash does not fall below zero by it; margin
	/// is the caller's to check. Fails while others' debts are the reason that the asset is not there.
	fn pay_out(
		who: &AccountId,
		amount: u128,
		key: &AccountKey<AccountId>,
		from: &mut Account,
	) -> Result<(), DispatchError>;

	/// The most that [`Custody::safety`] of an account with `positions` positions can weigh, its record's read and
	/// every price it may depend on included. [`Clearing::margin_work`] says afterwards what it was but for the record.
	fn safety_weight(positions: u32) -> Weight;

	/// Weight of one slice of an account with `positions` positions: [`Custody::split`], [`Custody::merge`] into
	/// an account that is on the other side of each, [`Custody::pay`] or [`Custody::draw_insurance`], and both
	/// stored. Margins are not in it.
	fn slice_weight(positions: u32) -> Weight;

	/// Weight of one [`Custody::transfer`] between the largest accounts, both read and stored. Margins are not in it.
	fn transfer_weight() -> Weight;
}
