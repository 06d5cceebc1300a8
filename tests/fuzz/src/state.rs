// SPDX-License-Identifier: Apache-2.0
//! The state that blocks are executed on: a map in memory that forgets what an input did.
//!
//! No trie: what the runtime writes decides nothing by its root, and roots would take most of the time.

use sp_core::storage::{ChildInfo, StateVersion, Storage, TrackedStorageKey};
use sp_externalities::{Error, Extension, ExtensionStore, Externalities, MultiRemovalResults};
use sp_state_machine::BasicExternalities;
use std::any::{Any, TypeId};

/// The root of every state.
const ROOT: [u8; 32] = [0; 32];

/// The state.
pub struct State(BasicExternalities);

impl State {
	/// The state with these entries.
	pub fn new(storage: Storage) -> Self {
		Self(BasicExternalities::new(storage))
	}

	/// Runs on this state and keeps what it does.
	pub fn keep<R>(&mut self, run: impl FnOnce() -> R) -> R {
		sp_externalities::set_and_run_with_externalities(self, run)
	}

	/// Runs on this state and undoes what it did. After a panic the state is not to be used again.
	pub fn undo<R>(&mut self, run: impl FnOnce() -> R) -> R {
		self.0.storage_start_transaction();
		let result = self.keep(run);
		self.0.storage_rollback_transaction().expect("every layer above was closed");
		result
	}

	/// The first key with a prefix.
	fn first_of(&mut self, prefix: &[u8]) -> Option<Vec<u8>> {
		if self.0.storage(prefix).is_some() {
			return Some(prefix.to_vec());
		}
		self.0.next_storage_key(prefix).filter(|key| key.starts_with(prefix))
	}
}

impl Externalities for State {
	fn storage_root(&mut self, _: StateVersion) -> Vec<u8> {
		ROOT.to_vec()
	}

	fn child_storage_root(&mut self, _: &ChildInfo, _: StateVersion) -> Vec<u8> {
		ROOT.to_vec()
	}

	fn set_offchain_storage(&mut self, key: &[u8], value: Option<&[u8]>) {
		self.0.set_offchain_storage(key, value);
	}

	fn storage(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.0.storage(key)
	}

	fn storage_hash(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.0.storage_hash(key)
	}

	fn child_storage_hash(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.0.child_storage_hash(child, key)
	}

	fn child_storage(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.0.child_storage(child, key)
	}

	fn next_storage_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.0.next_storage_key(key)
	}

	fn next_child_storage_key(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.0.next_child_storage_key(child, key)
	}

	fn kill_child_storage(
		&mut self,
		child: &ChildInfo,
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.0.kill_child_storage(child, limit, cursor)
	}

	/// Keeps to the limit, as a database does: the map below would remove everything.
	fn clear_prefix(
		&mut self,
		prefix: &[u8],
		limit: Option<u32>,
		_: Option<&[u8]>,
	) -> MultiRemovalResults {
		let mut count = 0;
		let mut key = self.first_of(prefix);
		while limit.is_none_or(|limit| count < limit) {
			let Some(found) = key else { break };
			self.0.place_storage(found, None);
			count += 1;
			key = self.first_of(prefix);
		}
		let maybe_cursor = self.first_of(prefix);
		MultiRemovalResults { maybe_cursor, backend: count, unique: count, loops: count }
	}

	fn clear_child_prefix(
		&mut self,
		child: &ChildInfo,
		prefix: &[u8],
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.0.clear_child_prefix(child, prefix, limit, cursor)
	}

	fn place_storage(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.0.place_storage(key, value);
	}

	fn place_child_storage(&mut self, child: &ChildInfo, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.0.place_child_storage(child, key, value);
	}

	fn storage_append(&mut self, key: Vec<u8>, value: Vec<u8>) {
		self.0.storage_append(key, value);
	}

	fn storage_start_transaction(&mut self) {
		self.0.storage_start_transaction();
	}

	fn storage_rollback_transaction(&mut self) -> Result<(), ()> {
		self.0.storage_rollback_transaction()
	}

	fn storage_commit_transaction(&mut self) -> Result<(), ()> {
		self.0.storage_commit_transaction()
	}

	fn wipe(&mut self) {
		self.0.wipe();
	}

	fn commit(&mut self) {
		self.0.commit();
	}

	fn read_write_count(&self) -> (u32, u32, u32, u32) {
		self.0.read_write_count()
	}

	fn reset_read_write_count(&mut self) {
		self.0.reset_read_write_count();
	}

	fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
		self.0.get_whitelist()
	}

	fn set_whitelist(&mut self, keys: Vec<TrackedStorageKey>) {
		self.0.set_whitelist(keys);
	}

	fn get_read_and_written_keys(&self) -> Vec<(Vec<u8>, u32, u32, bool)> {
		self.0.get_read_and_written_keys()
	}
}

impl ExtensionStore for State {
	fn extension_by_type_id(&mut self, id: TypeId) -> Option<&mut dyn Any> {
		self.0.extension_by_type_id(id)
	}

	fn register_extension_with_type_id(
		&mut self,
		id: TypeId,
		extension: Box<dyn Extension>,
	) -> Result<(), Error> {
		self.0.register_extension_with_type_id(id, extension)
	}

	fn deregister_extension_by_type_id(&mut self, id: TypeId) -> Result<(), Error> {
		self.0.deregister_extension_by_type_id(id)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::storage::unhashed;

	#[test]
	fn prefix_should_be_cleared_as_far_as_the_limit_goes_when_there_is_one() {
		let mut state = State::new(Storage::default());
		state.keep(|| {
			for key in [b"a1", b"a2", b"a3", b"b1"] {
				unhashed::put(key, &1u32);
			}
			let first = unhashed::clear_prefix(b"a", Some(2), None);
			assert_eq!((first.backend, first.maybe_cursor.is_some()), (2, true));
			let second = unhashed::clear_prefix(b"a", Some(2), None);
			assert_eq!((second.backend, second.maybe_cursor), (1, None));
			assert_eq!(unhashed::get::<u32>(b"b1"), Some(1));
		});
	}

	#[test]
	fn state_should_be_as_before_when_a_run_is_undone() {
		let mut state = State::new(Storage::default());
		state.keep(|| unhashed::put(b"kept", &1u32));
		state.undo(|| {
			unhashed::put(b"kept", &2u32);
			unhashed::put(b"new", &3u32);
			assert_eq!(unhashed::get::<u32>(b"new"), Some(3));
		});
		state.keep(|| {
			assert_eq!(unhashed::get::<u32>(b"kept"), Some(1));
			assert_eq!(unhashed::get::<u32>(b"new"), None);
		});
	}
}
