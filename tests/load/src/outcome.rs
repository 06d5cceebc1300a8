// SPDX-License-Identifier: Apache-2.0

//! The figures of a finished run. README.md says what each key means.

use crate::{
	blocks::Micros,
	error::{Failure, Result},
	ledger::Ledger,
	pacing::Pace,
	percentiles::Samples,
	report::{add_percentiles, MILLIS, ONE, RATIO},
	steady::{self, Medians, Row},
	submit::Offer,
	track::Tracked,
	workload::Workload,
};
use serde_json::{json, Map, Value};
use std::{collections::BTreeMap, ops::Range};
use subxt::utils::H256;

/// The figures of a run, and what keeps it from being a clean one.
pub struct Outcome {
	pub figures: Value,
	pub faults: Vec<Failure>,
}

/// `charged_ppm` is what one transaction is charged before it runs, of what ordinary transactions may
/// weigh.
pub fn outcome(
	workload: &dyn Workload,
	charged_ppm: u64,
	offer: &Offer,
	tracked: &Tracked,
) -> Result<Outcome> {
	let mut figures = Map::new();
	figures.insert("workload".into(), json!(workload.name()));
	add_counts(&mut figures, &offer.ledger, tracked);
	add_latencies(&mut figures, &offer.ledger, tracked)?;
	let rows = rows(tracked);
	let last_offer = offer.ledger.offer_span().map(|(_, last)| last);
	let phase = steady::phase(&rows, last_offer);
	let rate = steady::per_second(&rows, &phase);
	let operations = rate.map(|rate| rate * workload.operations() as f64);
	figures.insert(workload.rate_key().into(), json!(operations));
	figures.insert("offered_per_s".into(), json!(offered_per_second(offer)));
	let medians = add_blocks(&mut figures, &rows, phase, &offer.ledger.acceptances())?;
	let medians = Medians { charged_ppm, ..medians };
	figures.insert("charged_weight_ratio".into(), json!(charged_ppm as f64 / RATIO));
	let offered = match offer.pace {
		Pace::Open { per_second } => Some(per_second),
		Pace::Closed { .. } => None,
	};
	let limit = rate.map(|rate| steady::limit(offered, rate, &medians).name());
	figures.insert("limit".into(), json!(limit));
	Ok(Outcome { figures: Value::Object(figures), faults: faults(offer, tracked) })
}

fn add_counts(figures: &mut Map<String, Value>, ledger: &Ledger<H256>, tracked: &Tracked) {
	let refusals = ledger.refusals();
	for (key, value) in [
		("submitted", json!(ledger.offered())),
		("accepted", json!(ledger.accepted())),
		("included", json!(ledger.included())),
		("finalized", json!(tracked.finalized)),
		("failed", json!(failed(tracked))),
		("failures", json!(failures(tracked))),
		("skipped", json!(ledger.skipped())),
		("not_included", json!(ledger.offered().saturating_sub(ledger.included()))),
		("refused", json!(refusals.values().sum::<u64>())),
		("refusals", json!(refusals)),
	] {
		figures.insert(key.into(), value);
	}
}

/// Transactions of the run that were included and did not do what they should.
fn failed(tracked: &Tracked) -> u64 {
	failures(tracked).values().sum()
}

fn failures(tracked: &Tracked) -> BTreeMap<&str, u64> {
	let mut all = BTreeMap::new();
	for (_, content) in &tracked.blocks {
		for (reason, count) in &content.failures {
			*all.entry(reason.as_str()).or_default() += count;
		}
	}
	all
}

/// From the offer of each finalized transaction to its block's import, and to its block's finality.
fn add_latencies(
	figures: &mut Map<String, Value>,
	ledger: &Ledger<H256>,
	tracked: &Tracked,
) -> Result<()> {
	let mut inclusion = Samples::new()?;
	let mut finality = Samples::new()?;
	for (block, content) in &tracked.blocks {
		for index in &content.ours {
			if let Some(waited) = ledger.inclusion(*index) {
				inclusion.add(waited)?;
			}
			if let Some(offered) = ledger.offered_at(*index) {
				finality.add(block.finalized.saturating_sub(offered))?;
			}
		}
	}
	let after_import = Samples::of(tracked.blocks.iter().map(|(block, _)| block.finality()))?;
	add_percentiles(figures, "inclusion_ms", &inclusion, MILLIS);
	add_percentiles(figures, "finality_ms", &finality, MILLIS);
	add_percentiles(figures, "block_finality_ms", &after_import, MILLIS);
	Ok(())
}

