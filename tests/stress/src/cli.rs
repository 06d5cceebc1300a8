// SPDX-License-Identifier: Apache-2.0
//! The command line.

use crate::{
	book::{raw_chain_spec, seed, Charge, Config, Seeded},
	path::{Kind, Path},
	simulate::{self, Report},
	Outcome,
};
use ballast_exchange::Moment;
use clap::{Args, Parser, Subcommand};
use serde_json::Value;
use std::{
	path::PathBuf,
	time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Wednesday, 7 January 2026, 09:30 UTC: a run without a node is the same whenever it is made.
const START: Moment = 1_767_778_200_000;

/// A crash under load.
#[derive(Debug, Parser)]
#[command(name = "ballast-stress", version)]
pub struct Cli {
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Runs books of several sizes over a path without a node, and compares them with brute force.
	Simulate(Simulate),
	/// Writes the chain spec of a seeded book and the recording of a path, for a node.
	Spec(Spec),
	/// Runs a book over a path on a real node, with lanes and without.
	Node(crate::node::Args),
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
	/// Sizes of the book.
	#[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000, 100_000])]
	pub accounts: Vec<u32>,
	/// crash, synthetic or calm.
	#[arg(long, default_value = "crash")]
	pub path: Kind,
	/// Decides about the books.
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// When the book is seeded, milliseconds since the epoch: options are as long as that makes them.
	#[arg(long, default_value_t = START)]
	pub start: Moment,
	/// Capital of the keepers, as a share of what the margin of the book requires.
	#[arg(long)]
	pub keeper_share: Option<f64>,
	/// Run without these charges on top of the scenarios: what they save is the difference.
	#[arg(long, value_delimiter = ',')]
	pub without: Vec<Charge>,
	/// Print why accounts are looked at in a calm market, and nothing else.
	#[arg(long)]
	pub explain: bool,
	/// Print one JSON object.
	#[arg(long)]
	pub json: bool,
}

/// Options of `spec`.
#[derive(Debug, Args)]
pub struct Spec {
	/// Size of the book.
	#[arg(long, default_value_t = 1_000)]
	pub accounts: u32,
	/// crash, synthetic or calm.
	#[arg(long, default_value = "crash")]
	pub path: Kind,
	/// Decides about the book.
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// The runtime's Wasm.
	#[arg(long)]
	pub runtime: PathBuf,
	/// Folder to write `spec.json` and `feed.jsonl` into.
	#[arg(long)]
	pub out: PathBuf,
}

/// Runs a command; says whether all that it had to show held.
pub fn run(cli: Cli) -> Outcome<bool> {
	match cli.command {
		Command::Simulate(options) => simulate_all(&options),
		Command::Spec(options) => write_spec(&options).map(|()| true),
		Command::Node(options) => crate::node::run(&options),
	}
}

/// When to begin a seeding of so many accounts so that its blocks are well in the past of a node that starts after it.
pub fn seeding_start(accounts: u32) -> Moment {
	let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	let now = Moment::try_from(now.as_millis()).unwrap_or(Moment::MAX);
	now.saturating_sub(60_000 + Moment::from(accounts))
}

fn simulate_all(options: &Simulate) -> Outcome<bool> {
	let path = Path::new(options.path, options.seed)?;
	let mut reports = Vec::new();
	for accounts in &options.accounts {
		let start = Instant::now();
		let mut seeded = seed(&config(options, *accounts), &path)?;
		seeded.waive(&options.without);
		let seeded_in = start.elapsed().as_secs_f64();
		if options.explain {
			println!("{}", simulate::explain(&seeded, &path)?);
			continue;
		}
		let report = simulate_one(options, &seeded, &path, seeded_in)?;
		if !options.json {
			eprintln!("{accounts} accounts: {:.0} s", start.elapsed().as_secs_f64());
		}
		reports.push(report);
	}
	if options.json {
		let runs: Vec<Value> = reports.iter().map(Report::to_json).collect();
		println!("{}", serde_json::json!({ "simulate": runs }));
	} else if !reports.is_empty() {
		println!("{}", simulate::table(&reports));
	}
	let broken = simulate::broken(&reports);
	for line in &broken {
		eprintln!("NOT SHOWN: {line}");
	}
	Ok(broken.is_empty())
}

fn config(options: &Simulate, accounts: u32) -> Config {
	let config = Config::new(options.seed, accounts, options.start);
	let keeper_share = options.keeper_share.unwrap_or(config.keeper_share);
	Config { flooders: 0, keeper_share, ..config }
}

fn simulate_one(
	options: &Simulate,
	seeded: &Seeded,
	path: &Path,
	seeded_in: f64,
) -> Outcome<Report> {
	let start = Instant::now();
	let calm = simulate::run(seeded, &Path::new(Kind::Calm, options.seed)?, false)?;
	let path_run = match options.path {
		Kind::Calm => None,
		_ => Some(simulate::run(seeded, path, true)?),
	};
	Ok(Report {
		accounts: seeded.accounts.len(),
		path: options.path.to_string(),
		seed: options.seed,
		requirement: seeded.requirement,
		seeded_in,
		run_in: start.elapsed().as_secs_f64(),
		calm,
		path_run,
	})
}

fn write_spec(options: &Spec) -> Outcome {
	let path = Path::new(options.path, options.seed)?;
	let config = Config::new(options.seed, options.accounts, seeding_start(options.accounts));
	let shown = options.runtime.display();
	let code = std::fs::read(&options.runtime).map_err(|error| format!("{shown}: {error}"))?;
	let seeded = seed(&config, &path)?;
	let folder = options.out.display();
	std::fs::create_dir_all(&options.out).map_err(|error| format!("{folder}: {error}"))?;
	let spec = raw_chain_spec(&seeded, &code).to_string();
	std::fs::write(options.out.join("spec.json"), spec)
		.map_err(|error| format!("{folder}: {error}"))?;
	path.write(&options.out.join("feed.jsonl"))
}
