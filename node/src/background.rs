// SPDX-License-Identifier: Apache-2.0
//! Threads that give way.
//!
//! The pool checks what waits again with every block, on as many threads as the smallest machine has cores, whoever
//! asks by RPC has the runtime called, and the database copies its log to where it belongs, dozens of MiB at a time. While thousands
//! wait or ask, or during such a copy, the author would have half of a core to build in, and its block would come too late.

use sc_service::SpawnEssentialTaskHandle;
use sp_core::traits::SpawnEssentialNamed;
use std::{future::Future, panic, pin::Pin, thread};

/// How far these threads stand back: a thread of the usual priority gets nine times as much.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Spawns tasks; those that block run on threads of a lower priority.
#[derive(Clone)]
pub struct Background(pub SpawnEssentialTaskHandle);

impl SpawnEssentialNamed for Background {
	fn spawn_essential_blocking(
		&self,
		name: &'static str,
		group: Option<&'static str>,
		task: Task,
	) {
		// An essential task ends with the node, and a blocking one stays on its thread: it takes nobody else's along.
		let stands_back = async move {
			stand_back(name);
			task.await
		};
		self.0.spawn_essential_blocking(name, group, Box::pin(stands_back));
	}

	fn spawn_essential(&self, name: &'static str, group: Option<&'static str>, task: Task) {
		self.0.spawn_essential(name, group, task);
	}
}

/// Starts what has threads of its own, all of which stand back: on Linux a thread begins with the niceness of the one that
/// started it.
pub fn standing_back<R: Send>(name: &str, start: impl FnOnce() -> R + Send) -> R {
	let starts = || {
		stand_back(name);
		start()
	};
	let started = thread::scope(|scope| scope.spawn(starts).join());
	started.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// Lowers the priority of this thread.
#[cfg(target_os = "linux")]
fn stand_back(name: &str) {
	// Linux keeps a niceness per thread.
	if let Err(error) = rustix::process::nice(NICENESS) {
		log::warn!("the thread of {name} keeps its priority: {error}");
	}
}

/// Elsewhere a niceness is the whole process's.
#[cfg(not(target_os = "linux"))]
fn stand_back(_: &str) {}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
	use super::*;
	use rustix::process::getpriority_process;

	#[test]
	fn thread_should_stand_back_alone() {
		let before = getpriority_process(None).expect("a priority");
		let of_this = || getpriority_process(None).expect("a priority");
		// A thread started by one that stands back, as those are that answer RPC.
		let of_other = standing_back("test", || thread::spawn(of_this).join().expect("it ends"));
		assert_eq!(of_other, (before + NICENESS).min(19));
		assert_eq!(getpriority_process(None).expect("a priority"), before);
	}
}
