// SPDX-License-Identifier: Apache-2.0

//! Raw SVI slices, and how to make new ones that stay free of arbitrage.

/// A raw SVI slice, `w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))`: total variance by
/// `k = ln(strike / forward)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RawSvi {
	/// Level of total variance.
	pub a: f64,
	/// Slope of the wings.
	pub b: f64,
	/// Correlation, between -1 and 1.
	pub rho: f64,
	/// Centre, in log-moneyness.
	pub m: f64,
	/// Smoothness of the vertex.
	pub sigma: f64,
}

/// Largest size of `a`, `b`, `m` and `sigma`: what the chain accepts.
const MAX_PARAMETER: f64 = 16.0;

/// Steps of the numeric checks on each side of the money, and how many total volatilities they reach.
const CHECK_STEPS: i32 = 40;
const CHECK_REACH: f64 = 6.0;
/// Steps of the numeric checks between two slices.
const BLEND_STEPS: i32 = 8;

impl RawSvi {
	/// A slice of the surface SSVI (Gatheral and Jacquier, 2014) with
	/// `phi = eta / sqrt(theta (1 + theta))`, where `theta` is the total variance at the money.
	///
	/// For `eta (1 + |rho|) <= 2` no slice has butterfly arbitrage, and slices of the same `rho` and `eta`
	/// have no calendar arbitrage as long as `theta` grows with time (their remark 4.4).
	pub fn ssvi(theta: f64, rho: f64, eta: f64) -> Self {
		let phi = eta / (theta * (1.0 + theta)).sqrt();
		let complement = 1.0 - rho * rho;
		Self {
			a: theta / 2.0 * complement,
			b: theta * phi / 2.0,
			rho,
			m: -rho / phi,
			sigma: complement.sqrt() / phi,
		}
	}

	/// Says what the chain would refuse.
	pub fn validate(&self) -> Result<(), String> {
		let Self { a, b, rho, m, sigma } = *self;
		for (name, value) in [("a", a), ("b", b), ("m", m), ("sigma", sigma)] {
			if !(-MAX_PARAMETER..=MAX_PARAMETER).contains(&value) {
				return Err(format!("svi.{name} is {value}, not within -16 and 16"));
			}
		}
		if b < 0.0 {
			return Err(format!("svi.b is {b}, below zero"));
		}
		if !(rho > -1.0 && rho < 1.0) {
			return Err(format!("svi.rho is {rho}, not between -1 and 1"));
		}
		if sigma <= 0.0 {
			return Err(format!("svi.sigma is {sigma}, not above zero"));
		}
		let least = a + b * sigma * (1.0 - rho * rho).sqrt();
		if least < 0.0 {
			return Err(format!("the slice's least total variance is {least}, below zero"));
		}
		Ok(())
	}

	/// Total variance at `k = ln(strike / forward)`.
	pub fn total_variance(&self, k: f64) -> f64 {
		let x = k - self.m;
		self.a + self.b * (self.rho * x + (x * x + self.sigma * self.sigma).sqrt())
	}

	/// The slice of another time, `ratio` times as long, whose smile is the same in standard deviations:
	/// `w'(k) = ratio w(k / sqrt(ratio))`.
	///
	/// For a slice free of butterflies total variance grows with `ratio` at every strike (Fukasawa: then
	/// `k w' < 2 w`), and every shorter slice is free of butterflies too, because the condition loses
	/// only its term `-ratio w'^2 / 16`. Far longer ones may not be.
	pub fn stretched(&self, ratio: f64) -> Self {
		let root = ratio.sqrt();
		Self {
			a: self.a * ratio,
			b: self.b * root,
			rho: self.rho,
			m: self.m * root,
			sigma: self.sigma * root,
		}
	}

	/// The slice at `share` of the way from an `earlier` to a `later` one; increasing in `share` and free
	/// of butterflies if both slices are so.
	///
	/// The asymptotes of both wings and the total variance at the money are interpolated linearly, which
	/// makes one raw SVI slice. Where that would cross a neighbour or bend the wrong way, it is the later
	/// slice scaled down instead.
	pub fn between(earlier: &Self, later: &Self, share: f64) -> Self {
		match Self::mixed(earlier, later, share) {
			Some(slice) if Self::mixes(earlier, later) => slice,
			_ => Self::scaled(earlier, later, share),
		}
	}

	fn mixed(earlier: &Self, later: &Self, share: f64) -> Option<Self> {
		let mix = |of: fn(&Self) -> f64| (1.0 - share) * of(earlier) + share * of(later);
		let b = mix(|s| s.b);
		let rho = mix(|s| s.b * s.rho) / b;
		let m = mix(|s| s.b * s.m) / b;
		let a = mix(|s| s.a - s.b * s.rho * s.m) + b * rho * m;
		// What the root has to be at the money for the total variance there to be the mean of both.
		let root = (mix(|s| s.total_variance(0.0)) - a) / b + rho * m;
		let sigma = (root * root - m * m).sqrt();
		let slice = Self { a, b, rho, m, sigma };
		(root > 0.0 && slice.validate().is_ok()).then_some(slice)
	}

	/// Whether every mixture is above the one before, from the earlier slice to the later, and free of
	/// butterflies.
	fn mixes(earlier: &Self, later: &Self) -> bool {
		let strikes: Vec<f64> = later.check_strikes().collect();
		let mut last = *earlier;
		(1..=BLEND_STEPS).all(|step| {
			let next = match Self::mixed(earlier, later, f64::from(step) / f64::from(BLEND_STEPS)) {
				Some(slice) => slice,
				None => return false,
			};
			let grows = strikes.iter().all(|k| {
				next.total_variance(*k) >= last.total_variance(*k) && next.density(*k) >= 0.0
			});
			last = next;
			grows
		})
	}

	/// The later slice times a factor that grows to one. The condition against butterflies is concave in
	/// that factor and holds at zero and one, so it holds between.
	fn scaled(earlier: &Self, later: &Self, share: f64) -> Self {
		let ratio = |k| earlier.total_variance(k) / later.total_variance(k);
		let least = later.check_strikes().map(ratio).fold(0.0, f64::max).min(1.0);
		let factor = least + (1.0 - least) * share;
		Self { a: later.a * factor, b: later.b * factor, ..*later }
	}

	/// Log-moneyness on both sides of the money, as far as options can be worth anything.
	fn check_strikes(&self) -> impl Iterator<Item = f64> {
		let width = CHECK_REACH * self.total_variance(0.0).max(0.0).sqrt() / f64::from(CHECK_STEPS);
		(-CHECK_STEPS..=CHECK_STEPS).map(move |step| f64::from(step) * width)
	}

	/// Gatheral's `g(k)`: the sign of the risk-neutral density at `k`. Below zero is a butterfly.
	pub fn density(&self, k: f64) -> f64 {
		let x = k - self.m;
		let root = (x * x + self.sigma * self.sigma).sqrt();
		let w = self.total_variance(k);
		let slope = self.b * (self.rho + x / root);
		let curvature = self.b * self.sigma * self.sigma / (root * root * root);
		let first = 1.0 - k * slope / (2.0 * w);
		first * first - slope * slope / 4.0 * (1.0 / w + 0.25) + curvature / 2.0
	}
}
