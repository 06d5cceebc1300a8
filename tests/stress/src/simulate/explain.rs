// SPDX-License-Identifier: Apache-2.0
//! Why accounts are looked at: how far the search's own bounds let each of them go.

use super::Key;
use crate::{book::Seeded, chain::Chain, path::Path, Outcome};
use ballast_exchange::{Custody, MarginKind, Safety};
use ballast_runtime::{constants::time::SLOT_MILLIS, Clearing, Runtime};
use pallet_liquidation::Pages;
use std::collections::{BTreeMap, BTreeSet};

/// Blocks at the first prices before the accounts are read.
const BLOCKS: u32 = 4;

/// Accounts of one kind.
#[derive(Default)]
struct Group {
	accounts: u32,
	watched: u32,
	/// Relative moves of spot and drifts that surplus bears by the bounds, before it is shared between the two.
	spot: Vec<f64>,
	drift: Vec<f64>,
	/// Bounds relative to the requirement.
	relative_fall: Vec<f64>,
	drift_fall: Vec<f64>,
}

/// A table by style and rules of margin: accounts, how many of them every block looks at, and medians of what their
/// bounds say.
pub fn explain(seeded: &Seeded, path: &Path) -> Outcome<String> {
	let mut chain = Chain::new(seeded.storage.clone());
	chain.skip_to(seeded.now + SLOT_MILLIS);
	let replay = path.replay(u64::MAX)?;
	for _ in 0..BLOCKS {
		chain.open(&replay)?;
		chain.close();
	}
	let watched: BTreeSet<Key> = chain.execute(|| {
		let all = Pages::<Runtime>::iter_values().flatten();
		all.filter(|listed| listed.is_watched()).map(|listed| listed.key).collect()
	});
	let mut groups: BTreeMap<String, Group> = BTreeMap::new();
	let styled = seeded.accounts.iter().map(|it| (format!("{:?}", it.style), &it.party));
	let others = seeded.houses.iter().map(|party| ("House".to_string(), party));
	for (style, party) in styled.chain(others) {
		let Some(account) = chain.execute(|| Clearing::peek(&party.key)) else { continue };
		let safety = chain.execute(|| Clearing::safety(&mut Default::default(), &account));
		let safety = safety.map_err(|error| format!("{error:?}"))?;
		let rules = match account.margin {
			MarginKind::Standard => "standard",
			MarginKind::Portfolio(_) => "portfolio",
		};
		let group = groups.entry(format!("{style} {rules}")).or_default();
		group.take(&safety, watched.contains(&party.key));
	}
	let head = format!(
		"{:<28}{:>9}{:>9}{:>12}{:>12}{:>14}{:>14}\n",
		"", "accounts", "watched", "spot %", "drift %", "spot/margin", "drift/margin"
	);
	Ok(head + &groups.iter().map(|(name, group)| group.line(name)).collect::<String>())
}

impl Group {
	fn take(&mut self, safety: &Safety, is_watched: bool) {
		self.accounts += 1;
		self.watched += u32::from(is_watched);
		let surplus = safety.margin.maintenance as f64;
		let requirement = (safety.margin.equity - safety.margin.maintenance).max(1) as f64;
		let sum = |of: fn(&ballast_exchange::Exposure) -> i128| -> f64 {
			safety.exposures.iter().map(|it| of(it) as f64).sum()
		};
		let (spot, drift) =
			(sum(|it| it.when_falling.max(it.when_rising)), sum(|it| it.drift_fall));
		self.spot.push(100.0 * surplus / spot.max(1.0));
		self.drift.push(100.0 * surplus / drift.max(1.0));
		self.relative_fall.push(spot / requirement);
		self.drift_fall.push(drift / requirement);
	}

	fn line(&self, name: &str) -> String {
		let median = |figures: &[f64]| super::Spread::of(figures).p50;
		format!(
			"{name:<28}{:>9}{:>9}{:>12.2}{:>12.2}{:>14.1}{:>14.1}\n",
			self.accounts,
			self.watched,
			median(&self.spot),
			median(&self.drift),
			median(&self.relative_fall),
			median(&self.drift_fall)
		)
	}
}
