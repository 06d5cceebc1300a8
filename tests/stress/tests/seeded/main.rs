// SPDX-License-Identifier: Apache-2.0
//! Paths, seeded books, and small books over both crashes.

mod book;
mod paths;
mod simulate;
