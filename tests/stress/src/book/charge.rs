// SPDX-License-Identifier: Apache-2.0
//! Charges on top of the scenarios, and books on chains that go without them.

use super::Seeded;
use crate::chain::Chain;
use ballast_exchange::Ppb;
use ballast_runtime::Runtime;
use clap::ValueEnum;
use pallet_liquidation::{Parameters, ParametersInForce};

/// What conditions of the chain and of its markets add to margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Charge {
	/// The move that nobody escapes while the chain is late: of maintenance margin too.
	Delay,
	/// Volatility over its long mean: of initial margin.
	Multiplier,
	/// A large share of a series: of initial margin.
	Concentration,
}

impl Charge {
	/// Sets the parameter to zero that scales it.
	fn waive(self, parameters: &mut Parameters) {
		match self {
			Self::Delay => parameters.delay.z = Ppb::ZERO,
			Self::Multiplier => parameters.multiplier.slope = Ppb::ZERO,
			Self::Concentration => parameters.concentration.charge = Ppb::ZERO,
		}
	}
}

impl Seeded {
	/// The same book on a chain without these charges.
	pub fn waive(&mut self, charges: &[Charge]) {
		if charges.is_empty() {
			return;
		}
		let mut chain = Chain::new(std::mem::take(&mut self.storage));
		chain.execute(|| {
			ParametersInForce::<Runtime>::mutate(|it| {
				charges.iter().for_each(|charge| charge.waive(it));
			});
		});
		self.storage = chain.into_storage();
	}
}
