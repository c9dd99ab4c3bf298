# Read by ./hello, ./belfry and tests/benchmarks/run.
#
# built HOME MADE MODULES: packages MODULES of the clone at HOME, unless MADE, which the last of them makes, is newer than all sources.
# What they need is named, too: Maven's -am would add what only tests need, and the phase "package" resolves it.
built() {
    [ ! -e "$2" ] || [ -n "$(find "$1" -path '*/src/main/*' -newer "$2" -type f | head -n 1)" ] || return 0
    echo "Building $3 with Maven, which may have to fetch a few things:" >&2
    said=$(cd "$1" && mvn -B -Dbelfry.packed=process-classes process-classes -pl "$3" 2>&1 | awk '
        { print }
        /^\[INFO\] Building Belfry/ { sub(/^\[INFO\] Building /, ""); gsub(/ +/, " "); print "  " $0 > "/dev/stderr" }
        /BUILD SUCCESS/ { done = 1 }
        END { exit !done }') || {
        echo "$said" | grep -v '^\[INFO\]' >&2
        exit 1
    }
    touch "$2"
}
