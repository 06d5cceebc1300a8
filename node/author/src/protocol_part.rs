// SPDX-License-Identifier: Apache-2.0
//! Has the protocol's part of a block done before the first transaction is tried.
//!
//! The SDK's runtime does it within the first transaction after the inherents. If that one is refused, the block builder takes
//! back all that it did, the protocol's part too, and the next one does it again: in a crash, when it fills half of a
//! block and many are refused, the author's time would go into repeating it, and its block would come too late. What is done
//! here is done outside of the first transaction, and stays.

use crate::LOG_TARGET;
use sp_api::{CallApiAt, CallApiAtParams};
use sp_runtime::traits::Block as BlockT;
use std::cell::Cell;

/// `AuthoringApi::apply_protocol_part` of `ballast-runtime-api`.
const PROTOCOL_PART: &str = "AuthoringApi_apply_protocol_part";

thread_local! {
	/// Whether the next transaction applied on this thread is the first that a pool's iterator has yielded. The author asks for
	/// one and applies it without awaiting in between.
	static IS_NEXT_FIRST: Cell<bool> = const { Cell::new(false) };
}

/// The pool yields the first transaction of a block.
pub(crate) fn expect_first() {
	IS_NEXT_FIRST.set(true);
}

/// A block begins: inherents come next.
pub(crate) fn expect_none() {
	IS_NEXT_FIRST.set(false);
}

/// Whether what is applied now is the first transaction; asked once.
pub(crate) fn is_first() -> bool {
	IS_NEXT_FIRST.replace(false)
}

/// Does the protocol's part in the storage layer that the block builder has opened for the transaction of `params`, which holds
/// nothing yet, closes the layer, and opens another one for the transaction.
///
/// Without success nothing has happened: the transaction does it then.
pub(crate) fn apply<Block: BlockT>(
	client: &impl CallApiAt<Block>,
	params: &CallApiAtParams<Block>,
) {
	let done = client.call_api_at(CallApiAtParams {
		at: params.at,
		function: PROTOCOL_PART,
		arguments: Vec::new(),
		overlayed_changes: params.overlayed_changes,
		call_context: params.call_context,
		recorder: params.recorder,
		extensions: params.extensions,
	});
	let mut changes = params.overlayed_changes.borrow_mut();
	let closed = match done {
		Ok(_) => changes.commit_transaction(),
		Err(error) => {
			log::warn!(target: LOG_TARGET, "the protocol's part is left to the first transaction: {error}");
			changes.rollback_transaction()
		},
	};
	match closed {
		Ok(()) => changes.start_transaction(),
		// Not in a layer, it has been done all the same.
		Err(_) => {
			log::warn!(target: LOG_TARGET, "the author applies transactions outside of storage layers")
		},
	}
}
