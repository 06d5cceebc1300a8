// SPDX-License-Identifier: Apache-2.0

//! The node behind the keeper: its client, pool and keystore.

use crate::{
	caution::Millis,
	failure::Failure,
	keeper::{Chosen, Exchange, Trouble},
	nonces::Nonces,
	outcome::{decode, events_key, outcome_of, Outcome},
	signing::{call_of, signed, At, Covered, BORN_BEFORE},
	task::{self, Fate, Node},
	types::{Auction, Config, Key, Standing},
	DEV_KEY, KEY_TYPE, LOG_TARGET,
};
use ballast_runtime::{opaque::Block, AccountId, Balance, BlockNumber, Hash, Nonce, VERSION};
use ballast_runtime_api::{ExchangeApi, SolvencyApi};
use codec::Encode;
use frame_system_rpc_runtime_api::AccountNonceApi;
use futures::{FutureExt, StreamExt};
use pallet_clearing::{AccountReport, HypotheticalTrade, Simulated, Simulation};
use pallet_lanes::Statistics;
use pallet_liquidation::Figures;
use sc_client_api::{Backend, BlockchainEvents, StorageProvider};
use sc_transaction_pool_api::{
	error::IntoPoolError, InPoolTransaction, TransactionPool, TransactionSource, TransactionStatus,
};
use sp_api::{Core, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::sr25519;
use sp_keystore::KeystorePtr;
use sp_runtime::{DispatchError, OpaqueExtrinsic};
use std::{
	collections::{BTreeMap, BTreeSet},
	marker::PhantomData,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};

/// After this part of a slot a look asks no more: building and importing blocks goes before.
const TIME_OF_A_LOOK: Duration = Duration::from_millis(100);

/// What the keeper uses of the node.
pub struct Parts<Client, Pool> {
	/// Reads the chain.
	pub client: Arc<Client>,
	/// Takes the bids.
	pub pool: Arc<Pool>,
	/// Holds the key of type [`KEY_TYPE`].
	pub keystore: KeystorePtr,
	/// Whether the node is far behind the others.
	pub is_syncing: Box<dyn Fn() -> bool + Send + Sync>,
}

/// Puts the well-known key [`DEV_KEY`] into a keystore that holds none, until the node ends.
///
/// For development chains alone. An error says why it cannot be put there.
pub fn insert_dev_key(keystore: &KeystorePtr) -> Result<(), String> {
	if !keystore.sr25519_public_keys(KEY_TYPE).is_empty() {
		return Ok(());
	}
	keystore
		.sr25519_generate_new(KEY_TYPE, Some(DEV_KEY))
		.map(|key| log::info!(target: LOG_TARGET, "bids as {DEV_KEY}, {}", AccountId::from(key)))
		.map_err(|error| error.to_string())
}

/// What the keeper asks of the runtime.
pub trait Apis:
	Core<Block>
	+ AccountNonceApi<Block, AccountId, Nonce>
	+ ExchangeApi<
		Block,
		AccountId,
		Option<AccountReport>,
		Simulation,
		Result<Simulated, DispatchError>,
	> + SolvencyApi<Block, AccountId, Key, Auction, Figures, Statistics<BlockNumber>, Balance>
{
}

impl<Api> Apis for Api where
	Api: Core<Block>
		+ AccountNonceApi<Block, AccountId, Nonce>
		+ ExchangeApi<
			Block,
			AccountId,
			Option<AccountReport>,
			Simulation,
			Result<Simulated, DispatchError>,
		> + SolvencyApi<Block, AccountId, Key, Auction, Figures, Statistics<BlockNumber>, Balance>
{
}

/// Bids until the node ends.
pub async fn run<State, Client, Pool>(parts: Parts<Client, Pool>, config: Config)
where
	State: Backend<Block> + 'static,
	Client: ProvideRuntimeApi<Block, Api: Apis>
		+ HeaderBackend<Block>
		+ StorageProvider<Block, State>
		+ BlockchainEvents<Block>
		+ 'static,
	Pool: TransactionPool<Block = Block> + 'static,
{
	let blocks = parts.client.import_notification_stream().filter_map(|block| {
		let at = At { hash: block.hash, number: block.header.number };
		futures::future::ready(block.is_new_best.then_some(at))
	});
	let genesis = parts.client.info().genesis_hash;
	let node = Live::<State, _, _> {
		parts,
		index: config.index,
		genesis,
		nonces: Arc::default(),
		state: PhantomData,
	};
	let started = Instant::now();
	let clock = move || Millis::try_from(started.elapsed().as_millis()).unwrap_or(Millis::MAX);
	task::run(node, blocks, config.rules, clock).await;
}

/// Nonces of bids under way, by ticket.
#[derive(Default)]
struct Used {
	nonces: Nonces,
	by_ticket: BTreeMap<u64, Nonce>,
}

impl Used {
	fn take(&mut self, ticket: u64, next: Nonce, pooled: &BTreeSet<Nonce>) -> Nonce {
		let nonce = self.nonces.take(next, pooled);
		self.by_ticket.insert(ticket, nonce);
		nonce
	}

	fn give_back(&mut self, ticket: u64) {
		if let Some(nonce) = self.by_ticket.remove(&ticket) {
			self.nonces.give_back(nonce);
		}
	}

	/// Tickets of nonces below the state's.
	fn below(&self, next: Nonce) -> Vec<u64> {
		let used = self.by_ticket.iter().filter(|(_, nonce)| **nonce < next);
		used.map(|(ticket, _)| *ticket).collect()
	}

	fn spent(&mut self, ticket: u64) {
		if let Some(nonce) = self.by_ticket.remove(&ticket) {
			self.nonces.spent(nonce);
		}
	}
}

fn locked(used: &Mutex<Used>) -> MutexGuard<'_, Used> {
	used.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Live<State, Client, Pool> {
	parts: Parts<Client, Pool>,
	index: u16,
	genesis: Hash,
	nonces: Arc<Mutex<Used>>,
	state: PhantomData<fn() -> State>,
}

/// The one key that bids.
fn key_in(keystore: &KeystorePtr) -> Result<sr25519::Public, Trouble> {
	match keystore.sr25519_public_keys(KEY_TYPE).as_slice() {
		[key] => Ok(*key),
		[] => Err(Trouble::Key(
			"the keystore holds no key of type keep: insert one with `ballast key insert --key-type keep --scheme \
			 sr25519`"
				.into(),
		)),
		keys => Err(Trouble::Key(format!(
			"the keystore holds {} keys of type keep: leave one",
			keys.len()
		))),
	}
}

fn silent(error: impl std::fmt::Display) -> Trouble {
	Trouble::Silent(error.to_string())
}

/// What the runtime says at one block.
struct LiveExchange<'a, Client, Pool> {
	parts: &'a Parts<Client, Pool>,
	nonces: &'a Mutex<Used>,
	index: u16,
	at: Hash,
	since: Instant,
}

