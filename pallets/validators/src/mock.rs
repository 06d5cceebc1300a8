// SPDX-License-Identifier: Apache-2.0

//! A chain of this pallet and `pallet-session`, with numbers as accounts.

use crate as pallet_validators;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, OnInitialize},
};
use frame_system::EnsureRoot;
use sp_runtime::{
	impl_opaque_keys, testing::UintAuthorityId, traits::ConvertInto, BuildStorage, RuntimeAppPublic,
};
use sp_staking::SessionIndex;

pub type AccountId = u64;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeTask
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Validators = pallet_validators;
	#[runtime::pallet_index(3)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(4)]
	pub type Historical = pallet_session::historical;
}

impl_opaque_keys! {
	pub struct Keys {
		pub dummy: UintAuthorityId,
	}
}

impl From<UintAuthorityId> for Keys {
	fn from(dummy: UintAuthorityId) -> Self {
		Keys { dummy }
	}
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl pallet_validators::Config for Test {
	type ManageOrigin = EnsureRoot<AccountId>;
	type MaxValidators = ConstU32<4>;
	type MinValidators = ConstU32<2>;
	type DefaultSessionLength = ConstU64<5>;
	type WeightInfo = ();
}

/// Takes the validators' keys as a consensus pallet would.
pub struct Handler;

impl pallet_session::SessionHandler<AccountId> for Handler {
	const KEY_TYPE_IDS: &'static [sp_runtime::KeyTypeId] = &[UintAuthorityId::ID];

	fn on_genesis_session<T: sp_runtime::traits::OpaqueKeys>(_validators: &[(AccountId, T)]) {}

	fn on_new_session<T: sp_runtime::traits::OpaqueKeys>(
		_changed: bool,
		_validators: &[(AccountId, T)],
		_queued: &[(AccountId, T)],
	) {
	}

	fn on_disabled(_index: u32) {}
}

parameter_types! {
	pub const KeyDeposit: u64 = 0;
}

impl pallet_session::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = pallet_validators::EndedByValidators;
	type NextSessionRotation = Validators;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Test, Validators>;
	type SessionHandler = Handler;
	type Keys = Keys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type WeightInfo = ();
	type Currency = Balances;
	type KeyDeposit = KeyDeposit;
}

impl pallet_session::historical::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = pallet_validators::UnitIdentificationOf;
}

/// Builds a chain whose validators are 1, 2, ... and checks the invariants after each test.
pub struct TestExt {
	validators: u64,
	candidates: u64,
}

impl TestExt {
	pub fn new() -> Self {
		TestExt { validators: 3, candidates: 0 }
	}

	pub fn validators(mut self, count: u64) -> Self {
		self.validators = count;
		self
	}

	/// Accounts with session keys that are not validators: those after the validators.
	pub fn candidates(mut self, count: u64) -> Self {
		self.candidates = count;
		self
	}

	pub fn execute_with(self, test: impl FnOnce()) {
		let key = |id: u64| (id, id, Keys::from(UintAuthorityId(id)));
		let last = self.validators + self.candidates;
		let genesis = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: (1..=last).map(|id| (id, 1_000)).collect(),
				..Default::default()
			},
			validators: pallet_validators::GenesisConfig {
				validators: (1..=self.validators).collect(),
				session_length: None,
			},
			session: pallet_session::GenesisConfig {
				keys: (1..=self.validators).map(key).collect(),
				non_authority_keys: (self.validators + 1..=last).map(key).collect(),
			},
			..Default::default()
		};
		let mut ext: sp_io::TestExternalities =
			genesis.build_storage().expect("the genesis is valid").into();
		ext.execute_with(|| {
			System::set_block_number(1);
			test();
			Validators::do_try_state().expect("the invariants hold after each test");
		});
	}
}

/// Runs the hooks of the blocks up to `session`.
pub fn advance_to_session(session: SessionIndex) {
	while Session::current_index() < session {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Validators::on_initialize(next);
		Session::on_initialize(next);
	}
}
