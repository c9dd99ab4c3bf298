# Read by ./hello, ./belfry and tests/benchmarks/run.
#
# built HOME MODULE MADE: packages MODULE of the clone at HOME, and what it needs, unless MADE, which that makes, is newer than all sources.
built() {
    [ ! -e "$3" ] || [ -n "$(find "$1" -path '*/src/main/*' -newer "$3" -type f | head -n 1)" ] || return 0
    echo "Building $2 and what it needs, with Maven, which may have to fetch a few things:" >&2
    said=$(cd "$1" && mvn -B -Dmaven.test.skip=true -Dspotless.check.skip=true package -pl "$2" -am 2>&1 | awk '
        { print }
        /^\[INFO\] Building Belfry/ { sub(/^\[INFO\] Building /, ""); gsub(/ +/, " "); print "  " $0 > "/dev/stderr" }
        /BUILD SUCCESS/ { done = 1 }
        END { exit !done }') || {
        echo "$said" | grep -v '^\[INFO\]' >&2
        exit 1
    }
    touch "$3"
}
