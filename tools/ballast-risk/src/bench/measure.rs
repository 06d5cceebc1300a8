// SPDX-License-Identifier: Apache-2.0
//! Repetitions, interleaved so that noise of the machine hits all subjects alike.

use std::time::Instant;

use ballast_wasm_probe::bench as probe;

use crate::wasm::{engine, Blob, Function};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
	CallPut,
	Double,
	General,
	GeneralRational,
	Greeks,
	RiskArray,
	Margin20,
	Margin128,
}

const SUBJECTS: [Subject; 8] = [
	Subject::CallPut,
	Subject::Double,
	Subject::General,
	Subject::GeneralRational,
	Subject::Greeks,
	Subject::RiskArray,
	Subject::Margin20,
	Subject::Margin128,
];

/// Repetitions of every subject.
const ROUNDS: u32 = 75;
/// Length that a repetition is meant to have: shorter than a time slice, so that most are not cut.
const ROUND_NANOS: f64 = 1e6;
/// Seed of the first round; each has its own inputs.
const SEED: u32 = 76;

impl Subject {
	/// Name of the export, and the same function natively.
	fn functions(self) -> (&'static str, fn(u32, u32) -> u64) {
		match self {
			Self::CallPut => ("probe_call_put", probe::call_put),
			Self::Greeks => ("probe_greeks", probe::greeks),
			Self::RiskArray => ("probe_risk_array", probe::risk_array),
			Self::Margin20 => ("probe_margin_20_legs", probe::margin_20_legs),
			Self::Margin128 => ("probe_margin_128_legs", probe::margin_128_legs),
			Self::Double => ("yardstick_double", ballast_wasm_yardstick::double_call_put),
			Self::General => ("yardstick_general", ballast_wasm_yardstick::general_call_put),
			Self::GeneralRational => {
				("yardstick_general_rational", ballast_wasm_yardstick::general_call_put_rational)
			},
		}
	}

	fn is_yardstick(self) -> bool {
		matches!(self, Self::Double | Self::General | Self::GeneralRational)
	}
}

/// Medians in nanoseconds per evaluation.
pub struct Medians([(f64, f64); SUBJECTS.len()]);

impl Medians {
	fn of(&self, subject: Subject) -> (f64, f64) {
		let index = SUBJECTS.iter().position(|other| *other == subject);
		index.and_then(|index| self.0.get(index)).copied().unwrap_or_default()
	}

	/// In Wasm.
	pub fn wasm(&self, subject: Subject) -> f64 {
		self.of(subject).0
	}

	/// Natively.
	pub fn native(&self, subject: Subject) -> f64 {
		self.of(subject).1
	}
}

/// The blobs, instantiated.
pub struct Bench {
	probe: Blob,
	yardstick: Blob,
}

/// One subject with the number of evaluations of a repetition, in Wasm and natively.
struct Line {
	subject: Subject,
	function: Function,
	counts: (u32, u32),
	samples: (Vec<f64>, Vec<f64>),
}

impl Bench {
	/// Compiles the blobs.
	pub fn new() -> Result<Self, String> {
		let engine = engine()?;
		Ok(Self {
			probe: Blob::new(&engine, ballast_wasm_probe::WASM)?,
			yardstick: Blob::new(&engine, ballast_wasm_yardstick::WASM)?,
		})
	}

	fn blob(&mut self, subject: Subject) -> &mut Blob {
		if subject.is_yardstick() {
			&mut self.yardstick
		} else {
			&mut self.probe
		}
	}

	/// Measures everything.
	pub fn run(mut self) -> Result<Medians, String> {
		let mut lines = Vec::with_capacity(SUBJECTS.len());
		for subject in SUBJECTS {
			let function = self.blob(subject).function(subject.functions().0)?;
			let mut line = Line { subject, function, counts: (0, 0), samples: Default::default() };
			self.calibrate(&mut line)?;
			lines.push(line);
		}
		for round in 0..ROUNDS {
			for line in &mut lines {
				self.sample(line, SEED + round)?;
			}
		}
		let mut medians = [(0.0, 0.0); SUBJECTS.len()];
		for (median, line) in medians.iter_mut().zip(lines) {
			*median = (middle(line.samples.0), middle(line.samples.1));
		}
		Ok(Medians(medians))
	}

	/// Doubles the number of evaluations until they take long enough, in Wasm and natively.
	fn calibrate(&mut self, line: &mut Line) -> Result<(), String> {
		let mut count = 16;
		line.counts = loop {
			let (wasm, native) = self.time(line, (count, count), SEED)?;
			if wasm.min(native) * f64::from(count) > ROUND_NANOS / 8.0 || count >= 1 << 22 {
				break (fitting(wasm), fitting(native));
			}
			count *= 2;
		};
		Ok(())
	}

	fn sample(&mut self, line: &mut Line, seed: u32) -> Result<(), String> {
		let (wasm, native) = self.time(line, line.counts, seed)?;
		line.samples.0.push(wasm);
		line.samples.1.push(native);
		Ok(())
	}

	/// Nanoseconds per evaluation in Wasm and natively. What a call costs without an evaluation,
	/// above all the making of inputs, is measured with it and taken off.
	fn time(&mut self, line: &Line, counts: (u32, u32), seed: u32) -> Result<(f64, f64), String> {
		let native = line.subject.functions().1;
		let blob = self.blob(line.subject);
		let mut in_wasm = |count| timed(|| blob.call(&line.function, count, seed));
		let (idle, nothing) = in_wasm(0)?;
		let (busy, digest) = in_wasm(counts.0)?;
		let (native_idle, native_nothing) = timed(|| Ok(native(0, seed)))?;
		let (native_busy, native_digest) = timed(|| Ok(native(counts.1, seed)))?;
		let same = counts.0 != counts.1 || digest == native_digest;
		if nothing != native_nothing || !same {
			return Err(format!("{:?}: the results in Wasm and natively differ", line.subject));
		}
		let per =
			|busy: f64, idle: f64, count: u32| (busy - idle).max(0.0) / f64::from(count.max(1));
		Ok((per(busy, idle, counts.0), per(native_busy, native_idle, counts.1)))
	}
}

/// Evaluations that fill a repetition.
fn fitting(nanos: f64) -> u32 {
	// Within u32 by the clamp.
	(ROUND_NANOS / nanos.max(0.5)).clamp(8.0, 8e6) as u32
}

fn timed(run: impl FnOnce() -> Result<u64, String>) -> Result<(f64, u64), String> {
	let start = Instant::now();
	let digest = std::hint::black_box(run()?);
	Ok((start.elapsed().as_nanos() as f64, digest))
}

fn middle(mut samples: Vec<f64>) -> f64 {
	samples.sort_by(f64::total_cmp);
	samples.get(samples.len() / 2).copied().unwrap_or_default()
}
