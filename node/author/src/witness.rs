// SPDX-License-Identifier: Apache-2.0
//! Sees why a transaction did not get into the block.
//!
//! The SDK's author reports to the pool's iterator what is invalid and what there was no room for with the same
//! words. They mean different things: ten bids for one auction of which the first ends it say nothing of the lane.
//!
//! It has the protocol's part done before the first of them ([`protocol_part`]).

use crate::protocol_part;
use codec::Decode;
use sp_api::{
	ApiError, ApiRef, CallApiAt, CallApiAtParams, CallContext, ConstructRuntimeApi,
	ProvideRuntimeApi,
};
use sp_blockchain::{BlockStatus, HeaderBackend, Info};
use sp_externalities::Extensions;
use sp_runtime::{
	traits::{Block as BlockT, Header as HeaderT, NumberFor},
	ApplyExtrinsicResult,
};
use sp_version::RuntimeVersion;
use std::{cell::Cell, marker::PhantomData, sync::Arc};

const BEGIN: &str = "Core_initialize_block";
const APPLY: &str = "BlockBuilder_apply_extrinsic";

thread_local! {
	/// Whether what was tried last on this thread is invalid. The author tries and reports on one thread, and awaits
	/// nothing in between.
	static INVALID: Cell<bool> = const { Cell::new(false) };
}

/// Forgets what was tried before.
pub(crate) fn forget() {
	INVALID.set(false);
}

/// Whether what was tried last is invalid. `false` if there was no room for it, or if it was not tried at all.
pub(crate) fn saw_invalid() -> bool {
	INVALID.replace(false)
}

fn is_invalid(answer: &Result<Vec<u8>, ApiError>) -> bool {
	match answer {
		Ok(bytes) => matches!(
			ApplyExtrinsicResult::decode(&mut bytes.as_slice()),
			Ok(Err(error)) if !error.exhausted_resources()
		),
		// A panic of the runtime, say.
		Err(_) => true,
	}
}

/// A client that watches transactions being applied. `Api` is the runtime's `RuntimeApi`.
pub struct Witness<Api, Client> {
	client: Arc<Client>,
	api: PhantomData<fn() -> Api>,
}

impl<Api, Client> Witness<Api, Client> {
	/// Watches what is applied through it, not what `client` is asked otherwise.
	pub fn new(client: Arc<Client>) -> Self {
		Self { client, api: PhantomData }
	}
}

impl<Block, Api, Client> CallApiAt<Block> for Witness<Api, Client>
where
	Block: BlockT,
	Client: CallApiAt<Block>,
{
	type StateBackend = Client::StateBackend;

	fn call_api_at(&self, params: CallApiAtParams<Block>) -> Result<Vec<u8>, ApiError> {
		if params.function == BEGIN {
			protocol_part::expect_none();
		}
		let applies = params.function == APPLY;
		if applies && protocol_part::is_first() {
			protocol_part::apply(&*self.client, &params);
		}
		let answer = self.client.call_api_at(params);
		if applies {
			INVALID.set(is_invalid(&answer));
		}
		answer
	}

	fn runtime_version_at(
		&self,
		at: Block::Hash,
		context: CallContext,
	) -> Result<RuntimeVersion, ApiError> {
		self.client.runtime_version_at(at, context)
	}

	fn state_at(&self, at: Block::Hash) -> Result<Self::StateBackend, ApiError> {
		self.client.state_at(at)
	}

	fn initialize_extensions(
		&self,
		at: Block::Hash,
		extensions: &mut Extensions,
	) -> Result<(), ApiError> {
		self.client.initialize_extensions(at, extensions)
	}
}

impl<Block, Api, Client> ProvideRuntimeApi<Block> for Witness<Api, Client>
where
	Block: BlockT,
	Client: CallApiAt<Block>,
	Api: ConstructRuntimeApi<Block, Self>,
{
	type Api = Api::RuntimeApi;

	fn runtime_api(&self) -> ApiRef<'_, Self::Api> {
		Api::construct_runtime_api(self)
	}
}

impl<Block, Api, Client> HeaderBackend<Block> for Witness<Api, Client>
where
	Block: BlockT,
	Client: HeaderBackend<Block>,
{
	fn header(&self, hash: Block::Hash) -> sp_blockchain::Result<Option<Block::Header>> {
		self.client.header(hash)
	}

	fn info(&self) -> Info<Block> {
		self.client.info()
	}

	fn status(&self, hash: Block::Hash) -> sp_blockchain::Result<BlockStatus> {
		self.client.status(hash)
	}

	fn number(
		&self,
		hash: Block::Hash,
	) -> sp_blockchain::Result<Option<<Block::Header as HeaderT>::Number>> {
		self.client.number(hash)
	}

	fn hash(&self, number: NumberFor<Block>) -> sp_blockchain::Result<Option<Block::Hash>> {
		self.client.hash(number)
	}
}
