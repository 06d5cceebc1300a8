# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# How the project is compiled: one profile, one target folder, one selection of packages, for people and
# for CI. Another selection would give the dependencies other features and compile them a second time.
# Sourced after common.sh and setup.sh.

build_all() {
	step "Building (from nothing: about 40 minutes on 2 cores; later runs: what changed)"
	(cd "$BALLAST_ROOT" && cargo build --release --locked --workspace) ||
		die "the build fails; the compiler's message is above"
}

# build_runtime NAME FEATURE OPT_LEVEL: the runtime with one feature more, as Wasm. It is built beside the node's, in a
# folder of its own, so that neither makes the other stale. Prints the path.
build_runtime() {
	local name="$1" feature="$2" opt_level="$3" dir="$CARGO_TARGET_DIR/$1"
	mkdir -p "$dir/src"
	cat >"$dir/Cargo.toml" <<-TOML
		[package]
		name = "$name"
		version = "0.0.0"
		edition = "2021"

		[lib]
		crate-type = ["cdylib"]

		[dependencies]
		ballast-runtime = { path = "$BALLAST_ROOT/runtime", default-features = false, features = ["$feature"] }

		[profile.release]
		opt-level = $opt_level
		lto = "fat"
		panic = "abort"
		codegen-units = 1
		strip = true

		[workspace]
	TOML
	printf '#![no_std]\npub use ballast_runtime::*;\n' >"$dir/src/lib.rs"
	cmp -s "$BALLAST_ROOT/Cargo.lock" "$dir/main.lock" || {
		cp "$BALLAST_ROOT/Cargo.lock" "$dir/main.lock"
		cp "$BALLAST_ROOT/Cargo.lock" "$dir/Cargo.lock"
	}
	local cargo=(cargo)
	[ -z "${WASM_BUILD_TOOLCHAIN:-}" ] || cargo=(rustup run "$WASM_BUILD_TOOLCHAIN" cargo)
	# The flags that the runtime's own build uses.
	(cd "$dir" && env -u RUSTC SKIP_WASM_BUILD=1 CARGO_TARGET_DIR="$dir/target" RUSTFLAGS="-C link-arg=--export-table \
		-C link-arg=--export=__heap_base -C link-arg=--import-memory --cfg substrate_runtime" \
		"${cargo[@]}" build --release --target "$WASM_TARGET" >&2) ||
		die "the runtime with the feature $feature does not compile; the compiler's message is above"
	printf '%s\n' "$dir/target/$WASM_TARGET/release/${name//-/_}.wasm"
}

# The same runtime with a higher spec version, for the test that upgrades a chain to its own code: small, as it travels in a
# transaction.
build_next_runtime() {
	build_runtime next-runtime next-spec-version '"s"'
}

# The runtime without lanes and without a search by the protocol, for the control of the stress experiment: compiled as the
# node's own is.
build_control_runtime() {
	build_runtime control-runtime control 3
}
