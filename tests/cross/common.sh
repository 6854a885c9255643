# For the scripts beside it, which source it: where things lie, and how the tests are published for another system.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work="$root/.artifacts/cross"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# Says why nothing ran, and ends without an error: the script is for those who have what it needs.
skip() {
  echo "skipped: $*"
  exit 0
}

# install COMMAND PACKAGE...: on Debian and Ubuntu, as root, when the command is missing.
install() {
  if ! command -v "$1" >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}"
  fi
}

# publish RID: the tests with their own copy of .NET, in $work/RID/tests. Build output of its own, so that no other build
# is disturbed. Without code that reflection emits at run time, which crashes under Wine.
publish() {
  command -v dotnet >/dev/null || skip "the .NET SDK is missing"
  echo "== publish for $1"
  dotnet publish "$root/tests/SlabGen.Tests" -c Release -r "$1" --self-contained -o "$work/$1/tests" \
    -p:ArtifactsPath="$work/$1/artifacts" -p:DynamicCodeSupport=false -v quiet
}

# run_classes PATTERN RUNNER...: each class of tests that matches in a process of its own, and the sum. A class whose process
# ends or hangs without a result (the emulators do that) is run again, method by method.
run_classes() {
  local pattern=$1 class method
  shift
  runner=("$@") passed=0 failed=0 skipped=0 broken=0
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  echo "== tests"
  for class in $(list classes); do
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $class == $pattern ]] || continue
    if ! run -class "$class"; then
      echo "$class: no result; its methods one by one"
      for method in $(list methods -class "$class"); do
        if ! run -method "$method"; then
          broken=$((broken + 1))
          echo "$method: NO RESULT"
          sed -n '3,14p' "$log" | cut -c 1-160
        fi
      done
    fi
  done

  echo "$passed passed, $failed failed, $skipped skipped; $broken without a result"
  [ $((failed + broken)) = 0 ] && [ "$passed" -gt 0 ]
}

# list classes|methods [filter]
list() {
  "${runner[@]}" -noColor -list "$@" | tr -d '\r' | grep -o '^SlabGen[A-Za-z0-9_.+]*'
}

# run -class|-method NAME: runs it and adds its counts to the sum; fails when the process gave no result.
run() {
  timeout "${SLABGEN_CROSS_SECONDS:-60}" "${runner[@]}" -noColor -parallelMode none "${options[@]}" "$@" >"$log" 2>&1 || true
  [[ $(tr -d '\r' <"$log") =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]] || return 1
  local bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
  passed=$((passed + BASH_REMATCH[1] - bad - BASH_REMATCH[4])) failed=$((failed + bad)) skipped=$((skipped + BASH_REMATCH[4]))
  echo "$2: ${BASH_REMATCH[0]}"
  [ "$bad" = 0 ] || grep -A 12 '\[FAIL\]' "$log" || true
}
