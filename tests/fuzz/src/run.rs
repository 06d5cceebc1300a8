// SPDX-License-Identifier: Apache-2.0
//! One input, block by block.

use crate::{
	bytes::Bytes,
	calls,
	chain::{self, Dispatched, Head},
	checks,
	feed::{hostile, Feed},
	tally::{Outcome, Tally},
	warm::Warm,
};
use ballast_exchange::PriceReport;
use ballast_runtime::{constants::time::SLOT_MILLIS, RuntimeCall};
use sp_runtime::transaction_validity::TransactionValidityError;
use std::cell::RefCell;

/// Blocks of an input at most.
const MAX_BLOCKS: u32 = 24;
/// Transactions of an input at most.
const MAX_CALLS: u32 = 64;
/// Slots from a block to the next: mostly one, sometimes a pause, an outage, an hour, a day, a quarter.
const LAPSES: [u64; 16] = [1, 1, 1, 1, 1, 1, 1, 2, 3, 8, 20, 60, 240, 7_200, 172_800, 15_552_000];

thread_local! {
	/// The chain that inputs start from. Taken out while one runs: after a panic it is built anew.
	static WARM: RefCell<Option<Warm>> = const { RefCell::new(None) };
}

/// Runs an input. A finding is a panic.
pub fn run(data: &[u8]) {
	play(data, false, None);
}

/// Runs an input and prints what happens.
pub fn replay(data: &[u8]) {
	play(data, true, None);
}

/// Runs an input and counts what it reaches.
pub fn count(data: &[u8], tally: &mut Tally) {
	play(data, false, Some(tally));
}

fn play(data: &[u8], is_shown: bool, tally: Option<&mut Tally>) {
	let mut warm = WARM.take().unwrap_or_default();
	let (head, feed) = (warm.head, warm.feed.clone());
	warm.state.undo(|| {
		let bytes = Bytes::new(data);
		Run { bytes, head, feed, calls: 0, is_scheduled: false, is_shown, tally }.play();
	});
	WARM.set(Some(warm));
}

/// An input that is being run.
struct Run<'a> {
	bytes: Bytes<'a>,
	head: Head,
	feed: Feed,
	calls: u32,
	/// Root has scheduled something: from then on it may act in any block.
	is_scheduled: bool,
	is_shown: bool,
	tally: Option<&'a mut Tally>,
}

impl Run<'_> {
	fn play(&mut self) {
		let last = self.head.number + MAX_BLOCKS;
		while !self.bytes.is_empty() && self.head.number < last {
			let shape = self.bytes.byte();
			let slots = LAPSES[usize::from(shape & 0x0f)];
			self.feed.stir(&mut self.bytes);
			let choice = self.bytes.byte();
			self.block(slots, choice);
			// What the clamp stretches, expires and settles takes blocks without anybody's help.
			for _ in 0..[0, 0, 0, 0, 0, 1, 3, 8][usize::from(shape >> 5)] {
				self.block(1, 0);
			}
		}
	}

	fn report(&mut self, choice: u8, now: u64) -> Option<PriceReport> {
		match choice >> 4 {
			0..=12 => Some(self.feed.report(now)),
			13 => None,
			_ => Some(hostile(self.feed.report(now), &mut self.bytes)),
		}
	}

	/// A block with as many transactions as the low bits of `choice` say.
	fn block(&mut self, slots: u64, choice: u8) {
		let report = self.report(choice, self.head.now() + slots * SLOT_MILLIS);
		self.head.begin(slots, report);
		checks::after_inherents();
		let before = chain::weight();
		self.show(|run| format!("block {}, slot {}", run.head.number, run.head.slot));
		let mut is_ruled = self.is_scheduled;
		for _ in 0..choice & 0x0f {
			if self.bytes.is_empty() || self.calls == MAX_CALLS {
				break;
			}
			self.calls += 1;
			is_ruled |= self.transact();
		}
		checks::after_calls(before);
		self.head.end();
		if let Some(tally) = &mut self.tally {
			tally.block(chain::events());
		}
		self.show(|_| chain::events().map(|event| format!("\n    {event:?}")).collect::<String>());
		checks::after_block(is_ruled);
	}

	/// The next transaction; whether root did something.
	fn transact(&mut self) -> bool {
		let Some(transaction) = calls::next(&mut self.bytes) else { return false };
		self.show(|_| format!("  {} {:?}", transaction.who, transaction.call));
		let is_root = matches!(transaction.call, RuntimeCall::Sudo(..));
		self.is_scheduled |= is_root && schedules(&transaction.call);
		let call = self.tally.is_some().then(|| transaction.call.clone());
		let applied = chain::apply(transaction);
		if let (Some(tally), Some(call)) = (&mut self.tally, &call) {
			tally.call(call, outcome(&applied));
		}
		self.show(|_| format!("    {applied:?}"));
		if let Ok(dispatched) = &applied {
			checks::after_call(dispatched);
		}
		is_root && applied.is_ok()
	}

	fn show(&self, text: impl FnOnce(&Self) -> String) {
		if self.is_shown {
			eprintln!("{}", text(self));
		}
	}
}

const fn outcome(applied: &Result<Dispatched, TransactionValidityError>) -> Outcome {
	match applied {
		Ok(Ok(_)) => Outcome::Done,
		Ok(Err(_)) => Outcome::Failed,
		Err(_) => Outcome::Refused,
	}
}

fn schedules(call: &RuntimeCall) -> bool {
	match call {
		RuntimeCall::Sudo(pallet_sudo::Call::sudo { call }) => {
			matches!(**call, RuntimeCall::Scheduler(..) | RuntimeCall::Liquidation(..))
		},
		_ => false,
	}
}
