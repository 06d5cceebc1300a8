// SPDX-License-Identifier: Apache-2.0

//! `ballast-load`: sends load to a node and measures what comes of it. See README.md.

mod accounts;
mod blocks;
mod capacity;
mod charge;
mod cli;
mod clock;
mod endpoint;
mod error;
mod exchange;
mod finality;
mod lanes;
mod ledger;
mod margin_accounts;
mod market;
mod node;
mod outcome;
mod pacing;
mod percentiles;
mod presign;
mod report;
mod run;
mod steady;
mod submit;
mod track;
mod values;
mod workload;

use cli::{Cli, Command};
use error::{Context, Failure, Result};
use outcome::Outcome;
use serde_json::Value;
use std::process::ExitCode;
use workload::{transfers::Transfers, Workload};

fn main() -> ExitCode {
	let cli = match Cli::read(std::env::args_os()) {
		Ok(cli) => cli,
		Err(error) => error.exit(),
	};
	match measure(&cli) {
		Ok(()) => ExitCode::SUCCESS,
		Err(failure) => {
			eprintln!("error: {failure}");
			ExitCode::FAILURE
		},
	}
}

fn measure(cli: &Cli) -> Result<()> {
	let runtime = tokio::runtime::Builder::new_multi_thread()
		.enable_all()
		.build()
		.context("starting the runtime")?;
	let result = runtime.block_on(command(cli));
	// Whatever still waits for a node that no longer answers is not waited for.
	runtime.shutdown_background();
	result
}

async fn command(cli: &Cli) -> Result<()> {
	let common = cli.command.common();
	match &cli.command {
		Command::Finality(finality) => {
			let seen = finality::watch(&common.urls, finality.blocks, common.limit()).await?;
			print(&finality::to_json(&common.urls, &seen)?, common.json);
			Ok(())
		},
		Command::Transfers(load) => load_with(&Transfers, load).await,
		Command::Crossing(of) => load_market(exchange::Kind::Crossing, of).await,
		Command::RestingCancel(of) => load_market(exchange::Kind::RestingCancel, of).await,
		Command::Batched(of) => load_market(exchange::Kind::Batched, of).await,
		Command::Exchange(all) => {
			check_accounts(&Transfers, all.senders.accounts);
			let outcome = exchange::compare(&all.plan(), all.market.underlying).await;
			tell(outcome, common.json)
		},
	}
}

async fn load_market(kind: exchange::Kind, of: &cli::MarketLoad) -> Result<()> {
	let workload = exchange::workload(kind, &of.load.plan(), of.market.underlying).await?;
	load_with(workload.as_ref(), &of.load).await
}

async fn load_with(workload: &dyn Workload, load: &cli::Load) -> Result<()> {
	check_accounts(workload, load.senders.accounts);
	tell(run::run(&load.plan(), workload).await?, load.common.json)
}

/// Ends the process if a workload makes no sense with that many accounts.
fn check_accounts(workload: &dyn Workload, accounts: usize) {
	if accounts < workload.min_accounts() {
		let least = workload.min_accounts();
		cli::invalid(format!("{} needs at least {least} accounts", workload.name())).exit();
	}
}

fn tell(outcome: Outcome, as_json: bool) -> Result<()> {
	print(&outcome.figures, as_json);
	if outcome.faults.is_empty() {
		return Ok(());
	}
	let faults: Vec<_> = outcome.faults.iter().map(Failure::to_string).collect();
	Err(Failure::new(faults.join("; ")))
}

fn print(figures: &Value, as_json: bool) {
	if as_json {
		println!("{figures}");
	} else {
		print!("{}", report::to_text(figures));
	}
}
