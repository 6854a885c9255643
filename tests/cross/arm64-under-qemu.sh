#!/usr/bin/env bash
# Runs the tests as a Linux program on an emulated ARM processor (linux-arm64) under qemu's user mode.
#
#   tests/cross/arm64-under-qemu.sh [--install] [pattern of class names, e.g. '*.Memory.*']
#
# --install installs qemu when it is missing (Debian, Ubuntu; as root). SLABGEN_CROSS_SECONDS: the most for one class (60).
# The C library, libstdc++ and OpenSSL for ARM come as Debian packages, which are downloaded and unpacked under
# .artifacts/; nothing on the system changes.
#
# Tried with qemu 7.2 and .NET 10.0. The instructions are emulated on the processor that there is: an x86 keeps the order
# of memory accesses where an ARM need not, so this finds no missing barrier.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --install ]; then
  shift
  install qemu-aarch64-static qemu-user-static
fi

[ "$(uname -s)" = Linux ] || skip "needs Linux"
qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) ||
  skip "qemu is missing; on Debian: apt-get install --no-install-recommends qemu-user-static, or this script with --install as root"

sysroot="$work/linux-arm64/sysroot"
if [ ! -e "$sysroot/complete" ]; then
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "the ARM libraries come as Debian packages: apt-get and dpkg-deb are missing"
  echo "== libraries for ARM"
  state="$work/linux-arm64/apt"
  rm -rf "$sysroot" "$state"
  mkdir -p "$sysroot" "$state/lists/partial" "$state/cache/archives/partial" "$state/packages"
  cd "$state/packages"
  # apt with lists and an architecture of its own, which needs no rights.
  apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache"
    -o APT::Sandbox::User="$(id -un)")
  "${apt[@]}" update || skip "this system's package sources could not be read for arm64"
  "${apt[@]}" download libc6 libgcc-s1 libstdc++6 libssl3 2>/dev/null ||
    "${apt[@]}" download libc6 libgcc-s1 libstdc++6 libssl3t64 || skip "this system's package sources have no libc6, libstdc++6 or libssl3 for arm64"
  for package in *.deb; do
    dpkg-deb -x "$package" "$sysroot"
  done

  # Newer packages have no /lib, where the loader is looked for.
  [ -e "$sysroot/lib" ] || ln -s usr/lib "$sysroot/lib"
  touch "$sysroot/complete"
fi

publish linux-arm64

# qemu does not see code change under a second mapping of the same memory, which is how the runtime writes code when
# write-xor-execute is on. It keeps a record for every page that is reserved: the collector's 256 GiB would take gigabytes.
export DOTNET_EnableWriteXorExecute=0 DOTNET_GCRegionRange=0x100000000 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

# For the same reason, not the test that reserves all it can get.
cd "$work/linux-arm64/tests"
options=(-method- '*.LimitAboveTheAddressSpace_IsCutToWhatCanBeReserved_OrRefused')
run_classes "${1:-*}" "$qemu" -L "$sysroot" ./SlabGen.Tests
