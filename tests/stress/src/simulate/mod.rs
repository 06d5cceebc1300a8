// SPDX-License-Identifier: Apache-2.0
//! A book over a path without a node: the runtime's own code, block by block, against brute force.
//!
//! Nobody trades but keepers, who bid in every block. What a block weighs is what the chain charges for it; what it
//! took on this machine is told beside it.

mod audit;
mod bounds;
mod explain;
mod keepers;
mod report;
mod stats;
mod table;

pub use bounds::broken;
pub use explain::explain;
pub use report::{Phase, Report};
pub use stats::Spread;
pub use table::table;

use crate::{
	book::Seeded,
	chain::{Chain, Opened},
	looks::Looks,
	path::{Kind, Path},
	Outcome,
};
use audit::Audits;
use ballast_exchange::{AccountKey, Moment};
use ballast_runtime::{
	constants::time::SLOT_MILLIS, AccountId, Liquidation, Runtime, RuntimeEvent,
};
use keepers::Keepers;
use pallet_liquidation::Event;

/// Blocks at the first prices, before the path begins: the delay buffer comes to its usual size, which moves every margin. They are
/// in no figure.
const WARM_UP: u64 = 40;
/// Blocks after the path in which auctions may still be resolved.
const AFTERMATH: u64 = 600;
/// Books up to this size are audited in every block, larger ones in blocks with a new extreme of spot.
const AUDIT_ALWAYS: usize = 10_000;

/// The name of an account.
pub type Key = AccountKey<AccountId>;

/// Runs a book over a path; keepers bid if they are to.
pub fn run(seeded: &Seeded, path: &Path, has_keepers: bool) -> Outcome<Phase> {
	let mut chain = Chain::new(seeded.storage.clone());
	chain.skip_to(seeded.now + SLOT_MILLIS);
	let start: Moment = chain.now() + (WARM_UP + 1) * SLOT_MILLIS;
	let replay = path.replay(start)?;
	let mut keepers = has_keepers.then(|| Keepers::new(&seeded.keepers));
	let mut phase = Phase::new(seeded.accounts.len());
	let (mut audits, mut counter) = (Audits::default(), Looks::default());
	let blocks = WARM_UP + (path.seconds * 1e3) as u64 / SLOT_MILLIS;
	let most = if path.kind == Kind::Calm { blocks } else { blocks + AFTERMATH };
	for number in 1..=most {
		let opened = chain.open(&replay)?;
		let is_extreme = audits.is_extreme(&mut chain);
		if seeded.accounts.len() <= AUDIT_ALWAYS || is_extreme {
			audits.audit(&mut chain, opened.number)?;
		}
		phase.bids.add(match &mut keepers {
			Some(keepers) => keepers.bid(&mut chain)?,
			None => Default::default(),
		});
		let count = opened.events.len();
		let events = chain.events_after(count);
		for event in opened.events.iter().chain(&events) {
			if let RuntimeEvent::Liquidation(event) = event {
				note(event, opened.number, &mut phase, &mut audits);
			}
		}
		let weight = chain.close();
		if let Some(keepers) = &mut keepers {
			keepers.look(&mut chain);
		}
		let backlog = observe(&mut chain, &opened, &mut phase, &mut counter, number > WARM_UP);
		phase.weights.push(weight.ref_time() as f64 / 1e9);
		let first_liquidatable = audits.first_liquidatable();
		if backlog > 0 {
			phase.last_backlog = Some(opened.number);
		}
		phase.first_liquidatable = first_liquidatable;
		if number >= blocks && backlog == 0 {
			break;
		}
	}
	finish(&mut chain, phase, audits)
}

fn note(event: &Event<Runtime>, block: u32, phase: &mut Phase, audits: &mut Audits) {
	match event {
		Event::AuctionOpened { account, .. } => audits.opened(account, block),
		Event::AuctionEnded { .. } => phase.auctions_ended += 1,
		Event::BidTaken { .. } => phase.slices_bid += 1,
		Event::VaultTook { .. } => phase.slices_vault += 1,
		Event::Deleveraged { .. } => phase.deleveraged += 1,
		Event::SweepUnfinished { .. } => phase.blocks_unfinished += 1,
		_ => {},
	}
}

/// Takes the figures of a block down; returns its backlog.
fn observe(
	chain: &mut Chain,
	opened: &Opened,
	phase: &mut Phase,
	counter: &mut Looks,
	counts: bool,
) -> u32 {
	let figures = chain.execute(Liquidation::read_figures);
	let looks = counter.of_block(figures.sweep.looks, figures.sweep.is_unfinished);
	if !counts {
		return figures.backlog;
	}
	phase.protocol.push(opened.protocol.weight_ms);
	phase.protocol_wall.push(opened.protocol.wall_ms);
	phase.search.push(opened.search.weight_ms);
	phase.search_wall.push(opened.search.wall_ms);
	phase.looks.push(looks.into());
	phase.backlog_max = phase.backlog_max.max(figures.backlog);
	let delays = figures.underlyings.iter().map(|(_, conditions, _)| conditions.delay_millis);
	phase.delay_ms_max = phase.delay_ms_max.max(delays.max().unwrap_or(0));
	phase.insurance = figures.insurance;
	phase.bad_debt = figures.bad_debt;
	figures.backlog
}

fn finish(chain: &mut Chain, mut phase: Phase, audits: Audits) -> Outcome<Phase> {
	phase.owed = audit::owed(chain);
	phase.resolved = chain.execute(Liquidation::backlog) == 0;
	phase.blocks = chain.number();
	phase.audits = audits.count;
	phase.unpriced = audits.unpriced;
	phase.liquidatable = audits.liquidatable();
	phase.found_in_first_block = audits.found_in_first_block();
	phase.blocks_late = audits.blocks_late();
	chain.try_state()?;
	Ok(phase)
}
