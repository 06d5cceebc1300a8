// SPDX-License-Identifier: Apache-2.0
//! Random books from a seed. Floats only choose inputs; every input is an integer before it is used.

use super::*;
use ballast_pricing::Real;

pub struct Random(u64);

impl Random {
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// SplitMix64.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	pub fn within(&mut self, low: i64, high: i64) -> i64 {
		low + (self.bits() % (high - low + 1) as u64) as i64
	}

	pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
		low + (high - low) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
	}

	pub fn chance(&mut self, percent: u64) -> bool {
		self.bits() % 100 < percent
	}

	/// A number that is often at an end of its type.
	pub fn extreme(&mut self) -> i64 {
		match self.bits() % 8 {
			0 => i64::MIN,
			1 => i64::MAX,
			2 => self.within(-2, 2),
			3 => self.bits() as i64,
			_ => (self.bits() as i64) >> (self.bits() % 64),
		}
	}
}

fn real_of(value: f64) -> Real {
	Real::from_ppb((value * 1e9) as i64).unwrap()
}

fn usd(value: f64) -> Price {
	Price::from_pico_usd((value * 1e12) as i64).unwrap()
}

pub fn random_svi(random: &mut Random, tau: f64, forward: f64) -> SviSlice {
	let level = random.uniform(0.3, 1.2);
	let b = random.uniform(0.02, 0.4) * tau.sqrt();
	let sigma = random.uniform(0.02, 0.4);
	let (rho, m) = (random.uniform(-0.7, 0.5), random.uniform(-0.15, 0.15));
	let a = (level * level * tau - b * sigma * (1.0 - rho * rho).sqrt()).max(1e-6);
	let [a, b, rho, m, sigma] = [a, b, rho, m, sigma].map(real_of);
	SviSlice::new(a, b, rho, m, sigma, usd(forward), real_of(tau)).unwrap()
}

fn random_expiry(random: &mut Random, spot: f64) -> Expiry {
	let seconds = 10f64.powf(random.uniform(1.0, 7.6)) as u32;
	let tau = f64::from(seconds.max(600)) / 31_536_000.0;
	let forward = spot * (1.0 + random.uniform(-0.02, 0.12) * tau);
	let mut confidence =
		|| Ppb([1_000_000_000, 950_000_000, 400_000_000][random.bits() as usize % 3]);
	Expiry {
		seconds,
		forward: usd(forward),
		forward_confidence: confidence(),
		rate_confidence: confidence(),
		vol_confidence: confidence(),
		rate: Ppb(random.within(-20_000_000, 200_000_000)),
		svi: random_svi(random, tau, forward),
	}
}

impl PortfolioCase {
	pub fn random(seed: u64) -> Self {
		let mut random = Random::new(seed);
		let spot = 10f64.powf(random.uniform(-0.3, 5.2));
		let expiries: Vec<_> =
			(0..random.within(1, 4)).map(|_| random_expiry(&mut random, spot)).collect();
		let series: Vec<_> = (0..random.within(1, 10))
			.map(|_| Series {
				expiry: random.within(0, expiries.len() as i64 - 1) as u8,
				strike: usd((spot * random.uniform(0.3, 2.2) * 100.0).round() / 100.0),
				kind: [OptionKind::Call, OptionKind::Put][random.bits() as usize % 2],
			})
			.collect();
		let options = (0..series.len() as u16)
			.map(|series| Position { series, lots: random.within(-3_000, 3_000) })
			.collect();
		let mut case = Self {
			parameters: PortfolioParameters::DEFAULT,
			scenarios: DEFAULT_SCENARIOS.to_vec(),
			market: Market {
				spot: usd(spot),
				spot_confidence: Ppb(if random.chance(20) { 300_000_000 } else { 1_000_000_000 }),
				quote_price: Ppb(random.within(960_000_000, 1_010_000_000)),
			},
			expiries,
			contexts: Vec::new(),
			terms: Vec::new(),
			series,
			entries: Vec::new(),
			options,
			perpetual: Perpetual::NONE,
			collateral: Vec::new(),
			cash: i128::from(random.within(-1_000_000_000_000, 1_000_000_000_000)),
		};
		if random.chance(50) {
			case.perpetual = random_perpetual(&mut random, spot);
		}
		for hedges_spot in [true, false] {
			if random.chance(30) {
				case.collateral.push(random_collateral(&mut random, spot, hedges_spot));
			}
		}
		case.price();
		case
	}

	/// The same market with interest at zero and every discount at one.
	pub fn without_discounts(mut self) -> Self {
		self.parameters.discount_long = Ppb::ONE;
		self.parameters.discount_long_add = Ppb::ZERO;
		for expiry in &mut self.expiries {
			expiry.rate = Ppb::ZERO;
		}
		self.price();
		self
	}

	pub fn margin(&self) -> Margin {
		self.model().margin(&self.account(&self.arrays())).unwrap()
	}

	pub fn report(&self) -> PortfolioReport {
		self.model().report(&self.account(&self.arrays())).unwrap()
	}
}

fn random_perpetual(random: &mut Random, spot: f64) -> Perpetual {
	Perpetual {
		lots: random.within(-2_000, 2_000),
		price: usd(spot * random.uniform(0.99, 1.01)),
		confidence: Ppb(random.within(0, 1_000_000_000)),
		unrealised_pnl: i128::from(random.within(-1_000_000_000, 1_000_000_000)),
		unrealised_funding: i128::from(random.within(-1_000_000, 1_000_000)),
	}
}

fn random_collateral(random: &mut Random, spot: f64, hedges_spot: bool) -> Collateral {
	Collateral {
		amount: random.within(0, 20_000_000_000) as u64,
		units_per_token: 1_000_000_000,
		price: usd(spot * random.uniform(0.97, 1.1)),
		confidence: Ppb(random.within(0, 1_000_000_000)),
		hedges_spot,
		haircut_initial: Ppb(15_000_000),
		haircut_maintenance: Ppb(30_000_000),
	}
}

/// An order on a random series of the case, near its mark.
pub fn random_order(random: &mut Random, case: &PortfolioCase) -> Order {
	let series = random.within(0, case.series.len() as i64 - 1) as u16;
	let mark = case.arrays().get(usize::from(series)).unwrap()[MARK];
	Order {
		series,
		side: if random.chance(50) { Side::Buy } else { Side::Sell },
		lots: random.within(1, 3_000),
		price: Price::from_pico_usd((mark as f64 * random.uniform(0.8, 1.2)) as i64).unwrap(),
		fee: i128::from(random.within(0, 1_000_000)),
	}
}
