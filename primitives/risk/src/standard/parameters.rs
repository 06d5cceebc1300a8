// SPDX-License-Identifier: Apache-2.0
//! Parameters of standard margin.

use crate::parameters::parameters;
use crate::{ParameterError, Ppb};

parameters! {
	/// Parameters of standard margin for one underlying. Ratios in parts per billion.
	StandardParameters, StandardParameter, Standard;
	/// Maintenance charge on perpetual notional.
	perpetual_maintenance: Ppb = Ppb(65_000_000), PerpetualMaintenance in 0, 1_000_000_000;
	/// Initial charge on perpetual notional.
	perpetual_initial: Ppb = Ppb(100_000_000), PerpetualInitial in 0, 1_000_000_000;
	/// Confidence under which an input is charged for.
	confidence_threshold: Ppb = Ppb(550_000_000), ConfidenceThreshold in 0, 1_000_000_000;
	/// Charge on notional per unit of missing confidence.
	confidence_margin: Ppb = Ppb(1_000_000_000), ConfidenceMargin in 0, 2_000_000_000;
	/// Part of the worth of base asset that counts for maintenance.
	base_factor: Ppb = Ppb(800_000_000), BaseFactor in 0, 1_000_000_000;
	/// Part of that maintenance worth that counts for initial margin.
	base_initial_scale: Ppb = Ppb(937_500_000), BaseInitialScale in 0, 1_000_000_000;
	/// Initial charge of an at-the-money short option, of spot.
	spot_max: Ppb = Ppb(150_000_000), SpotMax in 0, 1_000_000_000;
	/// Least initial charge of a short option, of spot.
	spot_min: Ppb = Ppb(130_000_000), SpotMin in 0, 1_000_000_000;
	/// Maintenance charge of a short call, of spot.
	call_maintenance: Ppb = Ppb(90_000_000), CallMaintenance in 0, 1_000_000_000;
	/// Maintenance charge of a short put, of spot.
	put_maintenance: Ppb = Ppb(90_000_000), PutMaintenance in 0, 1_000_000_000;
	/// Maintenance charge of a short put, of its value.
	put_mark_maintenance: Ppb = Ppb(90_000_000), PutMarkMaintenance in 0, 5_000_000_000;
	/// Least initial requirement of a short put, of its maintenance requirement.
	put_initial_scale: Ppb = Ppb(1_050_000_000), PutInitialScale in 1_000_000_000, 4_000_000_000;
	/// Initial charge of a call sold without a bought one, of the forward.
	unpaired_initial: Ppb = Ppb(1_200_000_000), UnpairedInitial in 0, 4_000_000_000;
	/// Maintenance charge of a call sold without a bought one, of the forward.
	unpaired_maintenance: Ppb = Ppb(1_100_000_000), UnpairedMaintenance in 0, 4_000_000_000;
	/// Quote price under which the settlement asset counts as off its peg.
	peg_threshold: Ppb = Ppb(990_000_000), PegThreshold in 0, 1_000_000_000;
	/// Initial charge on sold options and perpetuals per unit of quote price under the threshold.
	peg_factor: Ppb = Ppb(2_000_000_000), PegFactor in 0, 20_000_000_000;
}

impl StandardParameters {
	/// Refuses the first parameter that is outside its range, and requirements out of order
	/// (`spot_min` above `spot_max`, maintenance above initial).
	pub fn validate(&self) -> Result<(), ParameterError> {
		use StandardParameter as P;
		self.check_ranges()?;
		if self.spot_min > self.spot_max
			|| self.perpetual_maintenance > self.perpetual_initial
			|| self.unpaired_maintenance > self.unpaired_initial
		{
			return Err(ParameterError::Standard(P::Inconsistent));
		}
		Ok(())
	}
}
