// SPDX-License-Identifier: Apache-2.0
//! The table that people read.

use super::{Phase, Report, Spread};

fn spread(figures: &[f64], digits: usize) -> String {
	let Spread { p50, p99, max } = Spread::of(figures);
	format!("{p50:.digits$} / {p99:.digits$} / {max:.digits$}")
}

type Row = (&'static str, fn(&Phase) -> String);

const CALM: [Row; 6] = [
	("audited blocks, accounts missed", |it| format!("{}, {}", it.audits, missed(it))),
	("looks per block", |it| spread(&it.looks, 0)),
	("search, ms of weight", |it| spread(&it.search, 2)),
	("search, ms here", |it| spread(&it.search_wall, 2)),
	("protocol, ms of weight", |it| spread(&it.protocol, 2)),
	("protocol, ms here", |it| spread(&it.protocol_wall, 2)),
];

const RUN: [Row; 20] = [
	("blocks", |it| it.blocks.to_string()),
	("audited blocks", |it| it.audits.to_string()),
	("liquidatable", |it| {
		let share = 100.0 * it.liquidatable as f64 / it.accounts.max(1) as f64;
		format!("{} ({share:.1} %)", it.liquidatable)
	}),
	("found in first block", |it| format!("{:.2} %", 100.0 * it.found_in_first_block)),
	("others late, blocks", |it| it.blocks_late.map_or("-".into(), |late| late.to_string())),
	("looks per block", |it| spread(&it.looks, 0)),
	("search, ms of weight", |it| spread(&it.search, 2)),
	("search, ms here", |it| spread(&it.search_wall, 2)),
	("protocol, ms of weight", |it| spread(&it.protocol, 2)),
	("protocol, ms here", |it| spread(&it.protocol_wall, 2)),
	("block, ms of weight", |it| spread(&it.weights, 2)),
	("blocks with search unfinished", |it| it.blocks_unfinished.to_string()),
	("backlog, most", |it| it.backlog_max.to_string()),
	("delay, most, ms", |it| it.delay_ms_max.to_string()),
	("blocks to all resolved", |it| {
		let note = if it.resolved { "" } else { " (not)" };
		format!("{}{note}", it.blocks_to_all_resolved())
	}),
	("slices: bid, vault", |it| format!("{}, {}", it.slices_bid, it.slices_vault)),
	("positions deleveraged", |it| it.deleveraged.to_string()),
	("bids: in, well, full", |it| {
		format!("{}, {}, {}", it.bids.included, it.bids.succeeded, it.bids.full)
	}),
	("bad debt, USD", |it| format!("{:.0}", (it.bad_debt + it.owed) as f64 / 1e6)),
	("insurance left, USD", |it| format!("{:.0}", it.insurance as f64 / 1e6)),
];

fn missed(phase: &Phase) -> usize {
	((1.0 - phase.found_in_first_block) * phase.liquidatable as f64).round() as usize
}

/// One column per book; three figures with slashes are the median, the 99th of 100 and the largest.
pub fn table(reports: &[Report]) -> String {
	let mut lines = vec![line("accounts", reports, |it| it.accounts.to_string())];
	lines.push(line("margin required, USD", reports, |it| format!("{:.0}", it.requirement)));
	lines.push(line("seconds: seeding, runs", reports, |it| {
		format!("{:.1}, {:.1}", it.seeded_in, it.run_in)
	}));
	lines.push("calm market".into());
	for (name, figure) in CALM {
		lines.push(line(name, reports, |it| figure(&it.calm)));
	}
	let path = reports.first().map_or("", |it| it.path.as_str());
	if reports.iter().any(|it| it.path_run.is_some()) {
		lines.push(path.to_string());
		for (name, figure) in RUN {
			lines.push(line(name, reports, |it| it.path_run.as_ref().map_or("-".into(), figure)));
		}
	}
	lines.join("\n")
}

fn line(name: &str, reports: &[Report], figure: impl Fn(&Report) -> String) -> String {
	let cells: String = reports.iter().map(|report| format!("{:>26}", figure(report))).collect();
	let indent = if name == "accounts" { "" } else { "  " };
	format!("{:<34}{cells}", format!("{indent}{name}"))
}
