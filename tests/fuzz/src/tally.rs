// SPDX-License-Identifier: Apache-2.0
//! Counts what inputs reach: calls with their outcome, events. A fuzzer that gets nothing accepted finds nothing.

use ballast_runtime::{RuntimeCall, RuntimeEvent};
use codec::Encode;
use scale_info::{form::MetaForm, MetaType, TypeDef, TypeInfo, Variant};
use std::{collections::BTreeMap, fmt::Write};

/// Pallet and variant, as they are encoded.
type Name = [u8; 2];

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
	/// In the block, and its call succeeded.
	Done,
	/// In the block, and its call failed.
	Failed,
	/// Not in the block.
	Refused,
}

/// The counts of a process.
#[derive(Debug)]
pub struct Tally {
	inputs: u64,
	blocks: u64,
	calls: BTreeMap<Name, [u64; 3]>,
	events: BTreeMap<Name, u64>,
}

impl Tally {
	/// Nothing yet.
	pub const fn new() -> Self {
		Self { inputs: 0, blocks: 0, calls: BTreeMap::new(), events: BTreeMap::new() }
	}

	/// An input has ended. How many there were.
	pub fn input(&mut self) -> u64 {
		self.inputs += 1;
		self.inputs
	}

	/// A block with these events has ended.
	pub fn block(&mut self, events: impl Iterator<Item = RuntimeEvent>) {
		self.blocks += 1;
		for event in events {
			*self.events.entry(name(&event)).or_default() += 1;
		}
	}

	/// A transaction; what sudo calls is counted as well, with the outcome of the call of sudo.
	pub fn call(&mut self, call: &RuntimeCall, outcome: Outcome) {
		self.calls.entry(name(call)).or_default()[outcome as usize] += 1;
		if let RuntimeCall::Sudo(pallet_sudo::Call::sudo { call }) = call {
			self.call(call, outcome);
		}
	}

	/// The counts as a table.
	pub fn table(&self) -> String {
		let mut table = format!("{} inputs, {} blocks\n\n", self.inputs, self.blocks);
		let _ = writeln!(table, "{:>10} {:>10} {:>10}  call", "done", "failed", "refused");
		for (name, [done, failed, refused]) in &self.calls {
			let title = title::<RuntimeCall>(*name);
			let _ = writeln!(table, "{done:>10} {failed:>10} {refused:>10}  {title}");
		}
		let _ = writeln!(table, "\n{:>10}  event", "count");
		for (name, count) in &self.events {
			let _ = writeln!(table, "{count:>10}  {}", title::<RuntimeEvent>(*name));
		}
		table
	}
}

impl Default for Tally {
	fn default() -> Self {
		Self::new()
	}
}

fn name(value: &impl Encode) -> Name {
	let encoded = value.encode();
	[encoded.first().copied().unwrap_or(0), encoded.get(1).copied().unwrap_or(0)]
}

/// What a pallet's call or event is called.
fn title<T: TypeInfo + 'static>([pallet, variant]: Name) -> String {
	let Some(pallet) = variant_of(MetaType::new::<T>(), pallet) else { return "?".into() };
	let inner = pallet.fields.first().and_then(|field| variant_of(field.ty, variant));
	format!("{}.{}", pallet.name, inner.map_or("?", |inner| inner.name))
}

fn variant_of(of: MetaType, index: u8) -> Option<Variant<MetaForm>> {
	match of.type_info().type_def {
		TypeDef::Variant(it) => it.variants.into_iter().find(|variant| variant.index == index),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn tally_should_name_what_it_counts_when_root_calls() {
		let mut tally = Tally::new();
		let call = Box::new(frame_system::Call::remark { remark: vec![] }.into());
		tally.call(&pallet_sudo::Call::sudo { call }.into(), Outcome::Failed);
		tally.block(
			[frame_system::Event::CodeUpdated { hash: Default::default() }.into()].into_iter(),
		);
		let table = tally.table();
		for line in
			["0          1          0  System.remark", "  Sudo.sudo", "1  System.CodeUpdated"]
		{
			assert!(table.contains(line), "{line} in:\n{table}");
		}
	}
}
