// SPDX-License-Identifier: Apache-2.0
//! Several operations in one call: one load, one margin check, one store.

use crate::{
	session::Session,
	types::{BatchMode, Operation},
	Config, Error, Event, Pallet,
};
use codec::Encode;
use frame_support::storage::with_storage_layer;
use sp_runtime::{DispatchError, DispatchResult};

/// What [`Error::BatchItem`] has in place of a pallet when the error is of no pallet.
pub const NO_PALLET: u8 = u8::MAX;

impl<T: Config> Session<T> {
	/// Does the operations in their order.
	pub fn batch(&mut self, operations: &[Operation], mode: BatchMode) -> DispatchResult {
		for (position, operation) in operations.iter().enumerate() {
			// A batch is bounded far below this.
			let position = u8::try_from(position).unwrap_or(u8::MAX);
			match mode {
				BatchMode::AllOrNothing => {
					self.apply(operation).map_err(|error| batch_error::<T>(position, error))?
				},
				BatchMode::BestEffort => self.attempt(position, operation),
			}
			self.keep();
		}
		Ok(())
	}

	/// Does one operation, or nothing of it and says so.
	fn attempt(&mut self, position: u8, operation: &Operation) {
		let (account, work) = (self.account.clone(), self.work);
		if let Err(error) = with_storage_layer(|| self.apply(operation)) {
			self.discard(account);
			// What was undone has reduced nothing; an order that failed came in all the same and is paid for.
			self.work.reductions = work.reductions;
			self.work.placed = work.placed.saturating_add(operation.places().into());
			Pallet::<T>::deposit_event(Event::BatchItemFailed {
				account: self.key.clone(),
				position,
				error,
			});
		}
	}

	fn apply(&mut self, operation: &Operation) -> DispatchResult {
		match operation {
			Operation::Place(order) => self.place(order),
			Operation::Cancel(order) => self.cancel(*order),
			Operation::CancelByClientId(client_id) => self.cancel_by_client_id(*client_id),
			Operation::CancelSeries(series) => {
				self.cancel_many(Some(series));
				Ok(())
			},
			Operation::CancelAll => {
				self.cancel_many(None);
				Ok(())
			},
			Operation::Replace { order, price, lots } => self.replace(*order, *price, *lots),
		}
	}
}

/// Names the operation of a batch that failed, and its error in the three bytes there are.
fn batch_error<T: Config>(position: u8, error: DispatchError) -> DispatchError {
	let (pallet, error) = match error {
		DispatchError::Module(module) => (module.index, module.error[0]),
		// The number of the variant of `DispatchError`.
		other => (NO_PALLET, other.encode().first().copied().unwrap_or_default()),
	};
	Error::<T>::BatchItem { position, pallet, error }.into()
}
