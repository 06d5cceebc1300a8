// SPDX-License-Identifier: Apache-2.0
//! Blocks as a node makes them: hooks, inherents, the protocol's part, signed transactions with their extensions,
//! the end of the block.

use ballast_exchange::PriceReport;
use ballast_runtime::{
	configs::RuntimeBlockWeights, constants::time::SLOT_MILLIS, signing::extension, AccountId,
	Executive, Header, Runtime, RuntimeCall, RuntimeEvent, System, TxExtension, UncheckedExtrinsic,
};
use codec::Encode;
use frame_support::{
	dispatch::{DispatchInfo, GetDispatchInfo, PostDispatchInfo},
	weights::Weight,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::{sr25519, H256};
use sp_io::storage;
use sp_runtime::{
	generic::{CheckedExtrinsic, Era, ExtrinsicFormat},
	traits::{Applyable, Header as _},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	Digest, DigestItem, DispatchErrorWithPostInfo, MultiSignature,
};

/// What executes a transaction.
type Checked = CheckedExtrinsic<AccountId, RuntimeCall, TxExtension>;
/// What a transaction that is in the block came to.
pub type Dispatched = Result<PostDispatchInfo, DispatchErrorWithPostInfo<PostDispatchInfo>>;

/// A transaction.
#[derive(Clone, Debug)]
pub struct Transaction {
	/// Who signs it.
	pub who: AccountId,
	/// What it calls.
	pub call: RuntimeCall,
	/// Its tip.
	pub tip: u128,
	/// By how much its nonce is too high.
	pub ahead: u32,
}

impl Transaction {
	/// One without a tip, next in turn.
	pub fn new(who: AccountId, call: RuntimeCall) -> Self {
		Self { who, call, tip: 0, ahead: 0 }
	}

	fn extension(&self) -> TxExtension {
		let nonce = System::account_nonce(&self.who).saturating_add(self.ahead);
		extension(Era::Immortal, nonce, self.tip)
	}
}

/// The head of the chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
	/// Number of the last block.
	pub number: u32,
	/// Its slot.
	pub slot: u64,
	/// Its hash.
	pub hash: H256,
}

impl Head {
	/// Milliseconds since the epoch of its slot.
	pub const fn now(&self) -> u64 {
		self.slot * SLOT_MILLIS
	}

	/// Begins a block so many slots later: hooks, inherents, the protocol's part.
	pub fn begin(&mut self, slots: u64, report: Option<PriceReport>) {
		self.slot += slots;
		self.number += 1;
		let slot = DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(self.slot).encode());
		let digest = Digest { logs: vec![slot] };
		let header =
			Header::new(self.number, Default::default(), Default::default(), self.hash, digest);
		Executive::initialize_block(&header);
		inherent(pallet_timestamp::Call::set { now: self.now() }.into());
		if let Some(report) = report {
			inherent(pallet_prices::Call::report { report }.into());
		}
		Executive::inherents_applied();
	}

	/// Ends it. Its last hooks use no more than was left of the budget.
	pub fn end(&mut self) {
		let most = RuntimeBlockWeights::get().max_block.max(weight());
		self.hash = Executive::finalize_block().hash();
		assert!(weight().all_lte(most), "with its last hooks the block weighs {:?}", weight());
	}
}

/// No content of an inherent makes it fail: a block with it would be lost.
fn inherent(call: RuntimeCall) {
	let applied = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(call));
	assert!(matches!(applied, Ok(Ok(()))), "an inherent fails: {applied:?}");
}

/// Applies a transaction as `Executive::apply_extrinsic` does, its signature taken as checked. An error says that it
/// does not get into the block; it has then changed nothing.
///
/// The executive hides a weight above the declared one behind the declared one. Here it is a finding.
pub fn apply(transaction: Transaction) -> Result<Dispatched, TransactionValidityError> {
	let extension = transaction.extension();
	let Transaction { who, call, ahead, .. } = transaction;
	let signature = MultiSignature::Sr25519(sr25519::Signature::default());
	let unchecked = UncheckedExtrinsic::new_signed(
		call.clone(),
		who.clone().into(),
		signature,
		extension.clone(),
	);
	let encoded = unchecked.encode();
	let format = ExtrinsicFormat::Signed(who, extension);
	let checked = Checked { format, function: call };
	let (info, length) = (checked.get_dispatch_info(), encoded.len());
	// As the pool asks; what it writes is forgotten.
	let _ = validate(&checked, TransactionSource::External, &info, length);
	let again = checked.clone();
	storage::start_transaction();
	System::note_extrinsic(encoded);
	match Applyable::apply::<Runtime>(checked, &info, length) {
		Ok(dispatched) => {
			storage::commit_transaction();
			assert_weight(&info, &dispatched);
			System::note_applied_extrinsic(&dispatched, info);
			Ok(dispatched)
		},
		Err(error) => {
			storage::rollback_transaction();
			// A nonce ahead of its turn is good for the pool, where it waits, and for no block.
			if ahead == 0 {
				assert_refused(&again, &info, length, error);
			}
			Err(error)
		},
	}
}

fn validate(
	checked: &Checked,
	source: TransactionSource,
	info: &DispatchInfo,
	length: usize,
) -> Result<(), TransactionValidityError> {
	storage::start_transaction();
	let valid = Applyable::validate::<Runtime>(checked, source, info, length);
	storage::rollback_transaction();
	valid.map(|_| ())
}

/// What is valid in the block fails for want of room only: an error after the call would make the block invalid.
fn assert_refused(
	checked: &Checked,
	info: &DispatchInfo,
	length: usize,
	error: TransactionValidityError,
) {
	let has_no_room =
		matches!(error, TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources));
	let valid = validate(checked, TransactionSource::InBlock, info, length);
	assert!(has_no_room || valid.is_err(), "a valid transaction ends in {error:?}: {checked:?}");
}

/// No call takes more than it declared.
fn assert_weight(info: &DispatchInfo, dispatched: &Dispatched) {
	let post_info = match dispatched {
		Ok(post_info) => post_info,
		Err(error) => &error.post_info,
	};
	let declared = info.total_weight();
	let actual = post_info.actual_weight.unwrap_or(declared);
	assert!(actual.all_lte(declared), "a call took {actual:?}, it declared {declared:?}");
}

/// The block's weight so far.
pub fn weight() -> Weight {
	System::block_weight().total()
}

/// The block's events so far.
pub fn events() -> impl Iterator<Item = RuntimeEvent> {
	System::read_events_no_consensus().map(|record| record.event)
}
