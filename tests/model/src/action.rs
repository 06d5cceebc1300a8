// SPDX-License-Identifier: Apache-2.0
//! What actors do, and the call it is.

use crate::account::Key;
use ballast_exchange::{MarginKind, Moment, SeriesId, UnderlyingId};
use ballast_runtime::{AccountId, RuntimeCall, RuntimeOrigin};
use pallet_order_book::types::{BatchMode, Leg, NewOrder, Operation};

/// One call with its sender.
#[derive(Clone, Debug)]
pub enum Action {
	/// Opens an account.
	Open(Key, MarginKind),
	/// Closes one.
	Close(Key),
	/// Changes the rules of its margin.
	SetMargin(Key, MarginKind),
	/// Pays in.
	Deposit(Key, u32, u128),
	/// Takes out.
	Withdraw(Key, u32, u128),
	/// Moves assets to another account of the owner.
	Move(Key, u16, u32, u128),
	/// Places an order.
	Place(Key, NewOrder),
	/// Cancels one.
	Cancel(Key, u64),
	/// Cancels one by its client's number.
	CancelByClientId(Key, u64),
	/// Cancels all.
	CancelAll(Key),
	/// Cancels those of a series.
	CancelSeries(Key, SeriesId),
	/// Changes one: price, lots.
	Replace(Key, u64, u64, i64),
	/// Several operations.
	Batch(Key, Vec<Operation>, BatchMode),
	/// Several legs at once.
	Combo(Key, Vec<Leg>, i128),
	/// Removes another's order whose time is over.
	RemoveExpired(AccountId, Key, u64),
	/// Pays into the insurance fund.
	FundInsurance(AccountId, u128),
	/// Governance takes fees out.
	CollectFees(AccountId, u128),
	/// Governance pauses an underlying or lets it go on.
	SetPaused(UnderlyingId, bool),
	/// Bids for a share of another's book.
	Bid(Key, Key, i64),
	/// Pays into an account in danger.
	TopUp(Key, u128),
	/// Pays into the vault.
	VaultDeposit(AccountId, u128),
	/// Queues shares of the vault for leaving.
	VaultLeave(AccountId, u128),
	/// Lists a strike.
	ListStrike(AccountId, UnderlyingId, Moment, u64),
}

impl Action {
	/// Account that it acts on.
	pub fn key(&self) -> Option<&Key> {
		match self {
			Self::Open(key, _)
			| Self::Close(key)
			| Self::SetMargin(key, _)
			| Self::Deposit(key, ..)
			| Self::Withdraw(key, ..)
			| Self::Move(key, ..)
			| Self::Place(key, _)
			| Self::Cancel(key, _)
			| Self::CancelByClientId(key, _)
			| Self::CancelAll(key)
			| Self::CancelSeries(key, _)
			| Self::Replace(key, ..)
			| Self::Batch(key, ..)
			| Self::Combo(key, ..)
			| Self::Bid(key, ..)
			| Self::TopUp(key, _)
			| Self::RemoveExpired(_, key, _) => Some(key),
			_ => None,
		}
	}

	/// Its name.
	pub fn name(&self) -> String {
		let text = format!("{self:?}");
		text.split('(').next().unwrap_or_default().to_owned()
	}

	/// Who sends it.
	pub fn origin(&self) -> RuntimeOrigin {
		match self {
			Self::CollectFees(..) | Self::SetPaused(..) => RuntimeOrigin::root(),
			Self::RemoveExpired(who, ..) | Self::FundInsurance(who, _) => {
				RuntimeOrigin::signed(who.clone())
			},
			Self::ListStrike(who, ..) | Self::VaultDeposit(who, _) | Self::VaultLeave(who, _) => {
				RuntimeOrigin::signed(who.clone())
			},
			other => match other.key() {
				Some(key) => RuntimeOrigin::signed(key.owner.clone()),
				None => RuntimeOrigin::none(),
			},
		}
	}

	/// The call.
	pub fn call(&self) -> RuntimeCall {
		self.clearing_call()
			.or_else(|| self.book_call())
			.or_else(|| self.liquidation_call())
			.unwrap_or_else(|| self.options_call())
	}

	fn liquidation_call(&self) -> Option<RuntimeCall> {
		use pallet_liquidation::Call;
		let call = match self.clone() {
			Self::Bid(bidder, Key { owner, index }, share) => Call::bid {
				owner,
				index,
				max_share: ballast_exchange::Ppb(share),
				limit: i128::MAX,
				bidder_index: bidder.index,
			},
			Self::TopUp(key, amount) => Call::top_up { index: key.index, amount },
			Self::VaultDeposit(_, amount) => Call::vault_deposit { amount },
			Self::VaultLeave(_, shares) => Call::vault_request_withdraw { shares },
			_ => return None,
		};
		Some(call.into())
	}

	fn clearing_call(&self) -> Option<RuntimeCall> {
		use pallet_clearing::Call;
		let call = match self.clone() {
			Self::Open(key, margin) => Call::open_account { index: key.index, margin },
			Self::Close(key) => Call::close_account { index: key.index },
			Self::SetMargin(key, margin) => Call::set_margin { index: key.index, margin },
			Self::Deposit(key, asset, amount) => Call::deposit { index: key.index, asset, amount },
			Self::Withdraw(key, asset, amount) => {
				Call::withdraw { index: key.index, asset, amount }
			},
			Self::Move(key, to, asset, amount) => {
				Call::move_assets { from: key.index, to, asset, amount }
			},
			Self::FundInsurance(_, amount) => Call::fund_insurance { amount },
			Self::CollectFees(to, amount) => Call::collect_fees { to, amount },
			_ => return None,
		};
		Some(call.into())
	}

	fn book_call(&self) -> Option<RuntimeCall> {
		use pallet_order_book::Call;
		let call = match self.clone() {
			Self::Place(key, order) => Call::place { index: key.index, order },
			Self::Cancel(key, order) => Call::cancel { index: key.index, order },
			Self::CancelByClientId(key, client_id) => {
				Call::cancel_by_client_id { index: key.index, client_id }
			},
			Self::CancelAll(key) => Call::cancel_all { index: key.index },
			Self::CancelSeries(key, series) => Call::cancel_series { index: key.index, series },
			Self::Replace(key, order, price, lots) => {
				Call::replace { index: key.index, order, price, lots }
			},
			Self::Batch(key, operations, mode) => {
				Call::batch { index: key.index, operations, mode }
			},
			Self::Combo(key, legs, max_cost) => {
				Call::place_combo { index: key.index, legs, max_cost }
			},
			Self::RemoveExpired(_, key, order) => {
				Call::remove_expired { owner: key.owner, index: key.index, order }
			},
			_ => return None,
		};
		Some(call.into())
	}

	fn options_call(&self) -> RuntimeCall {
		use pallet_options::Call;
		match self.clone() {
			Self::SetPaused(underlying, paused) => Call::set_paused { underlying, paused }.into(),
			Self::ListStrike(_, underlying, expiry, strike) => {
				Call::list_strike { underlying, expiry, strike }.into()
			},
			_ => frame_system::Call::remark { remark: Vec::new() }.into(),
		}
	}
}
