// SPDX-License-Identifier: Apache-2.0
//! Reads choices from the fuzzer's bytes. Where they end, zeros follow: the harmless choice has to be the first.

/// What is left of an input.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
	rest: &'a [u8],
}

impl<'a> Bytes<'a> {
	/// All of it.
	pub const fn new(data: &'a [u8]) -> Self {
		Self { rest: data }
	}

	/// Whether there is nothing left to choose from.
	pub const fn is_empty(&self) -> bool {
		self.rest.is_empty()
	}

	/// What is left.
	pub const fn rest(&self) -> &'a [u8] {
		self.rest
	}

	/// Leaves out so many bytes.
	pub fn skip(&mut self, count: usize) {
		self.rest = self.rest.get(count..).unwrap_or_default();
	}

	/// The next byte.
	pub fn byte(&mut self) -> u8 {
		let [byte] = self.array();
		byte
	}

	/// The next bytes.
	pub fn array<const N: usize>(&mut self) -> [u8; N] {
		let mut array = [0; N];
		let count = self.rest.len().min(N);
		array[..count].copy_from_slice(&self.rest[..count]);
		self.skip(count);
		array
	}

	/// A number of two bytes.
	pub fn word(&mut self) -> u16 {
		u16::from_le_bytes(self.array())
	}

	/// A number below `bound`, which is at least 1 and at most 256.
	pub fn below(&mut self, bound: usize) -> usize {
		usize::from(self.byte()) % bound
	}

	/// One of these; `None` if there are none.
	pub fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
		if from.is_empty() {
			return None;
		}
		let index = if from.len() > 256 { usize::from(self.word()) } else { self.byte().into() };
		from.get(index % from.len()).cloned()
	}

	/// Whether the next byte is one of the highest `of_256`: never at the end of the input.
	pub fn chance(&mut self, of_256: u16) -> bool {
		u16::from(self.byte()) + of_256 >= 256
	}

	/// A number of any size: the first byte says how many bits it has.
	pub fn number(&mut self) -> u128 {
		let bits = u32::from(self.byte()) % 129;
		let raw = u128::from_le_bytes(self.array());
		raw.checked_shr(128 - bits).unwrap_or(0)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bytes_should_be_zero_when_the_input_has_ended() {
		let mut bytes = Bytes::new(&[7]);
		assert_eq!(bytes.word(), 7);
		assert!(bytes.is_empty());
		assert_eq!((bytes.byte(), bytes.number(), bytes.chance(255)), (0, 0, false));
	}

	#[test]
	fn pick_should_choose_nothing_when_there_is_nothing() {
		assert_eq!(Bytes::new(&[3]).pick::<u8>(&[]), None);
		assert_eq!(Bytes::new(&[3]).pick(&['a', 'b']), Some('b'));
	}

	#[test]
	fn number_should_have_the_bits_that_its_first_byte_says() {
		let all = [255; 17];
		let sized = |bits: u8| {
			let mut data = all;
			data[0] = bits;
			Bytes::new(&data).number()
		};
		assert_eq!((sized(0), sized(1), sized(64), sized(128)), (0, 1, u64::MAX.into(), u128::MAX));
	}
}