impl<Client, Pool> Exchange for LiveExchange<'_, Client, Pool>
where
	Client: ProvideRuntimeApi<Block, Api: Apis>,
{
	fn owner(&self) -> Result<AccountId, Trouble> {
		key_in(&self.parts.keystore).map(AccountId::from)
	}

	fn auctions(&self, after: Option<&Key>, limit: u32) -> Result<Vec<Auction>, Trouble> {
		let api = self.parts.client.runtime_api();
		api.auctions(self.at, after.cloned(), limit).map_err(silent)
	}

	fn standing(&self) -> Result<Option<Standing>, Trouble> {
		let api = self.parts.client.runtime_api();
		let report = api.account(self.at, self.owner()?, self.index).map_err(silent)?;
		Ok(report.map(Standing::from))
	}

	fn simulate(
		&self,
		trades: Vec<HypotheticalTrade>,
	) -> Result<Result<Standing, DispatchError>, Trouble> {
		let simulation = Simulation { trades, ..Default::default() };
		let api = self.parts.client.runtime_api();
		let simulated =
			api.simulate(self.at, self.owner()?, self.index, simulation).map_err(silent)?;
		Ok(simulated.map(|simulated| simulated.report.into()))
	}

	fn included(&self) -> Result<Vec<u64>, Trouble> {
		let api = self.parts.client.runtime_api();
		let next = api.account_nonce(self.at, self.owner()?).map_err(silent)?;
		Ok(locked(self.nonces).below(next))
	}

	fn has_time_to_read(&self) -> bool {
		self.since.elapsed() < TIME_OF_A_LOOK / 2
	}

	fn has_time(&self) -> bool {
		self.since.elapsed() < TIME_OF_A_LOOK
	}
}

#[async_trait::async_trait]
impl<State, Client, Pool> Node for Live<State, Client, Pool>
where
	State: Backend<Block> + 'static,
	Client: ProvideRuntimeApi<Block, Api: Apis>
		+ HeaderBackend<Block>
		+ StorageProvider<Block, State>
		+ 'static,
	Pool: TransactionPool<Block = Block> + 'static,
{
	fn is_syncing(&self) -> bool {
		(self.parts.is_syncing)()
	}

	fn exchange_at(&self, at: At) -> Box<dyn Exchange + '_> {
		let (parts, nonces, index) = (&self.parts, self.nonces.as_ref(), self.index);
		Box::new(LiveExchange { parts, nonces, index, at: at.hash, since: Instant::now() })
	}

	async fn send(&self, at: At, bids: &[Chosen]) -> Vec<Fate> {
		let transactions = match self.sign_all(at, bids) {
			Ok(transactions) => transactions,
			Err(failure) => return bids.iter().map(|_| failed(failure.clone())).collect(),
		};
		let mut fates = Vec::new();
		for (chosen, transaction) in bids.iter().zip(transactions) {
			fates.push(match transaction {
				Ok((bidder, bytes)) => self.submit(at, chosen.ticket, bidder, bytes).await,
				Err(failure) => {
					self.give_up(chosen.ticket);
					failed(failure)
				},
			});
		}
		fates
	}

	fn give_up(&self, ticket: u64) {
		locked(&self.nonces).give_back(ticket);
	}
}

fn failed(failure: Failure) -> Fate {
	futures::future::ready(Err(failure)).boxed()
}

