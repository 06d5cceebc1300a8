// SPDX-License-Identifier: Apache-2.0
//! Random calls on the real runtime against an independent ledger.
//!
//! A seed decides everything: the path of prices, who calls what, which blocks are skipped. After every
//! block the ledger, which knows only events and calls, has to agree with storage to the last unit, the
//! pallets' own invariants have to hold, and margins computed in double precision from the test's own
//! record of prices have to agree with those of the chain. [`run`] plays one seed.
//!
//! Nothing here uses a pallet's code or `ballast-risk` to compute an expected value. What is shared is
//! vocabulary: ids, records, events.
#![allow(clippy::indexing_slicing)]

pub mod account;
pub mod action;
pub mod actors;
pub mod conditions;
mod custody;
mod deleveraging;
pub mod expected;
pub mod ledger;
mod listing;
pub mod margin;
pub mod market;
pub mod orders;
pub mod path;
pub mod pricing;
pub mod regime;
mod run;
pub mod verdict;
pub mod world;

pub use run::{run, Failure, Summary};

/// What a check comes to; the error says what differs.
pub type Outcome = Result<(), String>;

/// Returns an error with a formatted text unless the condition holds.
#[macro_export]
macro_rules! ensure {
	($condition:expr, $($text:tt)*) => {
		let holds: bool = $condition;
		if !holds {
			return Err(format!($($text)*));
		}
	};
}
