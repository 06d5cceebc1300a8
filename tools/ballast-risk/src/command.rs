// SPDX-License-Identifier: Apache-2.0
//! The command line.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::PathBuf;

use ballast_pricing::black76::OptionKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use crate::bench;
use crate::book::Book;
use crate::field::{Problem, Read};
use crate::ladder::{self, Axes, Ladder};
use crate::margin::margin;
use crate::quote::{self, Contract, ContractText};

/// Prices, volatilities and margins offline, without a node
#[derive(Parser)]
#[command(name = "ballast-risk", version, about)]
pub struct Cli {
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Margin of a book, as JSON
	Margin(MarginArgs),
	/// Call, put and greeks of one strike
	Price(PriceArgs),
	/// Implied volatility of a price
	Vol(VolArgs),
	/// Profit and margin of a book over a grid of spots and volatilities
	Ladder(LadderArgs),
	/// Times in Wasm and natively, and errors over the vectors
	Bench(BenchArgs),
}

#[derive(Args)]
struct MarginArgs {
	/// Book file; - reads standard input
	book: PathBuf,
	/// The file holds one book per line; each gives one line of JSON
	#[arg(long)]
	lines: bool,
}

#[derive(Args)]
struct ContractArgs {
	/// Forward in USD
	#[arg(long, allow_hyphen_values = true)]
	forward: String,
	/// Strike in USD
	#[arg(long, allow_hyphen_values = true)]
	strike: String,
	/// Seconds to expiry
	#[arg(long, allow_hyphen_values = true)]
	seconds: String,
	/// Interest rate per year; below zero counts as zero
	#[arg(long, default_value = "0", allow_hyphen_values = true)]
	rate: String,
	/// JSON instead of text
	#[arg(long)]
	json: bool,
}

#[derive(Args)]
struct PriceArgs {
	#[command(flatten)]
	contract: ContractArgs,
	/// Volatility per year: 0.8 is 80 %
	#[arg(long, allow_hyphen_values = true)]
	vol: String,
}

#[derive(Args)]
struct VolArgs {
	#[command(flatten)]
	contract: ContractArgs,
	/// Price of the option in USD, discounted by the rate
	#[arg(long, allow_hyphen_values = true)]
	price: String,
	/// Side of the strike
	#[arg(long)]
	kind: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
	Call,
	Put,
}

#[derive(Args)]
struct LadderArgs {
	/// Book file; - reads standard input
	book: PathBuf,
	/// Changes of spot in percent
	#[arg(long, default_value = "-30,-20,-10,-5,0,5,10,20,30", allow_hyphen_values = true)]
	spots: String,
	/// Relative changes of every volatility in percent
	#[arg(long, default_value = "-50,-25,0,25,50", allow_hyphen_values = true)]
	vols: String,
	/// JSON instead of a table
	#[arg(long)]
	json: bool,
	/// Also draw it into this file; - draws to standard output instead of the table
	#[arg(long, value_name = "FILE")]
	svg: Option<PathBuf>,
}

#[derive(Args)]
struct BenchArgs {
	/// JSON instead of a table
	#[arg(long)]
	json: bool,
}

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
	/// An input was refused. Exit code 2.
	Input(Problem),
	/// Inputs were refused and each was reported already. Exit code 2.
	Reported,
	/// A file cannot be read or written, or the binary lacks a part. Exit code 1.
	Environment(String),
	/// Whoever read the output has stopped reading: not a failure.
	Closed,
}

impl Failure {
	/// Exit code of the process.
	pub const fn code(&self) -> u8 {
		match self {
			Self::Input(_) | Self::Reported => 2,
			Self::Environment(_) => 1,
			Self::Closed => 0,
		}
	}
}

impl fmt::Display for Failure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Input(problem) => problem.fmt(f),
			Self::Environment(reason) => f.write_str(reason),
			Self::Reported | Self::Closed => Ok(()),
		}
	}
}

impl From<Problem> for Failure {
	fn from(problem: Problem) -> Self {
		Self::Input(problem)
	}
}

type Outcome = Result<(), Failure>;

impl Cli {
	/// Runs the command. Results go to `out`, refused lines of `--lines` to `err`.
	pub fn run(self, out: &mut impl Write, err: &mut impl Write) -> Outcome {
		match self.command {
			Command::Margin(args) if args.lines => margin_lines(&args.book, out, err),
			Command::Margin(args) => write_pretty(out, &margin(&read_book(&args.book)?)?),
			Command::Price(args) => price(&args, out),
			Command::Vol(args) => vol(&args, out),
			Command::Ladder(args) => draw_ladder(&args, out),
			Command::Bench(args) => run_bench(&args, out),
		}
	}
}

