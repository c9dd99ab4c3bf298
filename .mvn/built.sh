# Read by ./hello, ./belfry and tests/benchmarks/run.
#
# built HOME MODULE MADE: packages MODULE of the clone at HOME, and what it needs, unless MADE, which that makes, is newer than all sources.
built() {
    [ ! -e "$3" ] || [ -n "$(find "$1" -path '*/src/main/*' -newer "$3" -type f | head -n 1)" ] || return 0
    echo "Building, the first time; Maven may have to fetch a few things." >&2
    said=$(cd "$1" && mvn -B -q -Dmaven.test.skip=true -Dspotless.check.skip=true package -pl "$2" -am 2>&1) || {
        echo "$said" >&2
        exit 1
    }
    touch "$3"
}
