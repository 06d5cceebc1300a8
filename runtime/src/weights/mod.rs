// SPDX-License-Identifier: Apache-2.0
//! bootstrap
use frame_support::{
	parameter_types,
	weights::{RuntimeDbWeight, Weight},
};
parameter_types! {
	pub const BlockExecutionWeight: Weight = Weight::from_parts(500_000_000, 0);
	pub const ExtrinsicBaseWeight: Weight = Weight::from_parts(100_000_000, 0);
	pub const ParityDbWeight: RuntimeDbWeight = RuntimeDbWeight { read: 8_000_000, write: 50_000_000 };
}
pub mod frame_system {
	pub use ::frame_system::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_assets {
	pub use ::pallet_assets::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_balances {
	pub use ::pallet_balances::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_migrations {
	pub use ::pallet_migrations::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_multisig {
	pub use ::pallet_multisig::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_preimage {
	pub use ::pallet_preimage::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_proxy {
	pub use ::pallet_proxy::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_safe_mode {
	pub use ::pallet_safe_mode::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_scheduler {
	pub use ::pallet_scheduler::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_session {
	pub use ::pallet_session::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_sudo {
	pub use ::pallet_sudo::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_timestamp {
	pub use ::pallet_timestamp::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_transaction_payment {
	pub use ::pallet_transaction_payment::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_tx_pause {
	pub use ::pallet_tx_pause::weights::SubstrateWeight as WeightInfo;
}
pub mod pallet_utility {
	pub use ::pallet_utility::weights::SubstrateWeight as WeightInfo;
}
pub mod frame_system_extensions {
	pub use ::frame_system::SubstrateExtensionsWeight as WeightInfo;
}
pub mod pallet_validators {
	pub struct WeightInfo<T>(core::marker::PhantomData<T>);
	impl<T> ::pallet_validators::WeightInfo for WeightInfo<T> {
		fn add_validator() -> frame_support::weights::Weight {
			frame_support::weights::Weight::from_parts(100_000_000, 0)
		}
		fn remove_validator() -> frame_support::weights::Weight {
			frame_support::weights::Weight::from_parts(100_000_000, 0)
		}
		fn set_session_length() -> frame_support::weights::Weight {
			frame_support::weights::Weight::from_parts(100_000_000, 0)
		}
	}
}
pub mod pallet_grandpa {
	pub struct WeightInfo<T>(core::marker::PhantomData<T>);
	impl<T> ::pallet_grandpa::WeightInfo for WeightInfo<T> {
		fn report_equivocation(a: u32, b: u32) -> frame_support::weights::Weight {
			<() as ::pallet_grandpa::WeightInfo>::report_equivocation(a, b)
		}
		fn note_stalled() -> frame_support::weights::Weight {
			<() as ::pallet_grandpa::WeightInfo>::note_stalled()
		}
	}
}
