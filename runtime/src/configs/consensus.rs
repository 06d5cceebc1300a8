// SPDX-License-Identifier: Apache-2.0

//! Who authors and finalizes, and what happens to those who cheat.

use crate::{
	constants::{currency, time},
	opaque::SessionKeys,
	weights, AccountId, Aura, Authorship, Balance, Balances, Historical, Offences, Runtime,
	RuntimeEvent, Session, Validators,
};
use frame_support::{
	parameter_types,
	traits::{ConstBool, ConstU32, ConstU64, FindAuthor, KeyOwnerProofSystem},
};
use frame_system::EnsureRoot;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::{
	traits::{ConvertInto, OpaqueKeys},
	ConsensusEngineId,
};

/// Most validators: bounds Aura, GRANDPA and the validator set alike.
pub type MaxValidators = ConstU32<100>;

parameter_types! {
	pub const SessionKeyDeposit: Balance = currency::deposit(1, 64);
	/// Sessions for which an equivocation can be reported: about a day at the default length.
	pub const ReportLongevity: u64 = 144;
	/// The same, as the number of GRANDPA set changes that are remembered.
	pub const MaxSetIdSessionEntries: u64 = 144;
}

impl pallet_aura::Config for Runtime {
	type AuthorityId = AuraId;
	type DisabledValidators = Session;
	type MaxAuthorities = MaxValidators;
	type AllowMultipleBlocksPerSlot = ConstBool<false>;
	// A constant, so that no setting of another pallet can move it.
	type SlotDuration = ConstU64<{ time::SLOT_MILLIS }>;
}

/// Aura names the author by its place among the validators of the session; this turns it into the
/// validator's account.
pub struct AuraAccount;

impl FindAuthor<AccountId> for AuraAccount {
	fn find_author<'a, I>(digests: I) -> Option<AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		let index = Aura::find_author(digests)?;
		pallet_session::Validators::<Runtime>::get().get(index as usize).cloned()
	}
}

impl pallet_authorship::Config for Runtime {
	type FindAuthor = AuraAccount;
	type EventHandler = ();
}

impl pallet_validators::Config for Runtime {
	type ManageOrigin = EnsureRoot<AccountId>;
	type MaxValidators = MaxValidators;
	type MinValidators = ConstU32<1>;
	// Ten minutes: short enough to rotate keys in an emergency.
	type DefaultSessionLength = ConstU32<{ 10 * time::MINUTES }>;
	type WeightInfo = weights::pallet_validators::WeightInfo<Runtime>;
}

impl pallet_session::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type ShouldEndSession = pallet_validators::EndedByValidators;
	type NextSessionRotation = Validators;
	type SessionManager = pallet_session::historical::NoteHistoricalRoot<Runtime, Validators>;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type Keys = SessionKeys;
	type DisablingStrategy = pallet_session::disabling::UpToLimitDisablingStrategy;
	type WeightInfo = weights::pallet_session::WeightInfo<Runtime>;
	type Currency = Balances;
	type KeyDeposit = SessionKeyDeposit;
}

impl pallet_session::historical::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type FullIdentification = ();
	type FullIdentificationOf = pallet_validators::UnitIdentificationOf;
}

impl pallet_offences::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type IdentificationTuple = pallet_session::historical::IdentificationTuple<Self>;
	type OnOffenceHandler = Validators;
}

impl pallet_grandpa::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::grandpa_reports::WeightInfo<Runtime>;
	type MaxAuthorities = MaxValidators;
	// Nobody nominates here: validators are chosen by governance.
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type KeyOwnerProof = <Historical as KeyOwnerProofSystem<(
		sp_core::crypto::KeyTypeId,
		pallet_grandpa::AuthorityId,
	)>>::Proof;
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
}

/// The account that authors this block, if its digest says so.
pub fn block_author() -> Option<AccountId> {
	Authorship::author()
}
