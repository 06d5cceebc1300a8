// SPDX-License-Identifier: Apache-2.0

//! Random numbers that are functions of where they are used, so that nothing has to be remembered.

/// The finalizer of SplitMix64.
const fn mix(mut x: u64) -> u64 {
	x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
	x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	x ^ (x >> 31)
}

/// One of 2^64 numbers for a place: seed, stream, day and index.
pub fn hash(place: [u64; 4]) -> u64 {
	place.into_iter().fold(0, |state, part| mix(state ^ part))
}

/// Uniform between 0 and 1, both excluded.
pub fn uniform(place: [u64; 4]) -> f64 {
	unit(hash(place))
}

/// Standard normal.
pub fn normal(place: [u64; 4]) -> f64 {
	let first = hash(place);
	// Box and Muller. `libm` and not the platform's functions: the same bits on every machine.
	let radius = (-2.0 * libm::log(unit(first))).sqrt();
	radius * libm::cos(core::f64::consts::TAU * unit(mix(first)))
}

fn unit(bits: u64) -> f64 {
	((bits >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}
