// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet-order-book`. The runtime has its own, measured ones; these are the trait and what
//! the pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call, without margin evaluations, which clearing weighs.
pub trait WeightInfo {
	/// A placed order that rests at a price of its own.
	fn place_new_level() -> Weight;
	/// A placed order that rests behind others.
	fn place_in_level() -> Weight;
	/// A placed order that fills `m` resting ones, one or more, and with it whole.
	fn place_crossing(m: u32) -> Weight;
	/// Cancelling the only order of a price.
	fn cancel_alone() -> Weight;
	/// Cancelling an order between others.
	fn cancel_queued() -> Weight;
	/// [`crate::Call::cancel_by_client_id`].
	fn cancel_by_client_id() -> Weight;
	/// [`crate::Call::cancel_all`] of `o` orders.
	fn cancel_all(o: u32) -> Weight;
	/// [`crate::Call::replace`] by an order that meets nobody.
	fn replace() -> Weight;
	/// [`crate::Call::batch`] of `n` placed orders that meet nobody.
	fn batch(n: u32) -> Weight;
	/// [`crate::Call::batch`] of `n` operations that fail and say so.
	fn batch_failing(n: u32) -> Weight;
	/// [`crate::Call::place_combo`] of `l` legs, each of which fills one resting order.
	fn place_combo(l: u32) -> Weight;
	/// [`crate::Call::remove_expired`].
	fn remove_expired() -> Weight;
	/// Removing `n` entries of settled books.
	fn prune(n: u32) -> Weight;
}

/// For tests: figures of the right order, none of them measured.
impl WeightInfo for () {
	fn place_new_level() -> Weight {
		Weight::from_parts(60_000_000, 9_000)
	}

	fn place_in_level() -> Weight {
		Weight::from_parts(50_000_000, 9_000)
	}

	fn place_crossing(m: u32) -> Weight {
		Weight::from_parts(45_000_000, 8_000)
			.saturating_add(Weight::from_parts(40_000_000, 9_000).saturating_mul(m.into()))
	}

	fn cancel_alone() -> Weight {
		Weight::from_parts(50_000_000, 9_000)
	}

	fn cancel_queued() -> Weight {
		Weight::from_parts(55_000_000, 9_000)
	}

	fn cancel_by_client_id() -> Weight {
		Weight::from_parts(55_000_000, 9_000)
	}

	fn cancel_all(o: u32) -> Weight {
		Weight::from_parts(30_000_000, 9_000)
			.saturating_add(Weight::from_parts(25_000_000, 4_000).saturating_mul(o.into()))
	}

	fn replace() -> Weight {
		Weight::from_parts(80_000_000, 9_000)
	}

	fn batch(n: u32) -> Weight {
		Weight::from_parts(30_000_000, 9_000)
			.saturating_add(Weight::from_parts(35_000_000, 4_000).saturating_mul(n.into()))
	}

	fn batch_failing(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 9_000)
			.saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(n.into()))
	}

	fn place_combo(l: u32) -> Weight {
		Weight::from_parts(30_000_000, 9_000)
			.saturating_add(Weight::from_parts(60_000_000, 9_000).saturating_mul(l.into()))
	}

	fn remove_expired() -> Weight {
		Weight::from_parts(55_000_000, 9_000)
	}

	fn prune(n: u32) -> Weight {
		Weight::from_parts(10_000_000, 4_000)
			.saturating_add(Weight::from_parts(2_000_000, 500).saturating_mul(n.into()))
	}
}
