// SPDX-License-Identifier: Apache-2.0
//! A crash on a real node: a seeded book, a flood of trades, keepers; with lanes and without.
//!
//! - [`process`], [`rpc`], [`wire`]: the node, a connection to it, transactions and events by the runtime's own types;
//! - [`setting`]: the book and who takes part;
//! - [`live`]: the run, by [`flood`], [`keepers`] ([`offer`]), [`lookers`], which send through [`sender`];
//! - [`history`], [`brute_force`], [`build_log`]: what is read afterwards; [`found`]: when each account was found; [`told`]: what
//!   the chain said of its own delay;
//! - [`side`], [`report`], [`bounds`]: the figures, how they are shown, what they have to be.

pub mod bounds;
pub mod brute_force;
pub mod build_log;
pub mod flood;
pub mod found;
pub mod history;
pub mod keepers;
pub mod live;
pub mod lookers;
pub mod machine;
pub mod offer;
pub mod percentile;
pub mod process;
pub mod report;
pub mod rpc;
pub mod sender;
pub mod setting;
pub mod side;
pub mod told;
pub mod window;
pub mod wire;

use crate::{
	book::{self, Seeded},
	chart,
	path::{Kind, Path},
	Outcome,
};
use found::Danger;
use live::Times;
use process::{Process, Start};
use side::{Record, Side};
use std::{
	path::PathBuf,
	time::{SystemTime, UNIX_EPOCH},
};

/// Of accounts found late, of blocks that came too late and of those with late bids, so many are named.
const MOST_NAMED: usize = 5;

/// Options of `node`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
	/// Margin accounts of the book.
	#[arg(long, default_value_t = 1_000)]
	pub accounts: u32,
	/// What prices do: crash, synthetic or calm.
	#[arg(long, default_value = "crash")]
	pub path: Kind,
	/// Seed of book and path.
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// The node's binary.
	#[arg(long)]
	pub node: PathBuf,
	/// The runtime's Wasm; without, the one inside the binary.
	#[arg(long)]
	pub runtime: Option<PathBuf>,
	/// Wasm of the runtime without lanes and without a search: the same run again on it.
	#[arg(long)]
	pub control_runtime: Option<PathBuf>,
	/// Print one JSON object.
	#[arg(long)]
	pub json: bool,
	/// Write a chart (SVG) of backlog, lanes, delay, insurance and bad debt.
	#[arg(long)]
	pub chart: Option<PathBuf>,
	/// How many blocks' worth of trades come with each block until enough wait.
	#[arg(long, default_value_t = 10.0)]
	pub flood: f64,
	/// How many blocks' worth of trades wait in the pool then.
	#[arg(long, default_value_t = 30.0)]
	pub depth: f64,
	/// Accounts that trade: one transaction each waits in the pool at most.
	#[arg(long, default_value_t = 4_000)]
	pub flooders: u32,
	/// Accounts that look for accounts in danger, in the control.
	#[arg(long, default_value_t = 512)]
	pub lookers: u32,
	/// Keepers that bid.
	#[arg(long)]
	pub keepers: Option<u32>,
	/// Seconds from the node's start to the first move of prices.
	#[arg(long, default_value_t = 60)]
	pub lead_seconds: u64,
	/// Most blocks to wait at the end until nobody is in danger.
	#[arg(long, default_value_t = 240)]
	pub tail_blocks: u32,
	/// Port of the node; the network's is 20,450 above it.
	#[arg(long, default_value_t = 9_950)]
	pub port: u16,
	/// An option for the node, such as --node-option=--trie-cache-size=1073741824; may be given several times.
	#[arg(long)]
	pub node_option: Vec<String>,
	/// Folder for the nodes' data and logs, kept afterwards; without, one that is removed.
	#[arg(long)]
	pub folder: Option<PathBuf>,
}

/// Runs both sides and prints what they came to; whether everything that has to be shown was.
pub fn run(args: &Args) -> Outcome<bool> {
	let runtime = tokio::runtime::Builder::new_multi_thread()
		.worker_threads(2)
		.enable_all()
		.build()
		.map_err(|error| format!("starting: {error}"))?;
	let folder = Folder::new(args)?;
	let path = Path::new(args.path, args.seed)?;
	eprintln!("seeding {} accounts", args.accounts);
	let seeded = setting::seed(args, &path)?;
	let code = setting::code(args.runtime.as_deref(), &args.node)?;
	let with = runtime.block_on(one(args, &path, &seeded, &code, &folder, false))?;
	let control = match &args.control_runtime {
		Some(file) => {
			let code = setting::code(Some(file), &args.node)?;
			Some(runtime.block_on(one(args, &path, &seeded, &code, &folder, true))?)
		},
		None => None,
	};
	if let Some(file) = &args.chart {
		let title = format!("{} accounts, {}", args.accounts, args.path);
		let points = control.as_ref().map(side::points);
		let svg = chart::draw(&title, &side::points(&with), points.as_deref());
		std::fs::write(file, svg).map_err(|error| format!("{}: {error}", file.display()))?;
	}
	Ok(conclude(args, &with, control.as_ref()))
}

