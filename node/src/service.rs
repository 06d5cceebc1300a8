// SPDX-License-Identifier: Apache-2.0

//! The running node: database, pool, import queue, network, authoring, finality.

use crate::{
	background::{standing_back, Background},
	feed::FeedOptions,
	finality::FinalityOptions,
	metrics::Metrics,
	rpc::{self, Dependencies},
};
use ballast_price_feed::{Opened, Reporter};
use ballast_runtime::{constants::time::SLOT_MILLIS, opaque::Block, RuntimeApi};
use futures::FutureExt;
use sc_client_api::Backend;
use sc_consensus_aura::{ImportQueueParams, SlotProportion, StartAuraParams};
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_network::NetworkBackend;
use sc_service::{
	error::Error as ServiceError, ChainType, Configuration, TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryHandle, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus::SyncOracle;
use sp_consensus_aura::{sr25519::AuthorityPair as AuraPair, SlotDuration};
use sp_runtime::{
	traits::{BlakeTwo256, Hash, Header},
	StateVersion,
};
use std::sync::Arc;
use substrate_prometheus_endpoint::Registry;

/// Calls of the runtime into the node.
#[cfg(not(feature = "runtime-benchmarks"))]
pub type HostFunctions = sp_io::SubstrateHostFunctions;
/// Calls of the runtime into the node, with those of the benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub type HostFunctions =
	(sp_io::SubstrateHostFunctions, frame_benchmarking::benchmarking::HostFunctions);

/// Reads and extends the chain.
pub type FullClient =
	sc_service::TFullClient<Block, RuntimeApi, sc_executor::WasmExecutor<HostFunctions>>;
/// The transaction pool.
pub type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
type FullGrandpaBlockImport =
	sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type FullGrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

/// GRANDPA proves finality of a block at least this often, so that others can sync from proofs.
const JUSTIFICATION_PERIOD: u32 = 512;

/// Share of a slot after which a block is given up. The author is told of little more than half of it (`ballast_author`), so that others
/// have time to import; a block that comes later than that is better than none.
const PROPOSAL_SHARE: f32 = 0.9;

/// Service components that also the subcommands need.
pub struct Parts {
	/// Reads and extends the chain.
	pub client: Arc<FullClient>,
	/// The database.
	pub backend: Arc<FullBackend>,
	/// Where tasks run.
	pub task_manager: TaskManager,
	/// Where blocks from others enter.
	pub import_queue: sc_consensus::DefaultImportQueue<Block>,
	keystore: sc_service::KeystoreContainer,
	select_chain: FullSelectChain,
	pool: Arc<FullPool>,
	grandpa_import: FullGrandpaBlockImport,
	grandpa_link: FullGrandpaLink,
	telemetry: Option<Telemetry>,
}

/// What the RPC tells of GRANDPA.
#[derive(Clone)]
pub struct GrandpaParts {
	/// The authorities that vote now.
	pub authority_set: SharedAuthoritySet<sp_core::H256, u32>,
	/// The state of the voting rounds.
	pub voter_state: SharedVoterState,
	/// Proofs of finality as they come.
	pub justification_stream: GrandpaJustificationStream<Block>,
	/// Proofs of finality of older blocks.
	pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
}

type InherentDataProviders =
	(sp_consensus_aura::inherents::InherentDataProvider, sp_timestamp::InherentDataProvider);

/// Slot and time of a block that is built or imported now.
fn inherent_data_providers() -> InherentDataProviders {
	let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
	let slot = sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
		*timestamp,
		SlotDuration::from_millis(SLOT_MILLIS),
	);
	(slot, timestamp)
}

