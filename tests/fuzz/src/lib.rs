// SPDX-License-Identifier: Apache-2.0
//! Fuzz target: arbitrary calls, lapses and prices on the real runtime.
