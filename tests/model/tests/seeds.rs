// SPDX-License-Identifier: Apache-2.0
//! Plays many seeds. `SEED=n cargo test -p ballast-model --release -- --nocapture` replays one with a trace;
//! `SEEDS` and `STEPS` change how many and how long, `FIRST` where they begin.

use ballast_model::{run, Failure, Summary};
use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicU64, Ordering},
		Mutex,
	},
};

/// Unoptimised code is many times slower.
const SEEDS: u64 = if cfg!(debug_assertions) { 4 } else { 200 };
const STEPS: u64 = 300;

fn number(name: &str) -> Option<u64> {
	std::env::var(name).ok().map(|text| {
		text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, which is not a number"))
	})
}

#[test]
fn storage_and_margins_should_be_those_of_the_ledger_when_calls_are_random() {
	let steps = u32::try_from(number("STEPS").unwrap_or(STEPS)).expect("fewer steps");
	if let Some(seed) = number("SEED") {
		match run(seed, steps, true) {
			Ok(summary) => println!("{summary:#?}"),
			Err(failure) => panic!("{failure}"),
		}
		return;
	}
	let seeds = number("SEEDS").unwrap_or(SEEDS);
	let first = number("FIRST").unwrap_or(1);
	let (next, results) = (AtomicU64::new(first), Mutex::new(Vec::new()));
	let threads = std::thread::available_parallelism().map_or(2, usize::from);
	std::thread::scope(|scope| {
		for _ in 0..threads {
			scope.spawn(|| loop {
				let seed = next.fetch_add(1, Ordering::Relaxed);
				if seed >= first + seeds {
					break;
				}
				let result = run(seed, steps, false);
				if let Err(failure) = &result {
					eprintln!("{failure}");
				}
				results.lock().expect("no thread panics with it").push(result);
			});
		}
	});
	let results = results.into_inner().expect("no thread panics with it");
	report(results, seeds);
}

/// What has to happen in a run of all seeds.
const REQUIRED: [&str; 25] = [
	"fills",
	"makers' orders cancelled for margin",
	"positions settled",
	"calls that margin accepted",
	"calls that margin refused",
	"fills that margin let pass for the maker",
	"error PricesStale",
	"error PricesMissing",
	"error OnlyReducing",
	"error SeriesExpired",
	"error DuplicateClientOrderId",
	"success Combo",
	"success ListStrike",
	"success Withdraw",
	"auctions opened",
	"slices taken by bidders",
	"slices taken by the vault",
	"payments of the insurance fund",
	"positions deleveraged",
	"debts that nobody covered",
	"blocks with a delay move above its first step",
	"blocks with a multiplier above one",
	"margins charged for concentration",
	"success VaultDeposit",
	"success TopUp",
];

/// Fails if a seed has, or if something has never happened: a run in which nothing happens proves nothing.
fn report(results: Vec<Result<Summary, Failure>>, seeds: u64) {
	let mut total = BTreeMap::<String, u64>::new();
	let (mut failed, mut largest_gap) = (Vec::new(), 0f64);
	for result in results {
		match result {
			Ok(summary) => {
				largest_gap = largest_gap.max(summary.largest_gap);
				for (name, count) in counts(&summary) {
					*total.entry(name).or_default() += count;
				}
			},
			Err(failure) => failed.push(failure.seed),
		}
	}
	failed.sort_unstable();
	println!("{total:#?}\nthe order of orders makes at most {largest_gap:.2} USD of difference");
	assert!(failed.is_empty(), "replay one with SEED=n: {failed:?}");
	let never: Vec<&&str> =
		REQUIRED.iter().filter(|name| total.get(**name).is_none_or(|count| *count == 0)).collect();
	assert!(never.is_empty() || seeds < SEEDS, "these never happened: {never:?}");
}

fn counts(summary: &Summary) -> Vec<(String, u64)> {
	let (ledger, decisions) = (&summary.ledger, &summary.decisions);
	let counts = [
		("calls", summary.calls.0),
		("successes", summary.calls.1),
		("fills", ledger.fills),
		("orders that rested", ledger.rested),
		("makers' orders cancelled for margin", ledger.makers_refused),
		("positions settled", ledger.settled),
		("expiries settled", ledger.expiries),
		("margins compared", summary.margins),
		("calls that margin accepted", decisions.accepted),
		("calls that margin refused", decisions.refused),
		("fills that margin let pass for the maker", decisions.makers),
		("margins that depend on the order of orders", summary.greedy_gaps),
		("expiries settled at the first spot afterwards", summary.uncovered),
		("slices dropped for arbitrage", summary.refused_slices),
		("auctions opened", summary.ledger.auctions),
		("slices taken by bidders", summary.ledger.slices),
		("slices taken by the vault", summary.ledger.vault_takes),
		("payments of the insurance fund", summary.ledger.insurance_payments),
		("blocks with a delay move above its first step", summary.delays),
		("blocks with a multiplier above one", summary.multiplied),
		("margins charged for concentration", summary.concentrated),
		("positions deleveraged", summary.ledger.deleveraged),
		("debts that nobody covered", summary.ledger.bad_debts),
	];
	let named = counts.into_iter().map(|(name, count)| (name.to_owned(), count));
	let errors = summary.errors.iter().map(|(name, count)| (format!("error {name}"), *count));
	let calls = summary.successes.iter().map(|(name, count)| (format!("success {name}"), *count));
	named.chain(errors).chain(calls).collect()
}