/// Opens the database and builds everything that does not need the network.
pub fn parts(config: &Configuration) -> Result<Parts, ServiceError> {
	let (telemetry, telemetry_worker) = telemetry(config)?;
	let executor = sc_service::new_wasm_executor::<HostFunctions>(&config.executor);
	let (client, backend, keystore, task_manager) = standing_back("the database", || {
		sc_service::new_full_parts::<Block, RuntimeApi, _>(
			config,
			telemetry.as_ref().map(Telemetry::handle),
			executor,
			Vec::new(),
		)
	})?;
	let client = Arc::new(client);
	if let Some(worker) = telemetry_worker {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
	}

	let select_chain = sc_consensus::LongestChain::new(backend.clone());
	let pool = Arc::from(
		sc_transaction_pool::Builder::new(
			Background(task_manager.spawn_essential_handle()),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);
	let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(Telemetry::handle),
	)?;
	let import_queue = import_queue(
		config,
		&client,
		&grandpa_import,
		&task_manager,
		telemetry.as_ref().map(Telemetry::handle),
	)?;
	Ok(Parts {
		client,
		backend,
		task_manager,
		import_queue,
		keystore,
		select_chain,
		pool,
		grandpa_import,
		grandpa_link,
		telemetry,
	})
}

fn telemetry(
	config: &Configuration,
) -> Result<(Option<Telemetry>, Option<TelemetryWorker>), ServiceError> {
	let Some(endpoints) = config.telemetry_endpoints.clone().filter(|list| !list.is_empty()) else {
		return Ok((None, None));
	};
	let worker = TelemetryWorker::new(16)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok((Some(telemetry), Some(worker)))
}

fn import_queue(
	config: &Configuration,
	client: &Arc<FullClient>,
	grandpa_import: &FullGrandpaBlockImport,
	task_manager: &TaskManager,
	telemetry: Option<TelemetryHandle>,
) -> Result<sc_consensus::DefaultImportQueue<Block>, ServiceError> {
	let queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
		block_import: grandpa_import.clone(),
		justification_import: Some(Box::new(grandpa_import.clone())),
		client: client.clone(),
		create_inherent_data_providers: |_parent, _| async { Ok(inherent_data_providers()) },
		spawner: &task_manager.spawn_essential_handle(),
		registry: config.prometheus_registry(),
		check_for_equivocation: Default::default(),
		telemetry,
		compatibility_mode: Default::default(),
	})?;
	Ok(queue)
}

/// How to run a node, beyond its configuration.
#[derive(Clone, Debug)]
pub struct NodeOptions {
	/// GRANDPA's timing and votes.
	pub finality: FinalityOptions,
	/// Where the prices come from that its blocks report.
	pub feed: FeedOptions,
	/// How it bids from its own account, if it does.
	pub keeper: Option<ballast_keeper::Config>,
	/// Whether the database has to begin with the genesis of the chain spec. Off for the chains that
	/// the binary knows by name: a new build has a new genesis, and their databases go on.
	pub check_genesis: bool,
}

/// Refuses a database that holds another chain of the same id: the node would run that one.
fn check_genesis(config: &Configuration, client: &FullClient) -> Result<(), ServiceError> {
	let genesis = client.chain_info().genesis_hash;
	let header = client
		.header(genesis)?
		.ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;
	let storage = config.chain_spec.as_storage_builder().build_storage()?;
	if !storage.children_default.is_empty() {
		return Ok(());
	}
	// Which version of the trie the genesis has, its own runtime knows; but that state may be pruned by now.
	let leaves: Vec<_> = storage.top.into_iter().collect();
	for version in [StateVersion::V1, StateVersion::V0] {
		if BlakeTwo256::trie_root(leaves.clone(), version) == *header.state_root() {
			return Ok(());
		}
	}
	Err(ServiceError::Other(format!(
		"the database at {} holds another chain than the chain spec '{}' describes: the genesis differs. Name \
		 another --base-path, or remove that chain with purge-chain",
		config.base_path.path().display(),
		config.chain_spec.name(),
	)))
}

