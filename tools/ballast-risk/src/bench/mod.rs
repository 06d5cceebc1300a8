// SPDX-License-Identifier: Apache-2.0
//! Times and errors of the arithmetic, in one run.

mod accuracy;
mod measure;
mod table;

pub use accuracy::{margin_error_ratio, max_margin_error_ratio, max_price_error};
pub use table::table;

use serde::Serialize;

use measure::{Bench, Subject};

/// Nanoseconds per evaluation (medians), ratios of them, and errors over the vectors.
#[derive(Debug, Serialize)]
pub struct BenchOutput {
	/// Call and put of `ballast-pricing`, in Wasm.
	pub wasm_call_put_ns: f64,
	/// Call and put in double precision with `libm`.
	pub wasm_f64_libm_ns: f64,
	/// Call and put on I64F64 with `ln`, `sqrt` and `erfc` of `fixed_analytics`.
	pub wasm_fixed_analytics_ns: f64,
	/// The same with a rational approximation of the normal distribution around its `exp`.
	pub wasm_fixed_analytics_rational_ns: f64,
	/// All greeks.
	pub wasm_greeks_ns: f64,
	/// Risk array of one series: 33 scenarios and three more values.
	pub wasm_risk_array_ns: f64,
	/// Both portfolio margins of 20 options from arrays.
	pub wasm_margin_20_legs_ns: f64,
	/// Both portfolio margins of 128 options from arrays.
	pub wasm_margin_128_legs_ns: f64,
	/// The same natively.
	pub native_call_put_ns: f64,
	/// The same natively.
	pub native_f64_libm_ns: f64,
	/// The same natively.
	pub native_fixed_analytics_ns: f64,
	/// The same natively.
	pub native_fixed_analytics_rational_ns: f64,
	/// The same natively.
	pub native_greeks_ns: f64,
	/// The same natively.
	pub native_risk_array_ns: f64,
	/// The same natively.
	pub native_margin_20_legs_ns: f64,
	/// The same natively.
	pub native_margin_128_legs_ns: f64,
	/// Largest error of a price over the vectors, in units of the forward.
	pub max_price_error: f64,
	/// Largest error of a margin figure over the vectors, in units of its tolerance: 0.001 USD or
	/// 1e-7 of gross notional, whichever is larger.
	pub max_margin_error_ratio: f64,
	/// Ratios of the Wasm times.
	pub ratios: Ratios,
}

/// Ratios of the Wasm times.
#[derive(Debug, Serialize)]
pub struct Ratios {
	/// How many double-precision evaluations one call and put costs.
	pub call_put_to_f64_libm: f64,
	/// How many times faster it is than on `fixed_analytics`.
	pub fixed_analytics_to_call_put: f64,
	/// The same against the rational approximation.
	pub fixed_analytics_rational_to_call_put: f64,
	/// Risk array in calls and puts.
	pub risk_array_to_call_put: f64,
	/// Margin of 20 options in calls and puts.
	pub margin_20_legs_to_call_put: f64,
	/// Margin of 128 options in calls and puts.
	pub margin_128_legs_to_call_put: f64,
}

/// Runs everything.
pub fn run() -> Result<BenchOutput, String> {
	let medians = Bench::new()?.run()?;
	let wasm = |subject: Subject| rounded(medians.wasm(subject), 10.0);
	let native = |subject: Subject| rounded(medians.native(subject), 10.0);
	let ratio = |above: Subject, below: Subject| {
		rounded(medians.wasm(above) / medians.wasm(below).max(f64::MIN_POSITIVE), 100.0)
	};
	Ok(BenchOutput {
		wasm_call_put_ns: wasm(Subject::CallPut),
		wasm_f64_libm_ns: wasm(Subject::Double),
		wasm_fixed_analytics_ns: wasm(Subject::General),
		wasm_fixed_analytics_rational_ns: wasm(Subject::GeneralRational),
		wasm_greeks_ns: wasm(Subject::Greeks),
		wasm_risk_array_ns: wasm(Subject::RiskArray),
		wasm_margin_20_legs_ns: wasm(Subject::Margin20),
		wasm_margin_128_legs_ns: wasm(Subject::Margin128),
		native_call_put_ns: native(Subject::CallPut),
		native_f64_libm_ns: native(Subject::Double),
		native_fixed_analytics_ns: native(Subject::General),
		native_fixed_analytics_rational_ns: native(Subject::GeneralRational),
		native_greeks_ns: native(Subject::Greeks),
		native_risk_array_ns: native(Subject::RiskArray),
		native_margin_20_legs_ns: native(Subject::Margin20),
		native_margin_128_legs_ns: native(Subject::Margin128),
		max_price_error: max_price_error()?,
		max_margin_error_ratio: max_margin_error_ratio()?,
		ratios: Ratios {
			call_put_to_f64_libm: ratio(Subject::CallPut, Subject::Double),
			fixed_analytics_to_call_put: ratio(Subject::General, Subject::CallPut),
			fixed_analytics_rational_to_call_put: ratio(Subject::GeneralRational, Subject::CallPut),
			risk_array_to_call_put: ratio(Subject::RiskArray, Subject::CallPut),
			margin_20_legs_to_call_put: ratio(Subject::Margin20, Subject::CallPut),
			margin_128_legs_to_call_put: ratio(Subject::Margin128, Subject::CallPut),
		},
	})
}

fn rounded(value: f64, unit: f64) -> f64 {
	(value * unit).round() / unit
}
