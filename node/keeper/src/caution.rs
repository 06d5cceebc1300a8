// SPDX-License-Identifier: Apache-2.0

//! How the keeper gets on with one auction: whether it may bid now, and for how much.

use crate::failure::Reason;

/// Milliseconds of a clock that only goes forwards.
pub type Millis = u64;

/// How often the share is halved at most: to 1/64.
const MOST_HALVINGS: u32 = 6;
/// After so long it doubles again.
const GROWTH: Millis = 60_000;
/// Pauses before an auction is looked at again.
const SHORT: Millis = 1_000;
const STALE: Millis = 2_000;
const UNFIT: Millis = 10_000;
const UNKNOWN: Millis = 30_000;

/// What the last bids on an auction taught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caution {
	/// Lots round so that only the whole book helps the account.
	pub is_all_or_nothing: bool,
	halvings: u32,
	shrunk_at: Millis,
	not_before: Millis,
}

impl Caution {
	/// How often to halve what the rules allow to ask for.
	pub fn halvings(&self, now: Millis) -> u32 {
		let doublings = now.saturating_sub(self.shrunk_at) / GROWTH;
		self.halvings.saturating_sub(u32::try_from(doublings).unwrap_or(u32::MAX))
	}

	/// Whether its pause is over.
	pub fn is_ready(&self, now: Millis) -> bool {
		now >= self.not_before
	}

	/// Not even a small part fits: another look later.
	pub fn rest(&mut self, now: Millis) {
		self.not_before = now.saturating_add(UNFIT);
	}

	/// A bid has failed.
	pub fn learn(&mut self, reason: Reason, now: Millis) {
		self.not_before = now.saturating_add(self.pause_after(reason, now));
		if reason == Reason::TooLittleMargin {
			self.halvings = self.halvings(now).saturating_add(1).min(MOST_HALVINGS);
			self.shrunk_at = now;
		}
		self.is_all_or_nothing |= reason == Reason::DoesNotHelp;
	}

	fn pause_after(&self, reason: Reason, now: Millis) -> Millis {
		match reason {
			Reason::Gone | Reason::PriceMoved | Reason::Lost => 0,
			Reason::TooLittleMargin if self.halvings(now) < MOST_HALVINGS => SHORT,
			Reason::DoesNotHelp | Reason::TooSmall => SHORT,
			Reason::OldPrices => STALE,
			Reason::TooLittleMargin | Reason::NoRoom => UNFIT,
			Reason::Unexpected => UNKNOWN,
		}
	}
}
