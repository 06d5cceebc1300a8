// SPDX-License-Identifier: Apache-2.0
//! The runtime API of a chain whose answers the tests make up: nothing here is run.

use sp_core::H256;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Block as BlockT, GetRuntimeBlockType},
	ApplyExtrinsicResult, ExtrinsicInclusionMode, OpaqueExtrinsic,
};
use sp_version::RuntimeVersion;

pub type Header = generic::Header<u32, BlakeTwo256>;
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
pub type Hash = H256;

#[allow(dead_code)] // The macro's code that would use it is never called.
pub struct Runtime;

impl GetRuntimeBlockType for Runtime {
	type RuntimeBlock = Block;
}

#[allow(dead_code)]
const NEVER: &str = "the tests answer in its place";

sp_api::impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			unreachable!("{NEVER}")
		}

		fn execute_block(_: <Block as BlockT>::LazyBlock) {
			unreachable!("{NEVER}")
		}

		fn initialize_block(_: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			unreachable!("{NEVER}")
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			unreachable!("{NEVER}")
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			unreachable!("{NEVER}")
		}

		fn inherent_extrinsics(_: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			unreachable!("{NEVER}")
		}

		fn check_inherents(_: <Block as BlockT>::LazyBlock, _: InherentData) -> CheckInherentsResult {
			unreachable!("{NEVER}")
		}
	}
}

/// As the runtime would say.
pub fn version() -> RuntimeVersion {
	RuntimeVersion { apis: RUNTIME_API_VERSIONS, ..Default::default() }
}