/// Prints the figures and what they show.
fn conclude(args: &Args, with: &Record, control: Option<&Record>) -> bool {
	let side = Side::of(with);
	let of_control = control.map(Side::of);
	let bounds = bounds::check(args.path, &side, of_control.as_ref());
	let control = control.zip(of_control.as_ref());
	let values = report::json(args, (with, &side), control, &bounds);
	if args.json {
		println!("{}", serde_json::Value::Object(values));
	} else {
		println!("{}", report::table(&values));
	}
	for bound in bounds.iter().filter(|bound| !bound.holds) {
		eprintln!("NOT SHOWN: {}", bound.text);
	}
	bounds.iter().all(|bound| bound.holds)
}

/// Where a run's files are.
struct Folder {
	path: PathBuf,
	is_kept: bool,
}

impl Folder {
	fn new(args: &Args) -> Outcome<Self> {
		let own = || std::env::temp_dir().join(format!("ballast-stress-{}", std::process::id()));
		let path = args.folder.clone().unwrap_or_else(own);
		std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
		Ok(Self { path, is_kept: args.folder.is_some() })
	}
}

impl Drop for Folder {
	fn drop(&mut self) {
		if !self.is_kept {
			let _ = std::fs::remove_dir_all(&self.path);
		}
	}
}

/// One side: a node from the seeded state with this runtime, the path, the reading afterwards.
async fn one(
	args: &Args,
	path: &Path,
	seeded: &Seeded,
	code: &[u8],
	folder: &Folder,
	is_control: bool,
) -> Outcome<Record> {
	let name = if is_control { "control" } else { "lanes" };
	eprintln!("{name}: starting the node");
	let folder = folder.path.join(name);
	let _ = std::fs::remove_dir_all(&folder);
	std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
	let (spec, feed) = (folder.join("spec.json"), folder.join("feed.jsonl"));
	std::fs::write(&spec, book::raw_chain_spec(seeded, code).to_string())
		.map_err(|error| format!("{}: {error}", spec.display()))?;
	path.write(&feed)?;
	let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
	let start = since.as_secs().saturating_add(args.lead_seconds);
	let source = path.source(&feed, start);
	let begin = Start {
		binary: &args.node,
		spec: &spec,
		feed: &source,
		folder: &folder,
		port: args.port,
		others: &args.node_option,
	};
	let mut process = Process::start(&begin).await?;
	let times = Times {
		start,
		seconds: path.seconds,
		tail_blocks: args.tail_blocks,
		flood: args.flood,
		depth: args.depth,
	};
	let crowd = setting::Crowd::of(seeded, args.lookers as usize)?;
	let record = measured(&process, crowd, times, args.accounts, is_control).await;
	// A node that has ended is the reason of whatever else went wrong.
	process.check()?;
	record
}

/// The run and what is read of it afterwards.
async fn measured(
	process: &Process,
	crowd: setting::Crowd,
	times: Times,
	accounts: u32,
	is_control: bool,
) -> Outcome<Record> {
	let live = live::run(process.port, crowd, times, is_control).await?;
	let node = rpc::Node::connect(process.port).await?;
	eprintln!("reading blocks {} to {}", live.first, live.last);
	let facts = history::read(&node, live.first, live.last).await?;
	let chosen = brute_force::chosen(&facts, live.crash_first, accounts);
	let chosen: Vec<_> = chosen.into_iter().map(|index| &facts[index]).collect();
	let audited = brute_force::audit(&node, &chosen).await?;
	let last = facts.last().map(|facts| facts.hash).ok_or("the run has no block")?;
	let owed_on_auction = history::owed_on_auction(&node, last).await?;
	let log = std::fs::read_to_string(&process.log)
		.map_err(|error| format!("{}: {error}", process.log.display()))?;
	let built = build_log::read(&log, live.first, live.last);
	let record = Record { live, facts, audited, built, owed_on_auction };
	tell_of_late(&record);
	Ok(record)
}

/// Names the first of those that were found late, and where blocks or bids came too late.
fn tell_of_late(record: &Record) {
	let dangers = side::all_dangers(record);
	let late = dangers.iter().filter(|(_, danger)| !danger.is_found_at_once());
	for (key, Danger { since, opened, until }) in late.take(MOST_NAMED) {
		let opened = opened.map_or(format!("none until {until}"), |block| block.to_string());
		eprintln!("found late: {key:?}, in danger after block {since}, auction in block {opened}");
	}
	for number in record.built.discarded.iter().take(MOST_NAMED) {
		eprintln!("discarded: the block after {number}");
	}
	for (block, bids) in keepers::late_bids(&record.live.bids).into_iter().take(MOST_NAMED) {
		eprintln!(
			"late: {bids} bids in block {block} had waited for more than {}",
			bounds::MOST_BID_BLOCKS
		);
	}
}
