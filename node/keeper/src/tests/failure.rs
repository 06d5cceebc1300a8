// SPDX-License-Identifier: Apache-2.0

use crate::failure::{Failure, Reason};
use ballast_runtime::Runtime;
use sc_transaction_pool_api::error::Error as PoolError;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, UnknownTransaction},
	DispatchError,
};

type Clearing = pallet_clearing::Error<Runtime>;
type Liquidation = pallet_liquidation::Error<Runtime>;

fn reason(error: impl Into<DispatchError>) -> Reason {
	Failure::in_block(error.into()).reason
}

#[test]
fn errors_of_the_chain_should_have_their_reasons() {
	for (error, expected) in [
		(Liquidation::NoAuction, Reason::Gone),
		(Liquidation::BidderLacksCash, Reason::TooLittleMargin),
		(Liquidation::PricesStale, Reason::OldPrices),
		(Liquidation::LimitExceeded, Reason::PriceMoved),
		(Liquidation::SliceDoesNotHelp, Reason::DoesNotHelp),
		(Liquidation::ShareTooSmall, Reason::TooSmall),
		(Liquidation::CorruptRecords, Reason::Unexpected),
	] {
		assert_eq!(reason(error), expected);
	}
	for (error, expected) in [
		(Clearing::InsufficientMargin, Reason::TooLittleMargin),
		(Clearing::DebtCapReached, Reason::TooLittleMargin),
		(Clearing::PricesStale, Reason::OldPrices),
		(Clearing::PricesMissing, Reason::OldPrices),
		(Clearing::TooManyPositions, Reason::NoRoom),
		(Clearing::TooManyExpiries, Reason::NoRoom),
		(Clearing::TooManyCollaterals, Reason::NoRoom),
		(Clearing::NotItsUnderlying, Reason::NoRoom),
		(Clearing::AccountUnsettled, Reason::NoRoom),
		(Clearing::CorruptLedger, Reason::Unexpected),
	] {
		assert_eq!(reason(error), expected);
	}
	assert_eq!(reason(DispatchError::Corruption), Reason::Unexpected);
}

#[test]
fn errors_should_be_told_by_their_names() {
	let failure = Failure::in_block(Clearing::CorruptLedger.into());
	assert_eq!(failure.text, "Clearing(CorruptLedger)");
}

#[test]
fn pool_should_say_by_a_number_that_no_auction_runs() {
	let reason = |error: PoolError| Failure::refused(&error).reason;
	let unknown = |code| PoolError::UnknownTransaction(UnknownTransaction::Custom(code));
	assert_eq!(reason(unknown(4)), Reason::Gone);
	for code in [5, 254, 255] {
		assert_eq!(reason(unknown(code)), Reason::Unexpected, "{code}");
	}
	let invalid = PoolError::InvalidTransaction(InvalidTransaction::Custom(4));
	assert_eq!(reason(invalid), Reason::Unexpected);
}

#[test]
fn nonce_that_was_used_already_should_be_no_reason_to_wait() {
	let reason = |error: PoolError| Failure::refused(&error).reason;
	assert_eq!(reason(PoolError::InvalidTransaction(InvalidTransaction::Stale)), Reason::Lost);
	assert_eq!(reason(PoolError::TooLowPriority { old: 2, new: 1 }), Reason::Lost);
	assert_eq!(reason(PoolError::AlreadyImported(Box::new(()))), Reason::Lost);
	let poor = Failure::refused(&PoolError::InvalidTransaction(InvalidTransaction::Payment));
	assert_eq!(poor.reason, Reason::Unexpected);
	assert!(poor.text.ends_with("the key needs BAL for fees"), "{}", poor.text);
}