fn write_text(out: &mut impl Write, text: &str) -> Outcome {
	out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| {
		if error.kind() == io::ErrorKind::BrokenPipe {
			return Failure::Closed;
		}
		Failure::Environment(format!("standard output: {error}"))
	})
}

fn write_pretty(out: &mut impl Write, value: &impl Serialize) -> Outcome {
	let text = serde_json::to_string_pretty(value);
	let text = text.map_err(|error| Failure::Environment(error.to_string()))?;
	write_text(out, &(text + "\n"))
}

fn write_line(out: &mut impl Write, value: &impl Serialize) -> Outcome {
	let text = serde_json::to_string(value);
	let text = text.map_err(|error| Failure::Environment(error.to_string()))?;
	write_text(out, &(text + "\n"))
}

fn open(path: &PathBuf) -> Result<Box<dyn BufRead>, Failure> {
	if path.as_os_str() == "-" {
		return Ok(Box::new(BufReader::new(io::stdin())));
	}
	match File::open(path) {
		Ok(file) => Ok(Box::new(BufReader::new(file))),
		Err(error) => Err(unreadable(path, &error)),
	}
}

fn unreadable(path: &std::path::Path, error: &io::Error) -> Failure {
	Failure::Environment(format!("{}: {error}", path.display()))
}

fn text_of(bytes: &[u8]) -> Read<&str> {
	std::str::from_utf8(bytes).map_err(|_| Problem::at("book", "not UTF-8"))
}

fn read_book(path: &PathBuf) -> Result<Book, Failure> {
	let mut bytes = Vec::new();
	open(path)?.read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
	Ok(Book::parse(text_of(&bytes)?)?)
}

/// What stands in for the margin of a line that was refused, so that outputs stay in step.
#[derive(Serialize)]
struct RefusedLine {
	line: usize,
	error: String,
}

fn margin_lines(path: &PathBuf, out: &mut impl Write, err: &mut impl Write) -> Outcome {
	let mut refused = false;
	for (line, bytes) in (1..).zip(open(path)?.split(b'\n')) {
		let bytes = bytes.map_err(|error| unreadable(path, &error))?;
		if bytes.trim_ascii().is_empty() {
			continue;
		}
		match text_of(&bytes).and_then(Book::parse).and_then(|book| margin(&book)) {
			Ok(output) => write_line(out, &output)?,
			Err(problem) => {
				refused = true;
				// Standard error gone: the line is on standard output too.
				let _ = writeln!(err, "line {line}: {problem}");
				write_line(out, &RefusedLine { line, error: problem.to_string() })?;
			},
		}
	}
	if refused {
		Err(Failure::Reported)
	} else {
		Ok(())
	}
}

impl ContractArgs {
	fn contract(&self) -> Read<Contract> {
		Contract::new(&ContractText {
			forward: &self.forward,
			strike: &self.strike,
			seconds: &self.seconds,
			rate: &self.rate,
		})
	}
}

fn price(args: &PriceArgs, out: &mut impl Write) -> Outcome {
	let value = args.contract.contract()?.value(quote::vol("vol", &args.vol)?)?;
	if args.contract.json {
		return write_pretty(out, &value);
	}
	let rows = value.rows().map(|(name, number)| format!("{name:<15} {number}\n"));
	write_text(out, &rows.concat())
}

fn vol(args: &VolArgs, out: &mut impl Write) -> Outcome {
	let kind = match args.kind {
		Kind::Call => OptionKind::Call,
		Kind::Put => OptionKind::Put,
	};
	let price = quote::price("price", &args.price)?;
	let implied = args.contract.contract()?.implied_vol(kind, price)?;
	if args.contract.json {
		return write_pretty(out, &implied);
	}
	write_text(out, &format!("vol {}\n", implied.vol))
}

fn draw_ladder(args: &LadderArgs, out: &mut impl Write) -> Outcome {
	let axes = Axes {
		spots: ladder::changes("spots", &args.spots)?,
		vols: ladder::changes("vols", &args.vols)?,
	};
	let ladder = Ladder::new(&read_book(&args.book)?, axes)?;
	if let Some(path) = &args.svg {
		let picture = ladder::svg(&ladder);
		if path.as_os_str() == "-" {
			return write_text(out, &picture);
		}
		std::fs::write(path, picture).map_err(|error| unreadable(path, &error))?;
	}
	if args.json {
		return write_pretty(out, &ladder.output());
	}
	write_text(out, &ladder::table(&ladder))
}

fn run_bench(args: &BenchArgs, out: &mut impl Write) -> Outcome {
	let output = bench::run().map_err(Failure::Environment)?;
	if args.json {
		return write_pretty(out, &output);
	}
	write_text(out, &bench::table(&output))
}
