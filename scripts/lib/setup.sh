# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Sets up what building and testing needs. Every function looks first and does nothing when the thing
# is there, so a second run costs a second. Sourced after common.sh.

readonly WASM_TARGET=wasm32v1-none
# The toolchain that the Debian path links into rustup, and where its sysroot is put together.
readonly DEBIAN_TOOLCHAIN=ballast-debian
readonly DEBIAN_SYSROOT="$BALLAST_CACHE/debian-sysroot"

setup_build() {
	need_command cc gcc
	need_command curl curl
	need_command git git
	need_command make make
	need_command protoc protobuf-compiler
	setup_rust
	setup_wasm_target
}

setup_rust() {
	# rustup may be installed but not yet on the PATH of this shell.
	if ! have rustup && [ -x "$HOME/.cargo/bin/rustup" ]; then
		export PATH="$HOME/.cargo/bin:$PATH"
	fi
	have rustup || die "rustup is missing: install it from https://rustup.rs and run this again"
	(cd "$BALLAST_ROOT" && cargo --version >/dev/null 2>&1) && return 0
	step "Installing the Rust toolchain named in rust-toolchain.toml"
	(cd "$BALLAST_ROOT" && rustup toolchain install) ||
		die "rustup cannot install the toolchain of rust-toolchain.toml; check the network and try again"
}

# The runtime is compiled to Wasm. rustup's own target is used where rustup can download it; elsewhere
# Debian's compiler and library sources build one.
setup_wasm_target() {
	wasm_target_in_active_toolchain && return 0
	if debian_wasm_toolchain_ready; then
		export WASM_BUILD_TOOLCHAIN="$DEBIAN_TOOLCHAIN"
		return 0
	fi
	step "Adding the Rust target $WASM_TARGET"
	# RUSTUP_AUTO_INSTALL may be off; the timeout is for networks that swallow connections.
	if (cd "$BALLAST_ROOT" && timeout 300 rustup target add "$WASM_TARGET" >"$BALLAST_CACHE.rustup.log" 2>&1) &&
		wasm_target_in_active_toolchain; then
		return 0
	fi
	note "rustup cannot download it here; building it from Debian's Rust packages"
	build_debian_wasm_toolchain
	export WASM_BUILD_TOOLCHAIN="$DEBIAN_TOOLCHAIN"
}

wasm_target_in_active_toolchain() {
	local libdir
	libdir="$(cd "$BALLAST_ROOT" && rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null)" || return 1
	compgen -G "$libdir/libcore-*.rlib" >/dev/null
}

debian_rustc_version() {
	/usr/bin/rustc --version 2>/dev/null | cut -d' ' -f2
}

# The stamp holds the compiler's version: library and compiler must match, and Debian updates both.
debian_wasm_toolchain_ready() {
	[ -f "$DEBIAN_SYSROOT/stamp" ] || return 1
	[ "$(cat "$DEBIAN_SYSROOT/stamp")" = "$(debian_rustc_version)" ] || return 1
	rustup toolchain list | grep -q "^$DEBIAN_TOOLCHAIN\b"
}

build_debian_wasm_toolchain() {
	local help="install the target with 'rustup target add $WASM_TARGET' on a network that reaches static.rust-lang.org"
	apt_install rustc-web cargo-web rust-web-src lld-22 ||
		die "Debian's packages rustc-web, cargo-web, rust-web-src and lld-22 cannot be installed; $help"
	step "Building core and alloc for $WASM_TARGET with Debian's Rust $(debian_rustc_version)"
	rm -rf "$DEBIAN_SYSROOT"
	assemble_debian_sysroot
	build_wasm_core_libraries || die "building the libraries for $WASM_TARGET failed; $help"
	rustup toolchain link "$DEBIAN_TOOLCHAIN" "$DEBIAN_SYSROOT"
	# Wasm compiled against other libraries must not be linked with these.
	rm -rf "$CARGO_TARGET_DIR/release/wbuild"
	debian_rustc_version >"$DEBIAN_SYSROOT/stamp"
}

