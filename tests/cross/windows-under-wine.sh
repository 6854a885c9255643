#!/usr/bin/env bash
# Runs the tests as a Windows program (win-x64) under Wine: the VirtualAlloc backing, and all that stands on it.
#
#   tests/cross/windows-under-wine.sh [--install] [pattern of class names, e.g. '*.Memory.*']
#
# --install installs Wine when it is missing (Debian, Ubuntu; as root). SLABGEN_CROSS_SECONDS: the most for one class (60).
#
# Tried with Wine 8.0 and .NET 10.0. It is Wine's memory manager that is tested, not that of Windows. A class has a
# process to itself: .NET crashes or hangs under Wine 8 when one process runs them all.
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --install ]; then
  shift
  install wine wine wine64
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

# The overrides end here: Wine starts every managed library through its own mscoree.
cd "$work/win-x64/tests"
options=()
run_classes "${1:-*}" wine SlabGen.Tests.exe