type Signed = Result<(AccountId, OpaqueExtrinsic), Failure>;

impl<State, Client, Pool> Live<State, Client, Pool>
where
	State: Backend<Block> + 'static,
	Client: ProvideRuntimeApi<Block, Api: Apis>
		+ HeaderBackend<Block>
		+ StorageProvider<Block, State>
		+ 'static,
	Pool: TransactionPool<Block = Block> + 'static,
{
	fn sign_all(&self, at: At, bids: &[Chosen]) -> Result<Vec<Signed>, Failure> {
		let unexpected = |error: &dyn std::fmt::Display| Failure::unexpected(error.to_string());
		let keystore = &self.parts.keystore;
		let key = key_in(keystore).map_err(|trouble| unexpected(&trouble))?;
		let bidder = AccountId::from(key);
		let api = self.parts.client.runtime_api();
		let version = api.version(at.hash).map_err(|error| unexpected(&error))?;
		let form = version.transaction_version;
		if version.spec_name != VERSION.spec_name || form != VERSION.transaction_version {
			let text = format!(
				"the chain's transactions are of version {form}, this binary knows {}: run a newer one",
				VERSION.transaction_version
			);
			return Err(Failure::unexpected(text));
		}
		let next =
			api.account_nonce(at.hash, bidder.clone()).map_err(|error| unexpected(&error))?;
		let pooled = self.pooled_nonces(&bidder);
		let born = self.birth(at.number).map_err(|error| unexpected(&error))?;
		let sign = |bytes: &[u8]| match keystore.sr25519_sign(KEY_TYPE, &key, bytes) {
			Ok(Some(signature)) => Ok(signature),
			Ok(None) => Err("the key has left the keystore".into()),
			Err(error) => Err(error.to_string()),
		};
		let signed = bids.iter().map(|chosen| {
			let covered = Covered {
				born,
				genesis: self.genesis,
				spec_version: version.spec_version,
				transaction_version: form,
				nonce: locked(&self.nonces).take(chosen.ticket, next, &pooled),
			};
			let bytes = signed(call_of(&chosen.bid, self.index), key, &covered, sign);
			bytes.map(|bytes| (bidder.clone(), bytes)).map_err(Failure::unexpected)
		});
		Ok(signed.collect())
	}

	/// Where the era of a transaction of a look at block `number` begins.
	fn birth(&self, number: BlockNumber) -> Result<At, String> {
		let number = number.saturating_sub(BORN_BEFORE);
		let hash = self.parts.client.hash(number).map_err(|error| error.to_string())?;
		let hash = hash.ok_or_else(|| format!("the chain has no block {number}"))?;
		Ok(At { hash, number })
	}

	/// Nonces of the key's transactions that wait for a block, whoever sent them.
	fn pooled_nonces(&self, bidder: &AccountId) -> BTreeSet<Nonce> {
		let account = bidder.encode();
		let nonce = |tag: &Vec<u8>| {
			let rest = tag.strip_prefix(account.as_slice())?;
			Some(Nonce::from_le_bytes(rest.try_into().ok()?))
		};
		let ready = self.parts.pool.ready();
		ready.flat_map(|waiting| waiting.provides().iter().find_map(nonce)).collect()
	}

	async fn submit(&self, at: At, ticket: u64, bidder: AccountId, bytes: OpaqueExtrinsic) -> Fate {
		let pool = &self.parts.pool;
		let watched = pool.submit_and_watch(at.hash, TransactionSource::Local, bytes).await;
		let mut watched = match watched {
			Ok(watched) => watched,
			Err(error) => {
				self.give_up(ticket);
				return failed(match error.into_pool_error() {
					Ok(error) => Failure::refused(&error),
					Err(error) => Failure::unexpected(error.to_string()),
				});
			},
		};
		let (client, nonces) = (self.parts.client.clone(), self.nonces.clone());
		async move {
			while let Some(status) = watched.next().await {
				match status {
					TransactionStatus::InBlock((block, index))
					| TransactionStatus::Finalized((block, index)) => {
						locked(&nonces).spent(ticket);
						return read_outcome::<State, _>(client.as_ref(), block, index, &bidder);
					},
					TransactionStatus::Usurped(_)
					| TransactionStatus::Dropped
					| TransactionStatus::Invalid
					| TransactionStatus::FinalityTimeout(_) => break,
					_ => {},
				}
			}
			locked(&nonces).give_back(ticket);
			Err(Failure::lost("the pool let go of it"))
		}
		.boxed()
	}
}

fn read_outcome<State, Client>(
	client: &Client,
	block: Hash,
	index: usize,
	bidder: &AccountId,
) -> Outcome
where
	State: Backend<Block>,
	Client: StorageProvider<Block, State>,
{
	let events = client
		.storage(block, &events_key())
		.map_err(|error| Failure::unexpected(format!("no events of block {block}: {error}")))?
		.ok_or_else(|| Failure::unexpected(format!("block {block} has no events")))?;
	let index = u32::try_from(index).unwrap_or(u32::MAX);
	outcome_of(&decode(&events.0)?, index, bidder)
}
