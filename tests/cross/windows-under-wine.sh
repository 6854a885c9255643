#!/usr/bin/env bash
# Runs the tests as a Windows program (win-x64) under Wine: the VirtualAlloc backing, and all that stands on it.
#
#   tests/cross/windows-under-wine.sh [--install] [options of the test program]
#
#   --install   as root on Debian or Ubuntu: install Wine when it is missing
#   options     replace the default selection, e.g. -class '*OsMemoryTests', or -namespace 'SlabGen.Tests*' for everything
#
# Tried with Wine 8.0 and .NET 10.0. It is Wine's memory manager that is tested, not that of Windows. Not in the default
# selection, because the .NET runtime itself fails under Wine 8: tests with many threads.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --install ]; then
  shift
  if ! command -v wine >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wine wine64
  fi
fi

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || skip "needs Linux on x86-64"
command -v wine >/dev/null || skip "wine is missing; on Debian: apt-get install --no-install-recommends wine wine64, or this script with --install as root"

publish win-x64

# A Windows of its own, without the parts that would ask to be downloaded, and without a window.
export WINEPREFIX="$work/win-x64/wine" WINEDEBUG=-all
unset DISPLAY WAYLAND_DISPLAY
if [ ! -e "$WINEPREFIX/system.reg" ]; then
  echo "== a Windows for $(wine --version)"
  WINEDLLOVERRIDES="mscoree,mshtml=" timeout 300 wine wineboot -i || skip "wine could not set up a Windows"
fi

# Overrides end here: Wine lends the start of every managed library from its own mscoree. Code that reflection emits at
# run time crashes the runtime under Wine, so it was published without.
[ $# -gt 0 ] || set -- "${selection[@]}"
echo "== tests"
cd "$work/win-x64/tests"
timeout "${SLABGEN_CROSS_SECONDS:-900}" wine SlabGen.Tests.exe -noColor -parallelMode none -longRunning 60 "$@"
