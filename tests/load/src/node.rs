// SPDX-License-Identifier: Apache-2.0

//! A connection to one node, and the streams of blocks it imports and finalizes.

use crate::{
	blocks::Head,
	endpoint::Endpoint,
	error::{within, Context, Failure, Result},
};
use futures::{stream, Stream, StreamExt};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use subxt::{
	backend::LegacyBackend,
	config::{Hasher, RpcConfigFor},
	ext::codec::Encode,
	rpcs::{methods::legacy::LegacyRpcMethods, RpcClient},
	utils::H256,
	OnlineClient, OnlineClientAtBlock, SubstrateConfig,
};

pub type Chain = SubstrateConfig;
pub type AtBlock = OnlineClientAtBlock<Chain>;
type ChainHasher = <Chain as subxt::Config>::Hasher;

/// One WebSocket connection.
///
/// The older JSON-RPC methods are used throughout: they push a notification per block and answer
/// by block hash, where `chainHead` would bound the subscriptions per connection and need every
/// block unpinned.
#[derive(Clone)]
pub struct Node {
	url: String,
	pub rpc: RpcClient,
	pub methods: LegacyRpcMethods<RpcConfigFor<Chain>>,
}

impl Node {
	pub async fn connect(endpoint: &Endpoint, limit: Duration) -> Result<Self> {
		let doing = format!("connecting to {}", endpoint.url());
		let connecting =
			async { RpcClient::from_insecure_url(endpoint.url()).await.context(&doing) };
		let rpc = within(limit, &doing, connecting).await?;
		let methods = LegacyRpcMethods::new(rpc.clone());
		Ok(Self { url: endpoint.url().into(), rpc, methods })
	}

	/// The chain's metadata and constants at the best block.
	pub async fn at_best(&self) -> Result<AtBlock> {
		let doing = format!("reading the metadata of {}", self.url);
		let backend: LegacyBackend<Chain> = LegacyBackend::builder().build(self.rpc.clone());
		let client =
			OnlineClient::from_backend_with_config(SubstrateConfig::new(), Arc::new(backend))
				.await
				.context(&doing)?;
		let best = self.best_hash().await?;
		client.at_block(best).await.context(&doing)
	}

	pub async fn best_hash(&self) -> Result<H256> {
		self.methods
			.chain_get_block_hash(None)
			.await
			.context(format!("asking {} for its best block", self.url))?
			.ok_or_else(|| Failure::new(format!("{} has no best block", self.url)))
	}

	/// Imports and finality as the node tells them, each with the time its notification arrived.
	/// The stream ends with an error when the connection does.
	pub async fn follow(
		&self,
		hasher: ChainHasher,
	) -> Result<impl Stream<Item = Result<Notice>> + Send + Unpin> {
		let doing = format!("following the blocks of {}", self.url);
		let imported = self.methods.chain_subscribe_all_heads().await.context(&doing)?;
		let finalized = self.methods.chain_subscribe_finalized_heads().await.context(&doing)?;
		let notice = move |kind: Kind| {
			let doing = doing.clone();
			move |header: std::result::Result<Header, subxt::rpcs::Error>| {
				let at = Instant::now();
				let header = header.context(&doing)?;
				Ok(Notice { kind, at, head: head_of(&header, hasher) })
			}
		};
		// Both subscriptions begin with the present head, which is no news of this moment.
		let imported = imported.skip(1).map(notice(Kind::Imported));
		let finalized = finalized.skip(1).map(notice(Kind::Finalized));
		let url = self.url.clone();
		let lost = move || {
			let lost = Failure::new(format!("{url} closed the connection"));
			stream::once(async move { Err(lost) })
		};
		Ok(stream::select(imported.chain(lost()), finalized.chain(lost())).boxed())
	}
}

type Header = <Chain as subxt::Config>::Header;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
	Imported,
	Finalized,
}

#[derive(Debug, Clone, Copy)]
pub struct Notice {
	pub kind: Kind,
	pub head: Head<H256>,
	pub at: Instant,
}

fn head_of(header: &Header, hasher: ChainHasher) -> Head<H256> {
	Head { hash: hasher.hash(&header.encode()), parent: header.parent_hash, number: header.number }
}
