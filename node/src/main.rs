// SPDX-License-Identifier: Apache-2.0

//! The Ballast node.
//!
//! - `cli`: options and subcommands; `command`: what each does;
//! - `chain_spec`: the chains it knows by name, and files that describe others;
//! - `service`: the running node, from database to consensus; `finality`: GRANDPA's timing and votes;
//! - `rpc`: what it serves over JSON-RPC;
//! - `benchmarking` (feature `runtime-benchmarks`): what measuring base weights needs.

#![warn(missing_docs)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod chain_spec;
mod cli;
mod command;
mod finality;
mod rpc;
mod service;

fn main() -> sc_cli::Result<()> {
	command::run()
}