/// Runs a node until it is told to stop.
pub fn new_full<Network: NetworkBackend<Block, <Block as sp_runtime::traits::Block>::Hash>>(
	config: Configuration,
	options: NodeOptions,
) -> Result<TaskManager, ServiceError> {
	let NodeOptions { finality, feed, keeper, check_genesis: must_check_genesis } = options;
	let Parts {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore,
		select_chain,
		pool,
		grandpa_import,
		grandpa_link,
		mut telemetry,
	} = parts(&config)?;
	if must_check_genesis {
		check_genesis(&config, &client)?;
	}

	let mut net_config = sc_network::config::FullNetworkConfiguration::<_, _, Network>::new(
		&config.network,
		config.prometheus_registry().cloned(),
	);
	let metrics = Network::register_notification_metrics(config.prometheus_registry());
	let genesis_hash = client.chain_info().genesis_hash;
	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
	let (grandpa_protocol_config, grandpa_notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<_, Network>(
			grandpa_protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_protocol_config);

	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		grandpa_link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		spawn_offchain_workers(&config, &task_manager, &client, &keystore, &pool, network.clone())?;
	}

	let role = config.role;
	let chain_type = config.chain_spec.chain_type();
	let name = config.network.node_name.clone();
	let force_authoring = config.force_authoring;
	let with_grandpa = !config.disable_grandpa;
	let prometheus = config.prometheus_registry().cloned();
	let voter_state = SharedVoterState::empty();
	let grandpa_parts = GrandpaParts {
		authority_set: grandpa_link.shared_authority_set().clone(),
		voter_state: voter_state.clone(),
		justification_stream: grandpa_link.justification_stream(),
		finality_proofs: FinalityProofProvider::new_for_service(
			backend.clone(),
			Some(grandpa_link.shared_authority_set().clone()),
		),
	};

	let tokio = config.tokio_handle.clone();
	standing_back("rpc", || {
		// A thread of one's own is in no runtime, and tasks are spawned here.
		let _context = tokio.enter();
		let (rpc_client, rpc_pool) = (client.clone(), pool.clone());
		let rpc_builder = Box::new(move |executor| {
			let dependencies = Dependencies {
				client: rpc_client.clone(),
				pool: rpc_pool.clone(),
				grandpa: grandpa_parts.clone(),
			};
			rpc::create(dependencies, executor).map_err(Into::into)
		});
		sc_service::spawn_tasks(sc_service::SpawnTasksParams {
			config,
			client: client.clone(),
			backend,
			task_manager: &mut task_manager,
			keystore: keystore.keystore(),
			transaction_pool: pool.clone(),
			rpc_builder,
			network: network.clone(),
			system_rpc_tx,
			tx_handler_controller,
			sync_service: sync_service.clone(),
			telemetry: telemetry.as_mut(),
			tracing_execute_block: None,
		})
	})?;

	if let Some(registry) = &prometheus {
		spawn_metrics(registry, &task_manager, client.clone(), sync_service.clone());
	}
	if let Some(config) = keeper {
		let sync = sync_service.clone();
		let parts = ballast_keeper::Parts {
			client: client.clone(),
			pool: pool.clone(),
			keystore: keystore.keystore(),
			is_syncing: Box::new(move || sync.is_major_syncing()),
		};
		spawn_keeper(config, parts, &chain_type, &task_manager)?;
	}

	if role.is_authority() {
		let reporter = reporter(&feed, &chain_type, &task_manager)?;
		let feed_client = client.clone();
		let proposer_factory = ballast_author::proposer_factory::<RuntimeApi, _, _>(
			task_manager.spawn_handle(),
			client.clone(),
			pool.clone(),
			prometheus.as_ref(),
			telemetry.as_ref().map(Telemetry::handle),
		);
		let aura = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(
			StartAuraParams {
				slot_duration: SlotDuration::from_millis(SLOT_MILLIS),
				client: client.clone(),
				select_chain,
				block_import: grandpa_import,
				proposer_factory,
				sync_oracle: sync_service.clone(),
				justification_sync_link: sync_service.clone(),
				create_inherent_data_providers: move |parent, ()| {
					let (slot, timestamp) = inherent_data_providers();
					let report = reporter.provider_at::<Block, _>(feed_client.clone(), parent);
					async move { Ok((slot, timestamp, report)) }
				},
				force_authoring,
				backoff_authoring_blocks: None::<()>,
				keystore: keystore.keystore(),
				block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SHARE),
				// Without it, missed slots would let the next block take several slots.
				max_block_proposal_slot_portion: Some(SlotProportion::new(PROPOSAL_SHARE)),
				telemetry: telemetry.as_ref().map(Telemetry::handle),
				compatibility_mode: Default::default(),
			},
		)?;
		task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
	}

	if with_grandpa {
		let grandpa_config = sc_consensus_grandpa::Config {
			gossip_duration: finality.gossip_duration(),
			justification_generation_period: JUSTIFICATION_PERIOD,
			name: Some(name),
			observer_enabled: false,
			keystore: role.is_authority().then(|| keystore.keystore()),
			local_role: role,
			telemetry: telemetry.as_ref().map(Telemetry::handle),
			protocol_name: grandpa_protocol,
		};
		let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
			config: grandpa_config,
			link: grandpa_link,
			network,
			sync: Arc::new(sync_service),
			notification_service: grandpa_notifications,
			voting_rule: finality.voting_rule(),
			prometheus_registry: prometheus,
			shared_voter_state: voter_state,
			telemetry: telemetry.as_ref().map(Telemetry::handle),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(pool),
		})?;
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
	}
	Ok(task_manager)
}

