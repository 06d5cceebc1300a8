// SPDX-License-Identifier: Apache-2.0
//! How much of the machine others took during a run: a virtual machine whose host is busy builds late blocks through no fault of the
//! node's.

use std::fs;

/// Time of all cores since the machine began, in the kernel's ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ticks {
	all: u64,
	stolen: u64,
}

impl Ticks {
	/// As they are now; `None` where the kernel does not tell them.
	pub fn now() -> Option<Self> {
		Self::read(&fs::read_to_string("/proc/stat").ok()?)
	}

	/// From the first line: user, nice, system, idle, iowait, irq, softirq, steal; guest time, which follows, is in user.
	fn read(stat: &str) -> Option<Self> {
		let mut words = stat.lines().next()?.split_whitespace();
		words.next().filter(|name| *name == "cpu")?;
		let ticks: Vec<u64> = words.take(8).map_while(|word| word.parse().ok()).collect();
		Some(Self { all: ticks.iter().sum(), stolen: *ticks.get(7)? })
	}

	/// The share of time since `before` that the host gave to others.
	pub fn stolen_since(self, before: Self) -> f64 {
		let all = self.all.saturating_sub(before.all).max(1);
		self.stolen.saturating_sub(before.stolen) as f64 / all as f64
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn ticks_should_be_those_of_all_cores() {
		let stat = "cpu  100 10 20 60 5 0 1 4 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
		assert_eq!(Ticks::read(stat), Some(Ticks { all: 200, stolen: 4 }));
	}

	#[test]
	fn ticks_should_be_none_when_the_kernel_tells_no_steal() {
		assert_eq!(Ticks::read("cpu 1 2 3 4\n"), None);
		assert_eq!(Ticks::read("intr 1\n"), None);
	}

	#[test]
	fn stolen_share_should_be_of_the_time_between() {
		let before = Ticks { all: 1_000, stolen: 50 };
		let after = Ticks { all: 3_000, stolen: 150 };
		assert_eq!(after.stolen_since(before), 0.05);
		assert_eq!(before.stolen_since(before), 0.0);
	}
}
