// SPDX-License-Identifier: Apache-2.0
//! What libFuzzer calls. With `BALLAST_FUZZ_SHOW` in the environment it prints what an input does, with
//! `BALLAST_FUZZ_TALLY` it keeps counts of what was reached in the file of that name.
#![no_main]
// The macro exports a C function.
#![allow(unsafe_code)]

use ballast_fuzz::tally::Tally;
use std::{
	env, fs,
	path::PathBuf,
	sync::{LazyLock, Mutex},
};

/// Inputs from one writing of the counts to the next.
const EVERY: u64 = 1_024;

static IS_SHOWN: LazyLock<bool> = LazyLock::new(|| env::var_os("BALLAST_FUZZ_SHOW").is_some());
static TALLY_FILE: LazyLock<Option<PathBuf>> =
	LazyLock::new(|| env::var_os("BALLAST_FUZZ_TALLY").map(PathBuf::from));
static TALLY: Mutex<Tally> = Mutex::new(Tally::new());

/// Runs an input and counts. No lock is held while it runs: a finding is a panic.
fn count(data: &[u8], file: &PathBuf) {
	let mut tally = TALLY.lock().map(|mut tally| std::mem::take(&mut *tally)).unwrap_or_default();
	ballast_fuzz::count(data, &mut tally);
	if tally.input().is_multiple_of(EVERY) {
		if let Err(error) = fs::write(file, tally.table()) {
			eprintln!("the counts cannot be written to {}: {error}", file.display());
		}
	}
	if let Ok(mut kept) = TALLY.lock() {
		*kept = tally;
	}
}

/// The linker puts this in the place of `memcmp` (`tests/fuzz/instrument`). libFuzzer has one that learns from what is
/// compared; here those are keys of storage, which teach nothing and took two fifths of the time.
///
/// # Safety
///
/// As for `memcmp`: both point to `count` bytes.
#[no_mangle]
unsafe extern "C" fn __wrap_memcmp(one: *const u8, other: *const u8, count: usize) -> i32 {
	const WORD: usize = size_of::<u64>();
	let mut at = 0;
	while at + WORD <= count {
		// SAFETY: eight bytes from here on are within both.
		let words = unsafe { (one.add(at).cast::<u64>(), other.add(at).cast::<u64>()) };
		let (one, other) = unsafe { (words.0.read_unaligned(), words.1.read_unaligned()) };
		if one != other {
			return if u64::from_be(one) < u64::from_be(other) { -1 } else { 1 };
		}
		at += WORD;
	}
	while at < count {
		// SAFETY: this byte is within both.
		let (one, other) = unsafe { (*one.add(at), *other.add(at)) };
		if one != other {
			return i32::from(one) - i32::from(other);
		}
		at += 1;
	}
	0
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
	match &*TALLY_FILE {
		_ if *IS_SHOWN => ballast_fuzz::replay(data),
		Some(file) => count(data, file),
		None => ballast_fuzz::run(data),
	}
});
