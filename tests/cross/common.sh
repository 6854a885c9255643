# For the scripts beside it, which source it: where things lie, and how the tests are published for another system.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work="$root/.artifacts/cross"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# What runs by default: all but the namespace SlabGen.Tests itself, which holds the tests with many threads and the long
# model tests. An emulator's threads say little about the system that it stands for.
selection=()
for folder in Memory Pages Slabs Magazines Objects Generated Diagnostics Architecture; do
  selection+=(-namespace "SlabGen.Tests.$folder")
done

# Says why nothing ran, and ends without an error: the script is for those who have what it needs.
skip() {
  echo "skipped: $*"
  exit 0
}

# publish RID: the tests with their own copy of .NET, in $work/RID/tests. Build output of its own, so that no other build
# is disturbed. Without code that is emitted at run time: see the scripts.
publish() {
  command -v dotnet >/dev/null || skip "the .NET SDK is missing"
  echo "== publish for $1"
  dotnet publish "$root/tests/SlabGen.Tests" -c Release -r "$1" --self-contained -o "$work/$1/tests" \
    -p:ArtifactsPath="$work/$1/artifacts" -p:DynamicCodeSupport=false -v quiet
}
