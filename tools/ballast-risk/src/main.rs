// SPDX-License-Identifier: Apache-2.0
//! `ballast-risk`: see the README of this folder.

use std::io;
use std::process::ExitCode;

use ballast_risk_cli::command::{Cli, Failure};
use clap::Parser;

fn main() -> ExitCode {
	match Cli::parse().run(&mut io::stdout(), &mut io::stderr()) {
		Ok(()) => ExitCode::SUCCESS,
		Err(failure) => {
			if !matches!(failure, Failure::Reported | Failure::Closed) {
				eprintln!("{failure}");
			}
			ExitCode::from(failure.code())
		},
	}
}
