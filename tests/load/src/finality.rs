// SPDX-License-Identifier: Apache-2.0

//! `ballast-load finality`: block intervals and the time from import to finality, seen from one or
//! more nodes.

use crate::{
	blocks::BlockLog,
	clock::Clock,
	endpoint::Endpoint,
	error::{within, Failure, Result},
	node::{Kind, Node, Notice},
	percentiles::Samples,
	report,
};
use futures::{future::try_join_all, Stream, StreamExt};
use serde_json::{json, Map, Value};
use std::time::Duration;

/// What one node showed, in microseconds.
pub struct Seen {
	blocks: usize,
	intervals: Samples,
	finality: Samples,
}

/// Watches all `endpoints` at once until each has finalized `blocks` blocks since it was first
/// looked at. A node that neither imports nor finalizes for `limit` is an error.
pub async fn watch(endpoints: &[Endpoint], blocks: usize, limit: Duration) -> Result<Vec<Seen>> {
	try_join_all(endpoints.iter().map(|endpoint| watch_one(endpoint, blocks, limit))).await
}

async fn watch_one(endpoint: &Endpoint, blocks: usize, limit: Duration) -> Result<Seen> {
	let node = Node::connect(endpoint, limit).await?;
	let url = endpoint.url();
	let doing = format!("waiting for blocks of {url}");
	let at = within(limit, format!("reading the metadata of {url}"), node.at_best()).await?;
	let mut notices = within(limit, &doing, node.follow(*at.hasher())).await?;
	let clock = Clock::start();
	let mut log = BlockLog::new();
	let mut finality = Samples::new()?;
	let mut finalized = std::time::Instant::now();
	while log.chain().len() < blocks {
		if finalized.elapsed() > limit {
			let seconds = limit.as_secs();
			return Err(Failure::new(format!(
				"{url} imports blocks and has finalized none for {seconds} s"
			)));
		}
		let notice = within(limit, &doing, next(&mut notices)).await?;
		let at = clock.at(notice.at);
		let covered = match notice.kind {
			Kind::Imported => log.import(notice.head, at),
			Kind::Finalized => log.finalize(notice.head.hash, at),
		};
		if !covered.is_empty() {
			finalized = notice.at;
		}
		for block in &covered {
			finality.add(block.finality())?;
			if block.number % 20 == 0 {
				eprintln!("{url} finalized block {}", block.number);
			}
		}
	}
	Ok(Seen { blocks: log.chain().len(), intervals: Samples::of(log.intervals())?, finality })
}

async fn next(notices: &mut (impl Stream<Item = Result<Notice>> + Unpin)) -> Result<Notice> {
	let ended = || Failure::new("the block stream ended");
	notices.next().await.ok_or_else(ended)?
}

/// All nodes together, and each one where there are several.
pub fn to_json(endpoints: &[Endpoint], seen: &[Seen]) -> Result<Value> {
	let mut intervals = Samples::new()?;
	let mut finality = Samples::new()?;
	for one in seen {
		intervals.merge(&one.intervals)?;
		finality.merge(&one.finality)?;
	}
	let blocks = seen.iter().map(|one| one.blocks).sum();
	let mut all = figures(&Seen { blocks, intervals, finality });
	if seen.len() > 1 {
		let nodes = endpoints.iter().zip(seen).map(|(endpoint, one)| {
			let mut node = figures(one);
			node.insert("url".into(), json!(endpoint.url()));
			Value::Object(node)
		});
		all.insert("nodes".into(), nodes.collect());
	}
	Ok(Value::Object(all))
}

fn figures(seen: &Seen) -> Map<String, Value> {
	let mut figures = Map::new();
	figures.insert("blocks".into(), json!(seen.blocks));
	report::add_percentiles(&mut figures, "interval_ms", &seen.intervals, report::MILLIS);
	report::add_percentiles(&mut figures, "finality_ms", &seen.finality, report::MILLIS);
	figures
}
