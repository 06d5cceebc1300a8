// SPDX-License-Identifier: Apache-2.0

//! What each subcommand does.

use crate::{
	chain_spec::{self, ChainSpec, Description},
	cli::{BuildChainSpecCmd, Cli, RunCmd, Subcommand},
	service::{self, NodeOptions},
};
use ballast_runtime::opaque::Block;
use sc_cli::SubstrateCli;
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend};
use sc_service::{chain_ops, Configuration, TaskManager};
use std::path::Path;

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Ballast".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		"Node of Ballast, an options exchange that owns its block space".into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		"the issue tracker of the repository you built from".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		Ok(match id {
			"dev" => Box::new(chain_spec::development()?),
			"" | "local" => Box::new(chain_spec::local()?),
			path => Box::new(load_file(path)?),
		})
	}
}

fn load_file(path: &str) -> Result<ChainSpec, String> {
	if !Path::new(path).exists() {
		return Err(format!(
			"there is no chain `{path}`: name `dev`, `local`, or the path of a chain spec file"
		));
	}
	ChainSpec::from_json_file(path.into())
		.map_err(|error| format!("{path} is not a chain spec of Ballast: {error}"))
}

/// Parses the command line and does what it says.
pub fn run() -> sc_cli::Result<()> {
	let cli = Cli::from_args();
	match &cli.subcommand {
		None => run_node(&cli),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::BuildChainSpec(cmd)) => build_chain_spec(cmd),
		Some(Subcommand::ExportChainSpec(cmd)) => {
			let spec = cli.load_spec(&cmd.chain)?;
			cmd.run(spec)
		},
		Some(Subcommand::CheckBlock(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let parts = service::parts(&config)?;
			Ok((cmd.run(parts.client, parts.import_queue), parts.task_manager))
		}),
		Some(Subcommand::ExportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let parts = service::parts(&config)?;
			Ok((cmd.run(parts.client, config.database), parts.task_manager))
		}),
		Some(Subcommand::ExportState(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let parts = service::parts(&config)?;
			Ok((cmd.run(parts.client, config.chain_spec), parts.task_manager))
		}),
		Some(Subcommand::ImportBlocks(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let parts = service::parts(&config)?;
			Ok((cmd.run(parts.client, parts.import_queue), parts.task_manager))
		}),
		Some(Subcommand::PurgeChain(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.database))
		},
		Some(Subcommand::Revert(cmd)) => cli.create_runner(cmd)?.async_run(|config| {
			let parts = service::parts(&config)?;
			let revert_grandpa = Box::new(|client, _, blocks| {
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((cmd.run(parts.client, parts.backend, Some(revert_grandpa)), parts.task_manager))
		}),
		Some(Subcommand::ChainInfo(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run::<Block>(&config))
		},
		#[cfg(feature = "runtime-benchmarks")]
		Some(Subcommand::Benchmark(cmd)) => crate::benchmarking::run(&cli, cmd),
	}
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
	let RunCmd { base, finality, feed, keeper } = &cli.run;
	let chain = base.shared_params.chain.as_deref().unwrap_or_default();
	let options = NodeOptions {
		finality: *finality,
		feed: feed.clone(),
		keeper: keeper.config(),
		check_genesis: Path::new(chain).is_file(),
	};
	cli.create_runner(base)?.run_node_until_exit(|config| async move {
		start(config, options).map_err(sc_cli::Error::Service)
	})
}

fn start(config: Configuration, options: NodeOptions) -> Result<TaskManager, sc_service::Error> {
	match config.network.network_backend {
		NetworkBackendType::Libp2p => {
			service::new_full::<sc_network::NetworkWorker<_, _>>(config, options)
		},
		NetworkBackendType::Litep2p => service::new_full::<Litep2pNetworkBackend>(config, options),
	}
}

fn build_chain_spec(cmd: &BuildChainSpecCmd) -> sc_cli::Result<()> {
	let spec = Description::read(&cmd.file)?.into_spec()?;
	// Building the raw form runs the runtime's genesis builder, so a wrong genesis is found here and
	// not by the first node.
	let raw = chain_ops::build_spec(&spec, true).map_err(|error| {
		format!("{}: the runtime refuses `genesis`: {error}", cmd.file.display())
	})?;
	if let Some(path) = &cmd.plain {
		write(path, &chain_ops::build_spec(&spec, false)?)?;
	}
	match &cmd.raw {
		Some(path) => write(path, &raw)?,
		None if cmd.plain.is_none() => println!("{raw}"),
		None => (),
	}
	Ok(())
}

fn write(path: &Path, text: &str) -> sc_cli::Result<()> {
	std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
	eprintln!("wrote {}", path.display());
	Ok(())
}
