// SPDX-License-Identifier: Apache-2.0
//! Why a transaction is kept out, in the words that the pool and the author understand. The table is in the README.

use sp_runtime::transaction_validity::{
	InvalidTransaction, TransactionSource, TransactionValidityError, UnknownTransaction,
};

/// Code of [`Refusal::Later`]: the lane has no budget, by the parameters in force.
pub const LANE_CLOSED: u8 = 255;

/// Code of [`Refusal::Later`]: the call weighs more than its lane can give in an empty block, with the reserve as it is.
pub const TOO_HEAVY: u8 = 254;

/// Why a call may not enter. The code is the runtime's, below [`TOO_HEAVY`], and reaches the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// Not now: a bid where no auction runs, an order in a series that is not listed yet. The same bytes may be sent again.
	Later(u8),
	/// Never, in no state of the chain: a price off the grid of ticks. The pool bans the bytes.
	Never(u8),
}

impl Refusal {
	/// The error for where the transaction comes from.
	///
	/// `Later` is `Unknown` for the pool, which does not ban that itself (the README has who does), and `Future` in a block: the author drops it from the
	/// parent's view alone and it does not count as a skipped one, as it would if it said that resources are exhausted.
	pub fn into_error(self, source: TransactionSource) -> TransactionValidityError {
		match (self, source) {
			(Self::Never(code), _) => InvalidTransaction::Custom(code).into(),
			(Self::Later(_), TransactionSource::InBlock) => InvalidTransaction::Future.into(),
			(Self::Later(code), _) => UnknownTransaction::Custom(code).into(),
		}
	}
}
