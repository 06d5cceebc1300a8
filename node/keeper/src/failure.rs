// SPDX-License-Identifier: Apache-2.0

//! Why a bid failed.

use ballast_runtime::{configs::lanes::refusal, Runtime, RuntimeError};
use pallet_clearing::Error as Clearing;
use pallet_liquidation::Error as Liquidation;
use sc_transaction_pool_api::error::Error as PoolError;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, UnknownTransaction},
	DispatchError,
};

/// Why a bid failed, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
	/// The auction has ended.
	Gone,
	/// The account lacks margin or cash for the slice.
	TooLittleMargin,
	/// Prices are old.
	OldPrices,
	/// The slice costs more than the limit by now.
	PriceMoved,
	/// Lots round so that the slice helps nobody.
	DoesNotHelp,
	/// The share rounds to nothing.
	TooSmall,
	/// The account has no room for the book, or may not hold it.
	NoRoom,
	/// Nobody knows what became of it, and nobody waits for it any more.
	Lost,
	/// Nobody expects that.
	Unexpected,
}

/// A bid that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
	/// Why.
	pub reason: Reason,
	/// The same for people.
	pub text: String,
}

impl Failure {
	/// A bid that nobody waits for any more.
	pub fn lost(text: impl Into<String>) -> Self {
		Self { reason: Reason::Lost, text: text.into() }
	}

	/// Nobody expects that.
	pub fn unexpected(text: impl Into<String>) -> Self {
		Self { reason: Reason::Unexpected, text: text.into() }
	}

	/// The chain's word on a bid in a block, or on a simulation.
	pub fn in_block(error: DispatchError) -> Self {
		let Some(named) = RuntimeError::from_dispatch_error(error) else {
			return Self::unexpected(format!("{error:?}"));
		};
		let text = format!("{named:?}");
		Self { reason: reason_of(&named), text }
	}

	/// The pool's word on a bid that it did not take: docs/concepts/lanes.md has the codes.
	pub fn refused(error: &PoolError) -> Self {
		const GONE: UnknownTransaction = UnknownTransaction::Custom(refusal::NO_AUCTION);
		let reason = match error {
			PoolError::UnknownTransaction(GONE) => Reason::Gone,
			// The nonce is used already: the next bid has another one. Or the pool came to a new block meanwhile, and has
			// taken the transaction into its view of that one by itself.
			PoolError::InvalidTransaction(InvalidTransaction::Stale)
			| PoolError::TooLowPriority { .. }
			| PoolError::AlreadyImported(_) => Reason::Lost,
			_ => Reason::Unexpected,
		};
		let hint = match error {
			PoolError::InvalidTransaction(InvalidTransaction::Payment) => {
				": the key needs BAL for fees"
			},
			_ => "",
		};
		Self { reason, text: format!("refused by the pool: {error}{hint}") }
	}
}

fn reason_of(error: &RuntimeError) -> Reason {
	use RuntimeError as Of;
	type C = Clearing<Runtime>;
	type L = Liquidation<Runtime>;
	match error {
		Of::Liquidation(L::NoAuction) => Reason::Gone,
		Of::Clearing(C::InsufficientMargin | C::DebtCapReached)
		| Of::Liquidation(L::BidderLacksCash) => Reason::TooLittleMargin,
		Of::Clearing(C::PricesStale | C::PricesMissing) | Of::Liquidation(L::PricesStale) => {
			Reason::OldPrices
		},
		Of::Liquidation(L::LimitExceeded) => Reason::PriceMoved,
		Of::Liquidation(L::SliceDoesNotHelp) => Reason::DoesNotHelp,
		Of::Liquidation(L::ShareTooSmall) => Reason::TooSmall,
		Of::Clearing(
			C::TooManyPositions
			| C::TooManyExpiries
			| C::TooManyCollaterals
			| C::NotItsUnderlying
			| C::AccountUnsettled,
		) => Reason::NoRoom,
		_ => Reason::Unexpected,
	}
}
