// SPDX-License-Identifier: Apache-2.0

//! `ballast-load exchange`: transfers and three kinds of orders, one after the other against one node,
//! and how they compare.

use crate::{
	error::{Failure, Result},
	market::Market,
	node::Node,
	outcome::Outcome,
	run::{self, Plan},
	workload::{
		batched::Batched, crossing::Crossing, resting_cancel::RestingCancel, transfers::Transfers,
		Workload,
	},
};
use serde_json::{json, Map, Value};
use std::{
	sync::Arc,
	time::{SystemTime, UNIX_EPOCH},
};

/// A workload of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
	Crossing,
	RestingCancel,
	Batched,
}

/// A batch holds many operations, so that far fewer are sent in the same time.
const BATCHED_PRESIGN_SHARE: usize = 4;

/// Figures of the comparison: key, what is compared, with what.
const RATIOS: [(&str, &str, &str); 3] = [
	("crossing_ratio", "crossing_per_s", "transfers_per_s"),
	("resting_cancel_ratio", "resting_cancel_per_s", "transfers_per_s"),
	("batched_ratio", "batched_ops_per_s", "resting_cancel_per_s"),
];

/// A workload of orders on the market as it is now.
pub async fn workload(
	kind: Kind,
	plan: &Plan,
	underlying: Option<u16>,
) -> Result<Box<dyn Workload>> {
	let market = Arc::new(market(plan, underlying).await?);
	let run = run_number()?;
	Ok(match kind {
		Kind::Crossing => Box::new(Crossing { market }),
		Kind::RestingCancel => Box::new(RestingCancel { market, run }),
		Kind::Batched => Box::new(Batched { market, run }),
	})
}

async fn market(plan: &Plan, underlying: Option<u16>) -> Result<Market> {
	let first = plan.endpoints.first().ok_or_else(|| Failure::new("no node to load"))?;
	let node = Node::connect(first, plan.limit).await?;
	let market = Market::read(&node.at_best().await?, underlying).await?;
	let names: Vec<_> = market.series.iter().map(|series| series.name.as_str()).collect();
	eprintln!("trading {}", names.join(" "));
	Ok(market)
}

/// Larger than that of any earlier run.
fn run_number() -> Result<u64> {
	let since = SystemTime::now().duration_since(UNIX_EPOCH);
	let millis = since.map(|since| since.as_millis()).unwrap_or(0);
	u64::try_from(millis).map_err(|_| Failure::new("the clock is beyond reason"))
}

/// Runs all phases. What keeps one of them from being a clean run is told with its name; one that
/// cannot be run to its end is the last, and the figures of those before it remain.
pub async fn compare(plan: &Plan, underlying: Option<u16>) -> Outcome {
	let mut phases = Vec::new();
	let mut broken = None;
	for kind in [None, Some(Kind::Crossing), Some(Kind::RestingCancel), Some(Kind::Batched)] {
		match phase(kind, plan, underlying).await {
			Ok(outcome) => phases.push(outcome),
			Err(failure) => {
				broken = Some(failure);
				break;
			},
		}
	}
	let mut outcome = compared(phases);
	outcome.faults.extend(broken);
	outcome
}

/// One phase; `None` is transfers.
async fn phase(kind: Option<Kind>, plan: &Plan, underlying: Option<u16>) -> Result<Outcome> {
	let workload: Box<dyn Workload> = match kind {
		None => Box::new(Transfers),
		Some(kind) => workload(kind, plan, underlying).await?,
	};
	eprintln!("phase {}", workload.name());
	let named = |failure: &Failure| Failure::new(format!("{}: {failure}", workload.name()));
	let outcome = run::run(&plan_of(kind, plan), workload.as_ref()).await;
	let Outcome { figures, faults } = outcome.map_err(|failure| named(&failure))?;
	Ok(Outcome { figures, faults: faults.iter().map(named).collect() })
}

fn plan_of(kind: Option<Kind>, plan: &Plan) -> Plan {
	let presign_rate = match kind {
		Some(Kind::Batched) => plan.presign_rate.div_ceil(BATCHED_PRESIGN_SHARE),
		_ => plan.presign_rate,
	};
	Plan { presign_rate, ..plan.clone() }
}

/// The rates of all phases and their ratios, with each phase's own figures.
fn compared(phases: Vec<Outcome>) -> Outcome {
	let mut figures = Map::new();
	figures.insert("workload".into(), json!("exchange"));
	let rate = |key: &str| phases.iter().find_map(|phase| phase.figures.get(key)?.as_f64());
	for (key, rated, against) in RATIOS {
		figures.insert(rated.into(), json!(rate(rated)));
		figures.insert(against.into(), json!(rate(against)));
		figures.insert(key.into(), json!(ratio(rate(rated), rate(against))));
	}
	let mut faults = Vec::new();
	let mut all = Map::new();
	for phase in phases {
		let name = phase.figures.get("workload").and_then(Value::as_str).unwrap_or_default();
		all.insert(name.replace('-', "_"), phase.figures.clone());
		faults.extend(phase.faults);
	}
	figures.insert("phases".into(), Value::Object(all));
	Outcome { figures: Value::Object(figures), faults }
}

/// `None` without both, or against nothing.
fn ratio(of: Option<f64>, to: Option<f64>) -> Option<f64> {
	let to = to.filter(|to| *to > 0.0)?;
	Some(of? / to)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn phase(name: &str, key: &str, rate: Option<f64>) -> Outcome {
		let mut figures = Map::new();
		figures.insert("workload".into(), json!(name));
		figures.insert(key.into(), json!(rate));
		Outcome { figures: Value::Object(figures), faults: vec![Failure::new(name)] }
	}

	#[test]
	fn rates_and_ratios_should_stand_beside_the_phases() {
		let outcome = compared(vec![
			phase("transfers", "transfers_per_s", Some(500.0)),
			phase("crossing", "crossing_per_s", Some(300.0)),
			phase("resting-cancel", "resting_cancel_per_s", Some(400.0)),
			phase("batched", "batched_ops_per_s", Some(1_600.0)),
		]);
		for (key, expected) in [
			("transfers_per_s", 500.0),
			("crossing_per_s", 300.0),
			("resting_cancel_per_s", 400.0),
			("batched_ops_per_s", 1_600.0),
			("crossing_ratio", 0.6),
			("resting_cancel_ratio", 0.8),
			("batched_ratio", 4.0),
		] {
			assert_eq!(outcome.figures.get(key), Some(&json!(expected)), "{key}");
		}
		let phase = outcome.figures.get("phases").and_then(|all| all.get("resting_cancel"));
		assert!(phase.is_some());
		assert_eq!(outcome.faults.len(), 4);
	}

	#[test]
	fn a_phase_without_a_rate_should_leave_its_ratios_out() {
		let outcome = compared(vec![
			phase("transfers", "transfers_per_s", None),
			phase("crossing", "crossing_per_s", Some(300.0)),
		]);
		assert_eq!(outcome.figures.get("crossing_ratio"), Some(&Value::Null));
		assert_eq!(outcome.figures.get("batched_ratio"), Some(&Value::Null));
		assert_eq!(ratio(Some(1.0), Some(0.0)), None);
	}
}
