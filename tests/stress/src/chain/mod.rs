// SPDX-License-Identifier: Apache-2.0
//! The real runtime in process: its genesis, and blocks as a node makes them.
//!
//! State is a sorted map, without a trie: at 100,000 accounts a block is limited by the runtime and not by hashing.
//! The one thing left out is the state root, which nothing in a block depends on; [`Chain::root`] computes it.

mod genesis;
mod probe;
mod sign;

pub use genesis::{genesis, Funding};
pub use probe::Step;
pub use sign::sign;

use crate::{path::Replay, Outcome};
use ballast_exchange::{Moment, PriceReport};
use ballast_runtime::{
	constants::time::SLOT_MILLIS, AllPalletsWithSystem, BlockNumber, Executive, Hash, Header,
	Options, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System, UncheckedExtrinsic,
};
use ballast_runtime_api::ListedUnderlying;
use codec::Encode;
use frame_support::{
	dispatch::DispatchClass,
	storage::{storage_prefix, unhashed, with_transaction_unchecked, TransactionOutcome},
	traits::{OnFinalize, OnIdle},
	weights::Weight,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::storage::{StateVersion, Storage};
use sp_runtime::{
	traits::{Dispatchable, Header as _},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	Digest, DigestItem, DispatchError,
};
use sp_state_machine::BasicExternalities;

/// A chain in process.
pub struct Chain {
	state: BasicExternalities,
	number: BlockNumber,
	slot: u64,
}

/// A block whose protocol's part is done.
#[derive(Clone, Debug)]
pub struct Opened {
	/// Its number.
	pub number: BlockNumber,
	/// Its time, milliseconds since the epoch.
	pub now: Moment,
	/// Everything before the first transaction: hooks, inherents, the protocol's part.
	pub before: Weight,
	/// The protocol's part: rounds, listing, risk arrays, search, auctions, settlement.
	pub protocol: Step,
	/// Of it, the search for accounts in danger and the care for auctions.
	pub search: Step,
	/// What has happened so far.
	pub events: Vec<RuntimeEvent>,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Applied {
	/// It is in the block.
	Included(Result<(), DispatchError>),
	/// The block or its lane is full.
	Full,
	/// It is not taken.
	Refused(TransactionValidityError),
}

impl Chain {
	/// A chain that goes on from a state.
	pub fn new(storage: Storage) -> Self {
		let mut state = BasicExternalities::new(storage);
		let (number, now) = state
			.execute_with(|| (System::block_number(), pallet_timestamp::Now::<Runtime>::get()));
		Self { state, number, slot: now / SLOT_MILLIS }
	}

	/// Has the next block no earlier than that, milliseconds since the epoch.
	pub fn skip_to(&mut self, now: Moment) {
		self.slot = self.slot.max((now / SLOT_MILLIS).saturating_sub(1));
	}

	/// Number of the last block.
	pub fn number(&self) -> BlockNumber {
		self.number
	}

	/// Time of the last block, milliseconds since the epoch.
	pub fn now(&self) -> Moment {
		self.slot * SLOT_MILLIS
	}

	/// Reads or changes the state.
	pub fn execute<R>(&mut self, action: impl FnOnce() -> R) -> R {
		self.state.execute_with(action)
	}

	/// The root of the state. Takes seconds where there is much of it.
	pub fn root(&mut self) -> Hash {
		let root = self.execute(|| sp_io::storage::root(StateVersion::V1));
		Hash::from_slice(&root)
	}

	/// The state.
	pub fn into_storage(self) -> Storage {
		self.state.into_storages()
	}

	/// What the chain wants prices of.
	pub fn listed(&mut self) -> Vec<ListedUnderlying> {
		self.execute(|| {
			let listed = Options::listed().into_iter();
			listed
				.map(|(underlying, symbol, expiries)| ListedUnderlying {
					underlying,
					symbol,
					expiries,
				})
				.collect()
		})
	}

	/// Begins the next block, one slot after the last, with the prices of a path.
	pub fn open(&mut self, replay: &Replay) -> Outcome<Opened> {
		let now = (self.slot + 1) * SLOT_MILLIS;
		let listed = self.listed();
		let report = replay.report(now, &listed)?;
		self.open_with(Some(report))
	}

	/// Begins the next block, one slot after the last: hooks, inherents, the protocol's part.
	pub fn open_with(&mut self, report: Option<PriceReport>) -> Outcome<Opened> {
		self.number += 1;
		self.slot += 1;
		let (number, slot) = (self.number, self.slot);
		self.execute(|| open(number, slot, report))
	}

	/// Applies a transaction as the author of the block does: one that does not get in leaves nothing behind, though it had paid and
	/// counted its nonce when it was found to have no room.
	pub fn apply(&mut self, transaction: UncheckedExtrinsic) -> Applied {
		let applied = self.execute(|| {
			with_transaction_unchecked(|| match Executive::apply_extrinsic(transaction) {
				Ok(result) => TransactionOutcome::Commit(Ok(result)),
				Err(error) => TransactionOutcome::Rollback(Err(error)),
			})
		});
		match applied {
			Ok(result) => Applied::Included(result),
			Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) => {
				Applied::Full
			},
			Err(error) => Applied::Refused(error),
		}
	}

	/// Events of the block after the first `count`.
	pub fn events_after(&mut self, count: usize) -> Vec<RuntimeEvent> {
		self.execute(|| events_after(count))
	}

	/// Ends the block; returns all that it weighs.
	pub fn close(&mut self) -> Weight {
		let number = self.number;
		self.execute(|| close(number))
	}

	/// The invariants of the exchange's pallets.
	pub fn try_state(&mut self) -> Outcome {
		self.execute(|| {
			let checks = [
				pallet_prices::Pallet::<Runtime>::do_try_state,
				pallet_options::Pallet::<Runtime>::do_try_state,
				pallet_clearing::Pallet::<Runtime>::do_try_state,
				pallet_order_book::Pallet::<Runtime>::do_try_state,
				pallet_liquidation::Pallet::<Runtime>::do_try_state,
				pallet_lanes::Pallet::<Runtime>::do_try_state,
			];
			checks
				.into_iter()
				.try_for_each(|check| check().map_err(|error| format!("try_state: {error:?}")))
		})
	}
}

/// Makes a call in the open block as its sender, without fee and weight: for seeding alone.
pub fn dispatch(call: RuntimeCall, origin: RuntimeOrigin) -> Outcome {
	let shown = format!("{call:?}");
	call.dispatch(origin).map(drop).map_err(|error| {
		let end = shown.char_indices().nth(200).map_or(shown.len(), |(end, _)| end);
		format!("{:?}: {}", error.error, &shown[..end])
	})
}

fn open(number: BlockNumber, slot: u64, report: Option<PriceReport>) -> Outcome<Opened> {
	let digest =
		Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(slot).encode())] };
	let parent = Hash::from_low_u64_be(number.into());
	let header = Header::new(number, Default::default(), Default::default(), parent, digest);
	Executive::initialize_block(&header);
	let now = slot * SLOT_MILLIS;
	inherent(pallet_timestamp::Call::set { now }.into())?;
	if let Some(report) = report {
		inherent(pallet_prices::Call::report { report }.into())?;
	}
	let search = probe::search();
	let protocol = probe::measured(Executive::inherents_applied);
	Ok(Opened {
		number,
		now,
		before: System::block_weight().total(),
		protocol,
		search,
		events: events_after(0),
	})
}

