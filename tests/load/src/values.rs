// SPDX-License-Identifier: Apache-2.0

//! Reads values that the chain's metadata describes.

use subxt::{
	dynamic::Value,
	ext::scale_value::{Composite, ValueDef},
};

/// Elements of a list; none of what is no list.
pub fn items(list: &Value) -> Vec<&Value> {
	let ValueDef::Composite(Composite::Unnamed(values)) = &list.value else {
		return Vec::new();
	};
	match values.as_slice() {
		// A bounded list is a composite of one field, the list.
		[Value { value: ValueDef::Composite(Composite::Unnamed(inner)), .. }] => {
			inner.iter().collect()
		},
		values => values.iter().collect(),
	}
}

/// A number that fits, signed in the metadata or not.
pub fn number(value: Option<&Value>) -> Option<u64> {
	let value = value?;
	match value.as_u128() {
		Some(number) => number.try_into().ok(),
		None => value.as_i128()?.try_into().ok(),
	}
}

/// A number with its sign, signed in the metadata or not.
pub fn signed(value: Option<&Value>) -> Option<i128> {
	let value = value?;
	value.as_i128().or_else(|| value.as_u128()?.try_into().ok())
}

/// Name of the variant of an enum.
pub fn variant(value: &Value) -> Option<&str> {
	match &value.value {
		ValueDef::Variant(variant) => Some(&variant.name),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn list(items: impl IntoIterator<Item = Value>) -> Value {
		Value::unnamed_composite(items)
	}

	#[test]
	fn items_should_be_found_in_plain_and_in_bounded_lists() {
		let record = || Value::named_composite([("a", Value::u128(1))]);
		assert_eq!(items(&list([record(), record()])).len(), 2);
		assert_eq!(items(&list([record()])), [&record()]);
		assert_eq!(items(&list([list([record(), record()])])).len(), 2);
		assert_eq!(items(&list([list([])])).len(), 0);
		assert_eq!(items(&Value::u128(1)).len(), 0);
	}

	#[test]
	fn numbers_should_be_read_whatever_their_sign() {
		assert_eq!(number(Some(&Value::u128(7))), Some(7));
		assert_eq!(number(Some(&Value::i128(7))), Some(7));
		assert_eq!(number(Some(&Value::i128(-7))), None);
		assert_eq!(number(Some(&Value::u128(u128::MAX))), None);
		assert_eq!(signed(Some(&Value::i128(-7))), Some(-7));
		assert_eq!(signed(Some(&Value::u128(7))), Some(7));
		assert_eq!(number(None), None);
	}

	#[test]
	fn variants_should_be_told_by_name() {
		assert_eq!(variant(&Value::unnamed_variant("Trading", [])), Some("Trading"));
		assert_eq!(variant(&Value::u128(1)), None);
	}
}