# A sysroot of links into Debian's, so that nothing under /usr is touched.
assemble_debian_sysroot() {
	local host=x86_64-unknown-linux-gnu
	host="$(/usr/bin/rustc -vV | sed -n 's/^host: //p')"
	mkdir -p "$DEBIAN_SYSROOT/bin" "$DEBIAN_SYSROOT/lib/rustlib/$host/bin" \
		"$DEBIAN_SYSROOT/lib/rustlib/$WASM_TARGET/lib"
	local entry
	for entry in /usr/lib/rustlib/*; do
		[ "$(basename "$entry")" = "$host" ] || ln -sfn "$entry" "$DEBIAN_SYSROOT/lib/rustlib/"
	done
	for entry in "/usr/lib/rustlib/$host"/*; do
		[ "$(basename "$entry")" = bin ] || ln -sfn "$entry" "$DEBIAN_SYSROOT/lib/rustlib/$host/"
	done
	ln -sfn "$(command -v lld-22)" "$DEBIAN_SYSROOT/lib/rustlib/$host/bin/rust-lld"
	printf '#!/bin/sh\nexec /usr/bin/rustc --sysroot "%s" "$@"\n' "$DEBIAN_SYSROOT" >"$DEBIAN_SYSROOT/bin/rustc"
	printf '#!/bin/sh\nRUSTC="%s/bin/rustc" exec /usr/bin/cargo "$@"\n' "$DEBIAN_SYSROOT" >"$DEBIAN_SYSROOT/bin/cargo"
	chmod +x "$DEBIAN_SYSROOT/bin/rustc" "$DEBIAN_SYSROOT/bin/cargo"
}

build_wasm_core_libraries() {
	local work
	work="$(mktemp -d)"
	mkdir -p "$work/src"
	printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[lib]\n' >"$work/Cargo.toml"
	printf '#![no_std]\n' >"$work/src/lib.rs"
	# `embed-bitcode`: the runtime's link-time optimisation reads it.
	(cd "$work" && env -u RUSTC -u RUSTUP_TOOLCHAIN RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C embed-bitcode=yes" \
		CARGO_TARGET_DIR="$work/target" /usr/bin/cargo build -Z build-std=core,alloc --release \
		--target "$WASM_TARGET") >"$BALLAST_CACHE/wasm-target.log" 2>&1 || return 1
	cp "$work/target/$WASM_TARGET/release/deps/"lib{core,alloc,compiler_builtins}-*.rlib \
		"$DEBIAN_SYSROOT/lib/rustlib/$WASM_TARGET/lib/"
	rm -rf "$work"
}

readonly NODE_JS_MAJOR=20
readonly NODE_JS_HOME="$BALLAST_CACHE/node-js"

# The end-to-end tests' packages.
setup_node_js() {
	setup_node_js_runtime
	setup_npm_packages tests/e2e
}

# The market maker, compiled. Its tests are compiled with it.
setup_market_maker() {
	setup_bot market-maker "the market maker"
}

# The keeper, compiled. Its tests are compiled with it.
setup_keeper() {
	setup_bot keeper "the keeper"
}

# What the bots share is compiled with each of them; this is for its tests.
setup_bots_common() {
	setup_bot common "what the bots share"
}

# setup_bot FOLDER NAME: the bot of that folder, compiled with what the bots share.
setup_bot() {
	setup_node_js_runtime
	setup_npm_packages bots
	local bots="$BALLAST_ROOT/bots" dir="$BALLAST_ROOT/bots/$1" sources
	sources="$(cd "$bots" && cksum package-lock.json tsconfig.json "$1"/*.json {common,"$1"}/{src,test}/*.ts)"
	[ "$sources" = "$(cat "$dir/dist/.sources" 2>/dev/null)" ] && return 0
	step "Compiling $2"
	# Packages in the bot's own folder would be a second copy, and its types do not fit those of the shared one.
	rm -rf "$dir/dist" "$dir/node_modules"
	(cd "$dir" && npm run --silent build) || die "$2 does not compile; the compiler's message is above"
	echo "$sources" >"$dir/dist/.sources"
}

# setup_npm_packages DIR: the packages of that folder, exactly as its lock file has them.
setup_npm_packages() {
	local dir="$BALLAST_ROOT/$1" stamp="$BALLAST_ROOT/$1/node_modules/.installed"
	cmp -s "$dir/package-lock.json" "$stamp" 2>/dev/null && return 0
	step "Installing the npm packages of $1"
	(cd "$dir" && npm ci --no-audit --no-fund --loglevel=error) ||
		die "npm cannot install the packages of $1; check the network and try again"
	cp "$dir/package-lock.json" "$stamp"
}

# Distributions ship older versions; the npm registry has every one as a package.
setup_node_js_runtime() {
	if [ -x "$NODE_JS_HOME/node_modules/node/bin/node" ]; then
		export PATH="$NODE_JS_HOME/node_modules/node/bin:$PATH"
	fi
	if ! have node || ! have npm; then
		step "Installing Node.js"
		apt_install nodejs npm || true
	fi
	if ! have node || ! have npm; then
		die "Node.js $NODE_JS_MAJOR or newer with npm is missing: install it from https://nodejs.org and run this again"
	fi
	[ "$(node_js_major)" -ge "$NODE_JS_MAJOR" ] && return 0
	step "Installing Node.js 22 from the npm registry (found $(node --version))"
	npm install --prefix "$NODE_JS_HOME" --no-audit --no-fund --loglevel=error node@22 || true
	export PATH="$NODE_JS_HOME/node_modules/node/bin:$PATH"
	[ "$(node_js_major)" -ge "$NODE_JS_MAJOR" ] ||
		die "Node.js $(node --version) is too old: install version $NODE_JS_MAJOR or newer from https://nodejs.org and run this again"
}

node_js_major() {
	node --version | sed 's/^v\([0-9]*\).*/\1/'
}
