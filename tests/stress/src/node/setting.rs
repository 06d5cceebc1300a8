// SPDX-License-Identifier: Apache-2.0
//! What both sides of the comparison start from: the book, the path, who takes part.

use crate::{
	book::{self, FloodSeries, Party, Seeded},
	cli,
	node::{lookers::Near, Args},
	path::Path,
	Outcome,
};
use std::{path::Path as File, process::Command};

/// Storage key of the runtime's code, `:code`.
const CODE: &str = "0x3a636f6465";

/// Who takes part in a run.
#[derive(Clone)]
pub struct Crowd {
	/// Those who trade.
	pub flooders: Vec<Party>,
	/// Those who look, in the control.
	pub lookers: Vec<Party>,
	/// Those who bid.
	pub keepers: Vec<Party>,
	/// What is traded.
	pub series: Vec<FloodSeries>,
	/// The accounts of the book.
	pub near: Vec<Near>,
}

impl Crowd {
	/// Those of a seeded book; the last `lookers` of the flooders look instead.
	pub fn of(seeded: &Seeded, lookers: usize) -> Outcome<Self> {
		let split = seeded.flooders.len().checked_sub(lookers).filter(|left| *left > 0);
		let split = split.ok_or("there are fewer flooders than lookers")?;
		let (flooders, lookers) = seeded.flooders.split_at(split);
		let near = |it: &book::Holder| Near {
			key: it.party.key.clone(),
			below: it.below.unwrap_or(0),
			above: it.above.unwrap_or(u64::MAX),
		};
		Ok(Self {
			flooders: flooders.to_vec(),
			lookers: lookers.to_vec(),
			keepers: seeded.keepers.clone(),
			series: seeded.flood.clone(),
			near: seeded.accounts.iter().map(near).collect(),
		})
	}
}

/// Seeds the book that both sides start from.
pub fn seed(args: &Args, path: &Path) -> Outcome<Seeded> {
	let now = cli::seeding_start(args.accounts);
	let mut config = book::Config::new(args.seed, args.accounts, now);
	config.keepers = args.keepers.unwrap_or(config.keepers);
	config.flooders = args.flooders.saturating_add(args.lookers);
	book::seed(&config, path)
}

/// The Wasm of a runtime: a file's, or the one inside a node's binary.
pub fn code(file: Option<&File>, binary: &File) -> Outcome<Vec<u8>> {
	if let Some(file) = file {
		return std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()));
	}
	let failed = |error: String| format!("{} export-chain-spec: {error}", binary.display());
	let output = Command::new(binary)
		.args(["export-chain-spec", "--chain=dev", "--raw"])
		.output()
		.map_err(|error| failed(error.to_string()))?;
	if !output.status.success() {
		return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
	}
	let spec: serde_json::Value =
		serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
	let code = spec.pointer("/genesis/raw/top").and_then(|top| top.get(CODE)?.as_str());
	let code = code.ok_or_else(|| failed("there is no code in it".into()))?;
	sp_core::bytes::from_hex(code).map_err(|error| failed(format!("{error:?}")))
}
