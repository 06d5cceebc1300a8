// SPDX-License-Identifier: Apache-2.0

//! The Ballast node.
//!
//! - `cli`: options and subcommands; `command`: what each does;
//! - `chain_spec`: the chains it knows by name, and files that describe others;
//! - `service`: the running node, from database to consensus; `finality`: GRANDPA's timing and votes;
//! - `feed`: where the prices come from that it reports in its blocks; `keeper`: whether and how it bids;
//! - `metrics`: what Prometheus sees of the exchange;
//! - `rpc`: what it serves over JSON-RPC;
//! - `benchmarking` (feature `runtime-benchmarks`): what measuring base weights needs.

#![warn(missing_docs)]
// The SDK's error type is that large; it is returned once, at the end of the process.
#![allow(clippy::result_large_err)]

mod background;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod chain_spec;
mod cli;
mod command;
mod feed;
mod finality;
mod keeper;
mod metrics;
mod rpc;
mod service;

use std::process::ExitCode;

/// A block is thousands of small values that one thread makes and another gives back
/// (docs/decisions/0011-a-core-for-the-author.md).
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
	match command::run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("Error: {}", with_causes(&error));
			ExitCode::FAILURE
		},
	}
}

/// The error and what caused it, in one line. Many errors repeat their cause in their own text.
fn with_causes(error: &dyn std::error::Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(error) = cause {
		let next = error.to_string();
		if !text.contains(&next) {
			text = format!("{text}: {next}");
		}
		cause = error.source();
	}
	text
}
