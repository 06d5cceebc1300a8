// SPDX-License-Identifier: Apache-2.0
//! The measurements for people.

use std::fmt::Write;

use super::BenchOutput;

/// Times side by side, then ratios and errors with what they are held to.
pub fn table(output: &BenchOutput) -> String {
	let o = output;
	let mut text =
		format!("{:<44} {:>12} {:>12}\n", "ns per evaluation (medians)", "Wasm", "native");
	let times = [
		("call and put", o.wasm_call_put_ns, o.native_call_put_ns),
		("  in f64 with libm", o.wasm_f64_libm_ns, o.native_f64_libm_ns),
		("  on fixed_analytics, erfc", o.wasm_fixed_analytics_ns, o.native_fixed_analytics_ns),
		(
			"  on fixed_analytics, rational N(x)",
			o.wasm_fixed_analytics_rational_ns,
			o.native_fixed_analytics_rational_ns,
		),
		("all greeks", o.wasm_greeks_ns, o.native_greeks_ns),
		(
			"risk array of one series, 33 scenarios + 3",
			o.wasm_risk_array_ns,
			o.native_risk_array_ns,
		),
		("margins of 20 options from arrays", o.wasm_margin_20_legs_ns, o.native_margin_20_legs_ns),
		(
			"margins of 128 options from arrays",
			o.wasm_margin_128_legs_ns,
			o.native_margin_128_legs_ns,
		),
	];
	for (name, wasm, native) in times {
		let _ = writeln!(text, "{name:<44} {wasm:>12.1} {native:>12.1}");
	}
	let r = &output.ratios;
	let _ = writeln!(text, "\n{:<44} {:>12} {:>12}", "ratio in Wasm", "measured", "limit");
	let ratios = [
		("call and put / f64 libm", r.call_put_to_f64_libm, "<= 4"),
		("fixed_analytics / call and put", r.fixed_analytics_to_call_put, ">= 400"),
		("  rational N(x)", r.fixed_analytics_rational_to_call_put, ""),
		("risk array / call and put", r.risk_array_to_call_put, "<= 40"),
		("margins of 20 options / call and put", r.margin_20_legs_to_call_put, "<= 60"),
		("margins of 128 options / call and put", r.margin_128_legs_to_call_put, "<= 300"),
	];
	for (name, ratio, limit) in ratios {
		let _ = writeln!(text, "{name:<44} {ratio:>12.2} {limit:>12}");
	}
	let _ = writeln!(
		text,
		"\n{:<44} {:>12} {:>12}",
		"largest error over the vectors", "measured", "limit"
	);
	let _ = writeln!(
		text,
		"{:<44} {:>12.2e} {:>12}",
		"price, of the forward", o.max_price_error, "< 1e-9"
	);
	let _ = writeln!(
		text,
		"{:<44} {:>12.4} {:>12}",
		"margin, of its tolerance", o.max_margin_error_ratio, "<= 1"
	);
	text
}