fn rows(tracked: &Tracked) -> Vec<Row> {
	let row = |(block, content): &(crate::blocks::FinalBlock<H256>, crate::track::Content)| Row {
		imported: block.imported,
		ours: content.ours.len(),
		fullness: content.fullness,
		lanes: content.lanes,
	};
	tracked.blocks.iter().map(row).collect()
}

/// What the blocks of the steady phase held; returns the medians that tell the limit.
fn add_blocks(
	figures: &mut Map<String, Value>,
	rows: &[Row],
	phase: Range<usize>,
	accepted: &[Micros],
) -> Result<Medians> {
	let steady = rows.get(phase.clone()).unwrap_or_default();
	let waiting = steady::waiting(rows, accepted);
	let samples = |value: fn(&Row) -> u64| Samples::of(steady.iter().map(value));
	let per_block = samples(|row| row.ours as u64)?;
	let weight = samples(|row| row.fullness.normal_ppm)?;
	let block_weight = samples(|row| row.fullness.block_ppm)?;
	let length = samples(|row| row.fullness.length_ppm)?;
	let intervals = Samples::of(intervals(rows.get(phase.start.saturating_sub(1)..phase.end)))?;
	let waiting = Samples::of(waiting.get(phase).unwrap_or_default().iter().copied())?;
	figures.insert("blocks".into(), json!(rows.len()));
	figures.insert("steady_blocks".into(), json!(steady.len()));
	add_percentiles(figures, "per_block", &per_block, ONE);
	add_percentiles(figures, "waiting", &waiting, ONE);
	add_percentiles(figures, "interval_ms", &intervals, MILLIS);
	add_percentiles(figures, "weight_used_ratio", &weight, RATIO);
	add_percentiles(figures, "block_weight_used_ratio", &block_weight, RATIO);
	add_percentiles(figures, "length_used_ratio", &length, RATIO);
	let lanes = || steady.iter().filter_map(|row| row.lanes);
	let left = Samples::of(lanes().map(|lanes| lanes.left_ppm))?;
	let reserved = Samples::of(lanes().map(|lanes| lanes.reserved_ppm))?;
	if lanes().next().is_some() {
		add_percentiles(figures, "lane_left_ratio", &left, RATIO);
		add_percentiles(figures, "reserved_ratio", &reserved, RATIO);
	}
	let median = |samples: &Samples| samples.percentiles().map_or(0, |found| found.p50);
	Ok(Medians {
		per_block: median(&per_block),
		waiting: median(&waiting),
		weight_ppm: median(&weight),
		length_ppm: median(&length),
		lane_left_ppm: left.percentiles().map(|found| found.p50),
		charged_ppm: 0,
	})
}

fn intervals(rows: Option<&[Row]>) -> Vec<Micros> {
	let rows = rows.unwrap_or_default();
	rows.iter()
		.zip(rows.iter().skip(1))
		.map(|(parent, child)| child.imported.saturating_sub(parent.imported))
		.collect()
}

fn offered_per_second(offer: &Offer) -> Option<f64> {
	let (first, last) = offer.ledger.offer_span()?;
	let time = last.checked_sub(first).filter(|time| *time > 0)?;
	Some(offer.ledger.offered().saturating_sub(1) as f64 * 1e6 / time as f64)
}

fn faults(offer: &Offer, tracked: &Tracked) -> Vec<Failure> {
	let ledger = &offer.ledger;
	let mut faults: Vec<_> = tracked.gave_up.iter().cloned().collect();
	let refused: u64 = ledger.refusals().values().sum();
	let lost = ledger.offered().saturating_sub(tracked.finalized);
	for (count, what) in [
		(refused, "refusals by the pool"),
		(ledger.skipped() as u64, "transactions not sent after a refusal of their account"),
		(failed(tracked), "transactions failed in their block"),
		(lost as u64, "submitted transactions not finalized"),
	] {
		if count > 0 {
			faults.push(Failure::new(format!("{count} {what}")));
		}
	}
	if ran_out(offer) {
		let text = "the signed transactions ran out before the time was over";
		faults.push(Failure::new(format!("{text}: raise --presign-rate")));
	}
	faults
}

/// Whether a closed loop of given duration sent everything before its time was over.
fn ran_out(offer: &Offer) -> bool {
	let (Pace::Closed { .. }, Some(end)) = (offer.pace, offer.stop_after) else {
		return false;
	};
	let last = offer.ledger.offer_span().map_or(0, |(_, last)| last);
	offer.ledger.offered() == offer.ledger.total() && last < crate::clock::micros(end)
}