fn inherent(call: RuntimeCall) -> Outcome {
	match Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(call)) {
		Ok(Ok(())) => Ok(()),
		other => Err(format!("an inherent fails: {other:?}")),
	}
}

fn events_after(count: usize) -> Vec<RuntimeEvent> {
	System::read_events_no_consensus().skip(count).map(|record| record.event).collect()
}

/// As `Executive::finalize_block`, without the root.
fn close(number: BlockNumber) -> Weight {
	System::note_finished_extrinsics();
	let limit = <Runtime as frame_system::Config>::BlockWeights::get().max_block;
	let left = limit.saturating_sub(System::block_weight().total());
	if left.all_gt(Weight::zero()) {
		let used = <AllPalletsWithSystem as OnIdle<BlockNumber>>::on_idle(number, left);
		System::register_extra_weight_unchecked(used, DispatchClass::Mandatory);
	}
	<AllPalletsWithSystem as OnFinalize<BlockNumber>>::on_finalize(number);
	for item in ["ExecutionPhase", "BlockSize", "InherentsApplied", "ExtrinsicCount"] {
		unhashed::kill(&storage_prefix(b"System", item.as_bytes()));
	}
	let _ = unhashed::clear_prefix(&storage_prefix(b"System", b"ExtrinsicData"), None, None);
	System::block_weight().total()
}
