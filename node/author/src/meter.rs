// SPDX-License-Identifier: Apache-2.0
//! What the author's metrics say of lanes. The chain itself cannot say what was refused: that is in no block.

use crate::LOG_TARGET;
use pallet_lanes::{Lane, PerLane};
use substrate_prometheus_endpoint::{
	register, CounterVec, GaugeVec, Opts, PrometheusError, Registry, U64,
};

/// The lane's name in metrics and logs.
pub fn lane_name(lane: Lane) -> &'static str {
	match lane {
		Lane::Solvency => "solvency",
		Lane::RiskDown => "risk_down",
		Lane::Makers => "makers",
		Lane::Takers => "takers",
		Lane::General => "general",
	}
}

/// Counts what the lanes refuse.
#[derive(Clone)]
pub(crate) struct Meter {
	refused: CounterVec<U64>,
	waiting: GaugeVec<U64>,
}

impl Meter {
	/// Metrics in `registry`, or none: a node without them is as good an author.
	pub fn new(registry: Option<&Registry>) -> Option<Self> {
		Self::register(registry?)
			.inspect_err(|error| log::warn!(target: LOG_TARGET, "no metrics of lanes: {error}"))
			.ok()
	}

	fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let refused = Opts::new(
			"ballast_author_refused_total",
			"Transactions that this node's blocks had no room for when they were tried, by lane",
		);
		let waiting = Opts::new(
			"ballast_author_waiting",
			"Transactions that this node's last block passed over because their lane was full, by lane",
		);
		Ok(Self {
			refused: register(CounterVec::new(refused, &["lane"])?, registry)?,
			waiting: register(GaugeVec::new(waiting, &["lane"])?, registry)?,
		})
	}

	/// A transaction was tried and there was no room.
	pub fn refused(&self, lane: Lane) {
		self.refused.with_label_values(&[lane_name(lane)]).inc();
	}

	/// What is left waiting when a block has ended.
	pub fn waiting(&self, count: &PerLane<u64>) {
		for lane in Lane::ALL {
			self.waiting.with_label_values(&[lane_name(lane)]).set(*count.get(lane));
		}
	}
}
