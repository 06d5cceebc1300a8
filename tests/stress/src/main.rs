// SPDX-License-Identifier: Apache-2.0
//! A crash under load: a real node, or the runtime in process, with and without lanes.

use ballast_stress::cli::{run, Cli};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
	match run(Cli::parse()) {
		Ok(true) => ExitCode::SUCCESS,
		Ok(false) => ExitCode::FAILURE,
		Err(error) => {
			eprintln!("ballast-stress: {error}");
			ExitCode::from(2)
		},
	}
}
