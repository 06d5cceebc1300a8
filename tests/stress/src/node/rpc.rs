// SPDX-License-Identifier: Apache-2.0
//! One connection to the node.

use crate::node::wire::{value_key, EventRecord, Key};
use ballast_exchange::{Moment, UnderlyingId};
use ballast_runtime::{AccountId, BlockNumber, Hash, Header};
use ballast_runtime_api::{Audit, MarketInfo, SeriesInfo};
use codec::{Decode, DecodeAll, Encode};
use jsonrpsee::{
	core::{
		client::{ClientT, Error as RpcError, Subscription, SubscriptionClientT},
		traits::ToRpcParams,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use pallet_clearing::AccountReport;
use pallet_lanes::Statistics;
use pallet_liquidation::{AuctionReport, Figures};
use sp_core::bytes::{from_hex, to_hex};
use std::{sync::Arc, time::Duration};

/// Largest answer, bytes: the body or the events of a full block, in hexadecimal.
const MAX_ANSWER: u32 = 64 << 20;
/// An audit of many accounts on a busy machine takes seconds.
const PATIENCE: Duration = Duration::from_secs(180);
/// Requests under way on one connection.
const AT_ONCE: usize = 4_096;

/// What the pool answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
	/// It waits in the pool.
	Taken,
	/// It waits there already.
	Known,
	/// There is no room, or it cannot be judged now: the same bytes may be sent again.
	Later(i32),
	/// It is not valid.
	Refused(i32),
}

impl Answer {
	/// By the code of the node's error.
	fn of(code: i32) -> Self {
		match code {
			1013 => Answer::Known,
			// Unknown validity; immediately dropped.
			1011 | 1016 => Answer::Later(code),
			_ => Answer::Refused(code),
		}
	}
}

/// A connection. Clones share it.
#[derive(Clone)]
pub struct Node(Arc<WsClient>);

impl Node {
	/// Connects to a node of this machine.
	pub async fn connect(port: u16) -> Result<Self, String> {
		let client = WsClientBuilder::default()
			.max_response_size(MAX_ANSWER)
			.max_concurrent_requests(AT_ONCE)
			.request_timeout(PATIENCE)
			.build(format!("ws://127.0.0.1:{port}"))
			.await;
		Ok(Self(Arc::new(client.map_err(|error| format!("connecting to the node: {error}"))?)))
	}

	async fn ask<R: serde::de::DeserializeOwned>(
		&self,
		method: &str,
		params: impl ToRpcParams + Send,
	) -> Result<R, String> {
		self.0.request(method, params).await.map_err(|error| format!("{method}: {error}"))
	}

	/// Calls the runtime's API on the state of a block, the best one without.
	async fn call<T: Decode>(
		&self,
		method: &str,
		arguments: &[u8],
		at: Option<Hash>,
	) -> Result<T, String> {
		let params = rpc_params![method, to_hex(arguments, false), at];
		let answer: String = self.ask("state_call", params).await?;
		let bytes = from_hex(&answer).map_err(|error| format!("{method}: {error:?}"))?;
		T::decode_all(&mut bytes.as_slice()).map_err(|error| format!("{method}: {error}"))
	}

	/// A stored value at a block.
	pub async fn storage(&self, key: &[u8], at: Hash) -> Result<Option<Vec<u8>>, String> {
		let answer: Option<String> =
			self.ask("state_getStorage", rpc_params![to_hex(key, false), at]).await?;
		answer
			.map(|hex| from_hex(&hex).map_err(|error| format!("state_getStorage: {error:?}")))
			.transpose()
	}

	/// Hash of the block of a number.
	pub async fn block_hash(&self, number: BlockNumber) -> Result<Hash, String> {
		let hash: Option<Hash> = self.ask("chain_getBlockHash", rpc_params![number]).await?;
		hash.ok_or_else(|| format!("the node has no block {number}"))
	}

	/// The encoded transactions of a block, inherents among them.
	pub async fn body(&self, at: Hash) -> Result<Vec<Vec<u8>>, String> {
		let answer: serde_json::Value = self.ask("chain_getBlock", rpc_params![at]).await?;
		let list = answer.pointer("/block/extrinsics").and_then(|list| list.as_array());
		let list = list.ok_or("chain_getBlock: no transactions in the answer")?;
		list.iter()
			.map(|hex| from_hex(hex.as_str().unwrap_or_default()))
			.collect::<Result<_, _>>()
			.map_err(|error| format!("chain_getBlock: {error:?}"))
	}

	/// Headers of the best blocks as they come.
	pub async fn heads(&self) -> Result<Subscription<Header>, String> {
		let (start, end) = ("chain_subscribeNewHeads", "chain_unsubscribeNewHeads");
		let heads = self.0.subscribe(start, rpc_params![], end).await;
		heads.map_err(|error| format!("{start}: {error}"))
	}

	/// Transactions that wait in the pool: how many.
	pub async fn pending(&self) -> Result<usize, String> {
		let list: Vec<serde_json::Value> =
			self.ask("author_pendingExtrinsics", rpc_params![]).await?;
		Ok(list.len())
	}

	/// Hands a transaction to the pool. Only a broken connection is an error.
	pub async fn submit(&self, bytes: &[u8]) -> Result<Answer, String> {
		let params = rpc_params![to_hex(bytes, false)];
		match self.0.request::<Hash, _>("author_submitExtrinsic", params).await {
			Ok(_) => Ok(Answer::Taken),
			Err(RpcError::Call(error)) => Ok(Answer::of(error.code())),
			Err(error) => Err(format!("author_submitExtrinsic: {error}")),
		}
	}

	/// An account's next nonce by the state of a block.
	pub async fn nonce(&self, of: &AccountId, at: Hash) -> Result<u32, String> {
		self.call("AccountNonceApi_account_nonce", &of.encode(), Some(at)).await
	}

	/// Auctions after `after`, at most `limit`.
	pub async fn auctions(
		&self,
		after: Option<&Key>,
		limit: u32,
		at: Hash,
	) -> Result<Vec<AuctionReport<AccountId>>, String> {
		self.call("SolvencyApi_auctions", &(after, limit).encode(), Some(at)).await
	}

	/// How the search and the auctions stand.
	pub async fn figures(&self, at: Hash) -> Result<Figures, String> {
		self.call("SolvencyApi_figures", &[], Some(at)).await
	}

	/// What the lanes did in the block.
	pub async fn lanes(&self, at: Hash) -> Result<Statistics<BlockNumber>, String> {
		self.call("SolvencyApi_lanes", &[], Some(at)).await
	}

	/// Margins accounts after `after`, at most `limit`, by brute force.
	pub async fn audit(
		&self,
		after: Option<&Key>,
		limit: u32,
		at: Hash,
	) -> Result<Audit<Key>, String> {
		self.call("SolvencyApi_audit", &(after, limit).encode(), Some(at)).await
	}

	/// The underlyings.
	pub async fn markets(&self, at: Hash) -> Result<Vec<MarketInfo>, String> {
		self.call("ExchangeApi_markets", &[], Some(at)).await
	}

	/// The series of an expiry with their marks.
	pub async fn series(
		&self,
		underlying: UnderlyingId,
		expiry: Moment,
		at: Hash,
	) -> Result<Vec<SeriesInfo>, String> {
		self.call("ExchangeApi_series", &(underlying, expiry).encode(), Some(at)).await
	}

	/// A margin account.
	pub async fn account(&self, key: &Key, at: Hash) -> Result<Option<AccountReport>, String> {
		self.call("ExchangeApi_account", &(&key.owner, key.index).encode(), Some(at)).await
	}

	/// The events of a block.
	pub async fn events(&self, at: Hash) -> Result<Vec<EventRecord>, String> {
		crate::node::wire::events(self.storage(&value_key("System", "Events"), at).await?)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn answer_should_tell_whether_the_same_bytes_may_come_again_when_the_pool_says_no() {
		assert_eq!(Answer::of(1013), Answer::Known);
		assert_eq!(Answer::of(1016), Answer::Later(1016));
		assert_eq!(Answer::of(1011), Answer::Later(1011));
		assert_eq!(Answer::of(1010), Answer::Refused(1010));
		assert_eq!(Answer::of(1014), Answer::Refused(1014));
	}
}
