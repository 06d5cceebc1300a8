// SPDX-License-Identifier: Apache-2.0

//! Lanes: which call goes where, what the pool refuses at once, and how hard pressed the exchange is.

use crate::{weights, AccountId, Lanes, Liquidation, Runtime, RuntimeCall};
use ballast_exchange::AccountKey;
use frame_support::{dispatch::GetDispatchInfo, weights::Weight};
use frame_system::EnsureRoot;
use pallet_lanes::{Classify, Lane, Pressure, Refusal};
use pallet_order_book::{
	admission,
	types::{NewOrder, Operation, OrderKind},
	Error as BookError,
};
use sp_runtime::FixedU128;

impl pallet_lanes::Config for Runtime {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Classify = Classifier;
	type Pressure = LiquidationPressure;
	type WeightInfo = weights::pallet_lanes::WeightInfo<Runtime>;
}

/// Why the pool or the author does not take a call of the exchange now: the code of an `Unknown` transaction. The same
/// bytes may be sent again.
pub mod refusal {
	/// The price is zero or not on the tick.
	pub const PRICE_OFF_TICK: u8 = 1;
	/// The size is below the smallest order or above the largest.
	pub const SIZE_OUT_OF_RANGE: u8 = 2;
	/// The series is not listed, or takes no orders any more.
	pub const SERIES_CLOSED: u8 = 3;
	/// No auction runs on the account.
	pub const NO_AUCTION: u8 = 4;
	/// Nobody can bid for their own account.
	pub const OWN_ACCOUNT: u8 = 5;
	/// The account is not in danger: use `clearing.deposit`.
	pub const NOT_IN_DANGER: u8 = 6;
}

/// Knows the calls of the exchange. Calls that wrap others are not looked into: they are general.
pub struct Classifier;

/// What an order asks for.
fn lane_of_order(order: &NewOrder) -> Lane {
	match order.kind {
		_ if order.reduce_only => Lane::RiskDown,
		OrderKind::PostOnly => Lane::Makers,
		_ => Lane::Takers,
	}
}

/// What an operation of a batch asks for.
fn lane_of_operation(operation: &Operation) -> Lane {
	match operation {
		Operation::Place(order) => lane_of_order(order),
		// A replaced order can meet the other side.
		Operation::Replace { .. } => Lane::Takers,
		Operation::Cancel(_)
		| Operation::CancelByClientId(_)
		| Operation::CancelSeries(_)
		| Operation::CancelAll => Lane::RiskDown,
	}
}

/// Whether a call takes orders out of books and does nothing else; batches are not looked into.
pub fn is_cancel(call: &pallet_order_book::Call<Runtime>) -> bool {
	use pallet_order_book::Call as Book;
	matches!(
		call,
		Book::cancel { .. }
			| Book::cancel_by_client_id { .. }
			| Book::cancel_all { .. }
			| Book::cancel_series { .. }
			| Book::remove_expired { .. }
	)
}

impl Classify<RuntimeCall, AccountId> for Classifier {
	fn lane(call: &RuntimeCall) -> Lane {
		if cfg!(feature = "control") {
			return Lane::General;
		}
		use pallet_liquidation::Call as Danger;
		use pallet_order_book::Call as Book;
		match call {
			RuntimeCall::Liquidation(
				Danger::bid { .. } | Danger::look { .. } | Danger::top_up { .. },
			) => Lane::Solvency,
			RuntimeCall::OrderBook(call) => match call {
				Book::place { order, .. } => lane_of_order(order),
				_ if is_cancel(call) => Lane::RiskDown,
				// Where the last of its operations belongs.
				Book::batch { operations, .. } => operations
					.iter()
					.map(lane_of_operation)
					.min_by_key(|lane| lane.rank())
					.unwrap_or(Lane::General),
				_ => Lane::Takers,
			},
			_ => Lane::General,
		}
	}

	fn admit(who: &AccountId, call: &RuntimeCall) -> Result<(), Refusal> {
		use pallet_liquidation::Call as Danger;
		use pallet_order_book::Call as Book;
		match call {
			// Not by what the account holds: what gives it margin may wait in front of the order. Nor by an auction on it: a
			// refused nonce would keep the owner's top-up out.
			RuntimeCall::OrderBook(Book::place { order, .. }) => admit_order(order),
			RuntimeCall::Liquidation(Danger::bid { owner, index, .. }) => {
				admit_bid(who, AccountKey { owner: owner.clone(), index: *index })
			},
			RuntimeCall::Liquidation(Danger::top_up { index, .. }) => {
				let key = AccountKey { owner: who.clone(), index: *index };
				refuse_unless(Liquidation::is_in_danger(&key), refusal::NOT_IN_DANGER)
			},
			_ => Ok(()),
		}
	}

	fn admit_weight(call: &RuntimeCall) -> Weight {
		use pallet_liquidation::Call as Danger;
		use pallet_order_book::Call as Book;
		let reads = match call {
			// State and listing of the expiry, terms of the underlying.
			RuntimeCall::OrderBook(Book::place { .. }) => 3,
			RuntimeCall::Liquidation(Danger::bid { .. }) => 1,
			// Auction; record and page that tell of a margin call; bad debt.
			RuntimeCall::Liquidation(Danger::top_up { .. }) => 4,
			_ => 0,
		};
		<Runtime as frame_system::Config>::DbWeight::get().reads(reads)
	}
}

fn refuse_unless(is_well: bool, code: u8) -> Result<(), Refusal> {
	if is_well {
		Ok(())
	} else {
		Err(Refusal::Later(code))
	}
}

/// Terms can change and series are listed as time passes: nothing here is for ever.
fn admit_order(order: &NewOrder) -> Result<(), Refusal> {
	// A paused underlying is not refused here: it may go on while the order waits.
	admission::market::<Runtime>(&order.series, true)
		.and_then(|terms| admission::price_and_size(&terms, order.price, order.lots))
		.map_err(|error| {
			Refusal::Later(match error {
				BookError::PriceOffTick => refusal::PRICE_OFF_TICK,
				BookError::TooFewLots | BookError::TooManyLots => refusal::SIZE_OUT_OF_RANGE,
				_ => refusal::SERIES_CLOSED,
			})
		})
}

fn admit_bid(who: &AccountId, key: AccountKey<AccountId>) -> Result<(), Refusal> {
	refuse_unless(key.owner != *who, refusal::OWN_ACCOUNT)?;
	refuse_unless(pallet_liquidation::Auctions::<Runtime>::contains_key(key), refusal::NO_AUCTION)
}

/// How hard pressed the exchange is, as liquidation measures it.
pub struct LiquidationPressure;

impl Pressure for LiquidationPressure {
	fn backlog() -> u32 {
		if cfg!(feature = "control") {
			return 0;
		}
		Liquidation::backlog()
	}

	fn capacity() -> u32 {
		Liquidation::capacity_per_block()
	}

	fn realised_vol_ratio() -> FixedU128 {
		if cfg!(feature = "control") {
			return FixedU128::from_u32(1);
		}
		Liquidation::vol_over_mean()
	}
}

/// Runs a query about fees at the price of the lane of `call`.
pub fn at_price<R>(call: &RuntimeCall, query: impl FnOnce() -> R) -> R {
	Lanes::at_price_of(call, call.get_dispatch_info().class, query)
}
