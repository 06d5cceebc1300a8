// SPDX-License-Identifier: Apache-2.0

//! The block as the node sees it: it routes transactions without knowing what they say.

/// Types of a block whose transactions are opaque bytes, and the session keys.
pub mod opaque {
	use crate::{Aura, Grandpa, Header};
	use alloc::vec::Vec;
	use sp_runtime::{generic, impl_opaque_keys};

	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;

	/// A block whose transactions are bytes.
	pub type Block = generic::Block<Header, UncheckedExtrinsic>;
	/// Number or hash of a block.
	pub type BlockId = generic::BlockId<Block>;

	impl_opaque_keys! {
		/// What a validator signs with: blocks with Aura, finality votes with GRANDPA.
		pub struct SessionKeys {
			/// Signs blocks.
			pub aura: Aura,
			/// Signs finality votes.
			pub grandpa: Grandpa,
		}
	}
}
