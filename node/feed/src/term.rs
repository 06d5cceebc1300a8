// SPDX-License-Identifier: Apache-2.0

//! Any expiry from the few that a feed knows.
//!
//! - At a node: the node.
//! - Between two nodes: `ln(forward / spot)` and the rate linear in time, the slice by
//!   [`RawSvi::between`].
//! - Before the first and after the last: the carry per year and the rate stay, the slice is
//!   [`RawSvi::stretched`] in proportion to the time.
//!
//! If the nodes are free of butterfly and calendar arbitrage, so is every slice up to the last node.

use crate::{round::Node, svi::RawSvi};

/// The point of a term structure at `seconds`, `None` for an empty structure or no time.
pub(crate) fn at(nodes: &[Node], seconds: f64) -> Option<Node> {
	if !seconds.is_finite() || seconds <= 0.0 {
		return None;
	}
	let after = nodes.partition_point(|node| node.seconds < seconds);
	let later = nodes.get(after);
	let earlier = after.checked_sub(1).and_then(|index| nodes.get(index));
	match (earlier, later) {
		(_, Some(node)) if node.seconds == seconds => Some(*node),
		(Some(earlier), Some(later)) => Some(between(earlier, later, seconds)),
		(Some(end), None) | (None, Some(end)) => Some(beyond(end, seconds)),
		(None, None) => None,
	}
}

fn between(earlier: &Node, later: &Node, seconds: f64) -> Node {
	let share = (seconds - earlier.seconds) / (later.seconds - earlier.seconds);
	let mix = |from: f64, to: f64| from + (to - from) * share;
	Node {
		seconds,
		basis: mix(earlier.basis, later.basis),
		rate: mix(earlier.rate, later.rate),
		svi: RawSvi::between(&earlier.svi, &later.svi, share),
	}
}

fn beyond(end: &Node, seconds: f64) -> Node {
	let ratio = seconds / end.seconds;
	Node { seconds, basis: end.basis * ratio, rate: end.rate, svi: end.svi.stretched(ratio) }
}