/// Watches auctions and bids.
fn spawn_keeper(
	config: ballast_keeper::Config,
	parts: ballast_keeper::Parts<FullClient, FullPool>,
	chain_type: &ChainType,
	task_manager: &TaskManager,
) -> Result<(), ServiceError> {
	if *chain_type == ChainType::Development {
		ballast_keeper::insert_dev_key(&parts.keystore)
			.map_err(|error| ServiceError::Other(format!("--keeper: {error}")))?;
	}
	// Not essential: without it the node goes on. Blocking: it waits for the runtime, in a thread of its own.
	task_manager.spawn_handle().spawn_blocking(
		"keeper",
		Some("keeper"),
		ballast_keeper::run::<FullBackend, _, _>(parts, config),
	);
	Ok(())
}

/// Opens the price feed and keeps it fed.
fn reporter(
	feed: &FeedOptions,
	chain_type: &ChainType,
	task_manager: &TaskManager,
) -> Result<Reporter, ServiceError> {
	let Opened { feed, task } = feed.open(chain_type)?;
	if let Some(task) = task {
		// Not essential: a node whose feed is gone goes on without reports.
		task_manager.spawn_handle().spawn("price-feed", Some("block-authoring"), task);
	}
	Ok(Reporter::new(feed))
}

/// Shows the exchange to Prometheus. A node goes on without.
fn spawn_metrics(
	registry: &Registry,
	task_manager: &TaskManager,
	client: Arc<FullClient>,
	sync: impl SyncOracle + Send + Sync + 'static,
) {
	match Metrics::register(registry) {
		// Blocking, for it calls the runtime.
		Ok(metrics) => task_manager.spawn_handle().spawn_blocking(
			"exchange-metrics",
			Some("metrics"),
			metrics.follow(client, sync),
		),
		Err(error) => log::warn!("no metrics of the exchange: {error}"),
	}
}

fn spawn_offchain_workers(
	config: &Configuration,
	task_manager: &TaskManager,
	client: &Arc<FullClient>,
	keystore: &sc_service::KeystoreContainer,
	pool: &Arc<FullPool>,
	network: Arc<dyn sc_network::service::traits::NetworkService>,
) -> Result<(), ServiceError> {
	let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
		runtime_api_provider: client.clone(),
		is_validator: config.role.is_authority(),
		keystore: Some(keystore.keystore()),
		offchain_db: None::<<FullBackend as Backend<Block>>::OffchainStorage>,
		transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
		network_provider: Arc::new(network),
		enable_http_requests: false,
		custom_extensions: |_| Vec::new(),
	})?;
	task_manager.spawn_handle().spawn(
		"offchain-workers-runner",
		"offchain-worker",
		workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
	);
	Ok(())
}
